"""An agent's dynamic QR at the door: what it proves, once, here and now, and what it does to the verdict."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from contracts.agent_code import AgentCode, issue, window_end, window_of, window_start
from contracts.ids import uuid7
from contracts.policy import PolicyConfig
from gateway.scans.domain import KnownAgent, refusal
from tests.central.agency import Agent, put_agent, put_channel
from tests.gateway.downsync.world import PHONE, World, world
from tests.gateway.house import MORNING
from tests.gateway.people import uid

KEY, AGENT = b"k" * 32, uid("q")
HALF_MINUTE = timedelta(seconds=30)
START = window_start(window_of(MORNING))


def code(**members: Any) -> str:
    facts = {"office": "yunqi", "project": "", "agent_id": AGENT, "at": START}
    return issue(members.pop("key", KEY), **(facts | members))


def judged(text: str, *, now: Any = START, active: bool = True, used: bool = False, key: bytes = KEY) -> str:
    return refusal(AgentCode.parse(text), KnownAgent("c", active, key, used), office="yunqi", now=now)


@pytest.mark.parametrize(
    ("later", "said"),
    [
        (timedelta(0), ""),
        (HALF_MINUTE, ""),
        (2 * HALF_MINUTE - timedelta(microseconds=1), ""),
        (2 * HALF_MINUTE, "expired"),
        (-HALF_MINUTE, ""),
        (-HALF_MINUTE - timedelta(seconds=1), "too_far_in_time"),
    ],
    ids=["its own", "the next", "the last instant of the next", "after the next", "the one before", "earlier still"],
)
def test_a_code_is_good_in_its_half_minute_and_one_on_either_side(later: timedelta, said: str) -> None:
    assert judged(code(), now=START + later) == said


@pytest.mark.parametrize(
    ("text", "how", "said"),
    [
        (code(office="linan"), {}, "other_office"),
        (code(key=b"x" * 32), {}, "forged"),
        (code(), {"active": False}, "inactive_agent"),
        (code(), {"used": True}, "used_before"),
        (code(project="lake").replace("LAKE", "HILL"), {}, "forged"),
        (code().lower() + "\n", {}, ""),
        (code().replace(".", "。"), {}, ""),
        ("13800112345", {}, "malformed"),
        (code()[:-1], {}, "malformed"),
    ],
    ids=["place", "key", "inactive", "used", "another project", "small letters", "input method", "a number", "cut off"],
)
def test_what_is_wrong_with_a_code(text: str, how: dict[str, Any], said: str) -> None:
    assert judged(text, **how) == said


@pytest.mark.parametrize(
    ("projects", "project", "said"),
    [((), "lake", ""), (("lake", "hill"), "lake", ""), (("lake",), "", ""), (("hill",), "lake", "other_project")],
    ids=["none are listed", "one of them", "for all", "not sold here"],
)
def test_a_code_for_a_project_that_the_office_does_not_sell_proves_nothing(
    projects: tuple[str, ...], project: str, said: str
) -> None:
    known = KnownAgent("c", True, KEY, False)
    assert refusal(AgentCode.parse(code(project=project)), known, office="yunqi", now=START, projects=projects) == said


def test_an_unknown_agent_proves_nothing() -> None:
    assert refusal(AgentCode.parse(code()), None, office="yunqi", now=START) == "unknown_agent"


def test_a_forged_code_is_told_as_such_before_anything_it_claims() -> None:
    assert judged(code(key=b"x" * 32, office="linan"), now=START + timedelta(days=1)) == "forged"


@example(place=len("AC1.YUNQI..") + 25, letter="B")
@given(place=st.integers(0, 70), letter=st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"))
def test_no_changed_letter_goes_unnoticed(place: int, letter: str) -> None:
    text = code()
    changed = text[: place % len(text)] + letter + text[place % len(text) + 1 :]
    assert changed == text or judged(changed) != ""


def test_a_half_minute_ends_where_the_next_begins() -> None:
    window = window_of(MORNING)
    assert window_end(window) == window_start(window + 1)


@pytest.fixture
async def both(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path, PolicyConfig(channel_rule="first_brought")) as found:
        yield found


async def shown(agent: Agent) -> str:
    answer = await agent.call("GET", "/v1/agent/code?office=yunqi")
    assert answer.status_code == 200, answer.text
    return str(answer.json()["code"])


async def two_who_registered(both: World) -> tuple[Agent, Agent]:
    """The same number, in good time; the office has heard of it."""
    first, second = await both.agent("Q01"), await both.agent("R01")
    for agent in (first, second):
        await agent.register(PHONE)
    both.clock.forward(minutes=40)
    await both.fetch()
    return first, second


async def read(both: World, text: str, who: str = "kiosk", **more: Any) -> Any:
    return await both.house.post(who, "/v1/scans", {"code": text, **more})


async def test_who_brings_the_visitor_wins_over_who_registered_first(both: World) -> None:
    first, second = await both.agent("Q01"), await both.agent("R01")
    await first.register(PHONE)
    both.clock.forward(minutes=1)
    await second.register(PHONE)
    both.clock.forward(minutes=40)
    await both.fetch()
    answer = await read(both, await shown(second))
    assert (answer["refused"], answer["channel_name"], answer["agent_name"]) == ("", "安家", "何*")
    visit = await both.house.check_in(PHONE)
    (verdict,) = await both.verdicts(visit["visit_id"])
    assert (verdict["agent_id"], verdict["source"]) == (second.agent_id, "channel")
    won = next(note["reason"] for note in verdict["rules"] if note["outcome"] == "won")
    assert won == "brought_by_scan"


async def test_without_a_scan_the_first_registered_wins_and_the_verdict_says_so(both: World) -> None:
    first, _ = await two_who_registered(both)
    visit = await both.house.check_in(PHONE)
    (verdict,) = await both.verdicts(visit["visit_id"])
    won = next(note["reason"] for note in verdict["rules"] if note["outcome"] == "won")
    assert (verdict["agent_id"], won) == (first.agent_id, "first_registered_without_scan")


async def test_a_code_is_good_once(both: World) -> None:
    agent = await both.agent()
    await both.fetch()
    text = await shown(agent)
    assert [(await read(both, text))["refused"] for _ in range(2)] == ["", "used_before"]
    assert both.rows("SELECT refused FROM agent_scans ORDER BY scan_id") == [("",), ("used_before",)]


@pytest.mark.parametrize(("minutes", "joined"), [(9.9, True), (10.1, False)])
async def test_a_scan_belongs_to_the_check_in_within_ten_minutes_at_that_screen(
    both: World, minutes: float, joined: bool
) -> None:
    agent = await both.agent()
    await both.fetch()
    await read(both, await shown(agent))
    both.clock.forward(minutes=minutes)
    visit = await both.house.check_in(PHONE)
    assert both.rows("SELECT visit_id FROM agent_scans") == [(visit["visit_id"] if joined else None,)]


async def test_a_scan_at_the_reception_is_not_of_a_check_in_at_the_kiosk(both: World) -> None:
    agent = await both.agent()
    await both.fetch()
    await read(both, await shown(agent), "reception")
    await both.house.check_in(PHONE)
    assert both.rows("SELECT visit_id FROM agent_scans") == [(None,)]


async def test_a_scan_read_for_one_check_in_is_of_no_other(both: World) -> None:
    agent, mine = await both.agent(), uuid7()
    await both.fetch()
    await read(both, await shown(agent), checkin=mine)
    other = await both.house.check_in("13900116688")
    visit = await both.house.check_in(PHONE, key=mine)
    assert (other["agent"], visit["agent"]["refused"]) == (None, "")
    assert both.rows("SELECT visit_id FROM agent_scans") == [(visit["visit_id"],)]


async def test_a_code_that_the_scanner_reads_twice_still_counts(both: World) -> None:
    agent, mine = await both.agent(), uuid7()
    await both.fetch()
    text = await shown(agent)
    for _ in range(2):
        await read(both, text, checkin=mine)
    visit = await both.house.check_in(PHONE, key=mine)
    assert visit["agent"]["refused"] == ""
    assert both.rows("SELECT DISTINCT visit_id FROM agent_scans") == [(visit["visit_id"],)]


@pytest.mark.parametrize(("text", "said"), [("13800112345", "malformed"), (code(), "unknown_agent")])
async def test_a_refused_code_is_told_and_stops_no_check_in(both: World, text: str, said: str) -> None:
    visit = await both.house.check_in(PHONE, agent_code=text)
    assert (visit["agent"]["refused"], visit["ticket"]["number"]) == (said, 1)


async def test_a_code_belongs_to_a_check_in_or_to_a_visit(both: World) -> None:
    body = {"code": "x", "checkin": uuid7(), "visit_id": uuid7()}
    assert (await both.house.call("reception", "POST", "/v1/scans", body)).status_code == 422


async def test_a_code_in_the_check_in_itself_counts_for_it(both: World) -> None:
    agent = await both.agent()
    await both.fetch()
    visit = await both.house.check_in(PHONE, agent_code=await shown(agent))
    assert both.rows("SELECT visit_id, refused FROM agent_scans") == [(visit["visit_id"], "")]


async def test_the_reception_adds_a_scan_to_a_visit_and_it_is_judged_anew(both: World) -> None:
    first, second = await two_who_registered(both)
    visit = await both.house.check_in(PHONE)
    text = await shown(second)
    assert (await both.house.call("kiosk", "POST", "/v1/scans", {"code": text, **visit_of(visit)})).status_code == 403
    await read(both, text, "reception", **visit_of(visit))
    assert [v["agent_id"] for v in await both.verdicts(visit["visit_id"])] == [first.agent_id, second.agent_id]


async def test_a_code_read_after_the_party_has_gone_wins_nothing_of_their_visit(both: World) -> None:
    first, second = await two_who_registered(both)
    visit = await both.house.check_in(PHONE)
    await both.house.post("m", f"/v1/visits/{visit['visit_id']}/finish", {"outcome": "left"})
    body = {"code": await shown(second), **visit_of(visit)}
    answer = await both.house.call("reception", "POST", "/v1/scans", body)
    assert (answer.status_code, answer.json()["code"]) == (409, "visit_closed")
    assert [v["agent_id"] for v in await both.verdicts(visit["visit_id"])] == [first.agent_id]


def visit_of(visit: Any) -> dict[str, str]:
    return {"visit_id": visit["visit_id"]}


@pytest.mark.parametrize("how", ["left", "channel left the office", "never heard of"])
async def test_an_agent_the_office_does_not_work_with_is_refused(both: World, how: str) -> None:
    agent = await both.agent()
    text = await shown(agent)
    if how == "left":
        await put_agent(both.hq, agent, active=False)
    if how == "channel left the office":
        await put_channel(both.hq, agent.channel_id, offices=[])
    if how != "never heard of":
        await both.fetch()
    assert (await read(both, text))["refused"] == ("inactive_agent" if how == "left" else "unknown_agent")


async def test_the_gateway_s_clock_may_be_wrong_by_minutes(both: World) -> None:
    agent = await both.agent()
    await both.fetch()

    def behind(uow: Any) -> None:
        uow.session.connection().exec_driver_sql("UPDATE down_state SET offset_ms = 300000")

    await both.house.context.writer.run(behind)
    assert (await read(both, await shown(agent)))["refused"] == "expired"
    both.clock.forward(minutes=5)
    text = await shown(agent)
    both.clock.forward(minutes=-5)
    assert (await read(both, text))["refused"] == ""


@pytest.mark.parametrize("who", ["board", "manager", "admin", "a"])
async def test_only_a_kiosk_and_the_reception_read_codes(both: World, who: str) -> None:
    assert (await both.house.call(who, "POST", "/v1/scans", {"code": "x"})).status_code == 403
