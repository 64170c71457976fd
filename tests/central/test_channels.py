"""Channels and agents: who signs in, what they may, and the dynamic QR."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import text

from contracts.agent_code import AgentCode
from contracts.down_api import AgentDown, AgentSecret
from contracts.ids import uuid7
from contracts.sealing import Sealer
from tests.central.agency import Clock, agent_of, items, open_offices, put_agent, put_channel, sign_in
from tests.central.head_office import NOON, Files, HeadOffice, Person, running
from tests.support.pins import quick_hash


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def hq(files: Files, clock: Clock) -> AsyncIterator[HeadOffice]:
    files.people = [Person("zhou", "H01", "周敏", "manager", quick_hash("1357"))]
    async with running(files, clock=clock) as office:
        await open_offices(office)
        yield office


async def test_an_agent_signs_in_and_reaches_nothing_but_their_own_routes(hq: HeadOffice) -> None:
    agent = await agent_of(hq)
    session = (await sign_in(hq, "Q01")).json()
    assert (session["role"], session["name"], session["person_id"]) == ("agent", "何欣", agent.agent_id)
    assert (await agent.call("GET", "/v1/agent")).json()["channel"] == "安家"
    refused = ("/v1/overview", "/v1/customers", "/v1/visits", "/v1/channels", "/v1/referrals", "/v1/offices/yunqi/down")
    assert {(await agent.call("GET", path)).status_code for path in refused} == {403}


async def test_five_wrong_pins_lock_an_agent_as_they_lock_anybody(hq: HeadOffice) -> None:
    await agent_of(hq)
    answers = [(await sign_in(hq, "Q01", "9999")).status_code for _ in range(5)]
    assert (answers, (await sign_in(hq, "Q01")).status_code) == ([401] * 5, 429)


@pytest.mark.parametrize("change", ["new PIN", "agent left", "channel closed"])
async def test_a_session_ends_with_the_pin_the_agent_or_the_channel(hq: HeadOffice, change: str) -> None:
    agent = await agent_of(hq)
    if change == "new PIN":
        await put_agent(hq, agent, pin_hash=quick_hash("8642"))
    elif change == "agent left":
        await put_agent(hq, agent, active=False)
    else:
        await put_channel(hq, agent.channel_id, active=False)
    assert (await agent.call("GET", "/v1/agent")).status_code == 401
    assert ((await sign_in(hq, "Q01")).status_code == 401) or change == "new PIN"


async def test_a_number_that_somebody_else_signs_in_with_is_refused(hq: HeadOffice) -> None:
    agent = await agent_of(hq)
    for staff_no in ("Q01", "H01"):
        agent.agent_id, agent.staff_no = uuid7(), staff_no
        answer = await put_agent(hq, agent)
        assert (answer.status_code, answer.json()["code"]) == (409, "staff_no_taken")


async def test_an_agent_is_known_only_at_offices_that_the_channel_works_for(hq: HeadOffice) -> None:
    agent = await agent_of(hq, offices=["yunqi"])
    assert [item.id for item in await items(hq, "agent")] == [agent.agent_id]
    assert await items(hq, "agent", "linan") == []
    await put_channel(hq, agent.channel_id, offices=["linan"])
    assert [item.deleted for item in await items(hq, "agent")] == [True]
    assert [item.deleted for item in await items(hq, "agent", "linan")] == [False]


async def test_the_code_of_each_half_minute_is_another_and_verifies_with_the_key_sent_down(
    hq: HeadOffice, clock: Clock
) -> None:
    agent = await agent_of(hq)
    first, same = [(await agent.call("GET", "/v1/agent/code?office=yunqi")).json() for _ in range(2)]
    clock.now += timedelta(seconds=30)
    later = (await agent.call("GET", "/v1/agent/code?office=yunqi")).json()
    assert first["code"] == same["code"] != later["code"]
    body = AgentDown.model_validate((await items(hq, "agent"))[0].body)
    opened = Sealer(hq.files.seals["yunqi"]).open(body.sealed, record=agent.agent_id)
    read = AgentCode.parse(first["code"])
    assert read is not None
    assert read.fault(AgentSecret.model_validate_json(opened).key, office="yunqi", now=NOON) == ""


async def test_no_code_for_a_place_that_is_not_the_agents(hq: HeadOffice) -> None:
    agent = await agent_of(hq)
    for place in ("office=linan", "office=yunqi&project=lake"):
        assert (await agent.call("GET", f"/v1/agent/code?{place}")).status_code == 404
    await hq.admin.put("/v1/offices/yunqi/projects/lake", json={"name": "湖岸"})
    assert (await agent.call("GET", "/v1/agent/code?office=yunqi&project=lake")).status_code == 200


async def test_neither_name_nor_pin_nor_key_of_an_agent_stands_in_the_database(hq: HeadOffice) -> None:
    await agent_of(hq)
    async with hq.runtime.database.read() as session:
        rows = str((await session.execute(text("SELECT * FROM agent"))).all())
    assert "何欣" not in rows and "2468" not in rows
