"""An agent's appeal from head office to the manager and back: a real head office and a real gateway, a line by hand."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from contracts.channels_api import ClaimAppeal, ClaimVerdict
from contracts.down_api import DownPage
from contracts.ids import uuid7
from gateway.downsync import service
from tests.central.agency import Agent
from tests.gateway.downsync.world import PHONE, World, world
from tests.gateway.people import uid

WORDS = "到访前五分钟已带到门口"


class Case:
    """A registration too late for the visit, so that the verdict says walk-in; head office knows it."""

    def __init__(self, both: World, agent: Agent, registration_id: str, visit_id: str) -> None:
        self.both, self.agent, self.registration_id, self.visit_id = both, agent, registration_id, visit_id

    async def read(self) -> list[ClaimVerdict]:
        return (await self.agent.read(self.registration_id)).verdicts

    async def newest(self) -> ClaimVerdict:
        return (await self.read())[-1]

    async def appeal(self) -> ClaimAppeal:
        found = (await self.newest()).appeal
        assert found is not None
        return found

    async def file(self) -> str:
        verdict_id = (await self.newest()).verdict_id
        body = {"registration_id": self.registration_id, "verdict_id": verdict_id, "text": WORDS}
        answer = await self.agent.call("POST", "/v1/appeals", json=body, headers={"Idempotency-Key": uuid7()})
        assert answer.status_code == 201, answer.text
        appeal_id: str = answer.json()["appeal_id"]
        return appeal_id

    async def at_the_office(self) -> list[Any]:
        found: list[Any] = await self.both.house.get("m", "/v1/appeals")
        return found

    async def decide(self, **decision: Any) -> None:
        (appeal,) = await self.at_the_office()
        answer = await self.both.house.call(
            "m",
            "POST",
            f"/v1/appeals/{appeal['appeal_id']}/decision",
            {"reason": "监控属实"} | decision,
            seen=f'"{appeal["revision"]}"',
        )
        assert answer.status_code == 200, answer.text
        await self.both.uplink()


@pytest.fixture
async def case(tmp_path: Path) -> AsyncIterator[Case]:
    async with world(tmp_path) as both:
        agent = await both.agent()
        made = await agent.register(PHONE)
        await both.fetch()
        await both.house.sign_in("a")
        visit = await both.house.check_in(PHONE)
        await both.house.accept("a")
        await both.uplink()
        yield Case(both, agent, made.registration_id, visit["visit_id"])


async def test_it_is_the_channel_s_appeal_at_the_office_as_of_when_the_agent_filed_it(case: Case) -> None:
    filed_at = case.both.clock.now
    appeal_id = await case.file()
    case.both.clock.forward(hours=5)
    await case.both.fetch()
    (appeal,) = await case.at_the_office()
    assert (appeal["appeal_id"], appeal["text"], appeal["state"]) == (appeal_id, WORDS, "open")
    assert (appeal["party_kind"], appeal["party_name"], appeal["filed_by"]) == ("channel", "安家", "何欣")
    assert datetime.fromisoformat(appeal["filed_at"]) - filed_at < timedelta(seconds=1)
    await case.both.uplink()
    assert (await case.appeal()).state == "open"


async def test_upheld_it_is_paid_to_the_channel_and_the_agent_reads_it_of_others_only_that_they_exist(
    case: Case,
) -> None:
    await case.file()
    await case.both.fetch()
    ruling = {"source": "channel", "channel_id": case.agent.channel_id, "claim_id": case.registration_id}
    await case.decide(outcome="upheld", ruling=ruling)
    *_, before, after = await case.read()
    assert before.appeal is not None and before.appeal.result is not None
    assert (before.appeal.state, before.appeal.reason) == ("upheld", "监控属实")
    assert (before.appeal.result.paid_to, before.appeal.result.verdict_id) == ("you", after.verdict_id)
    assert (after.outcome, after.rule, after.may_appeal) == ("won", "appeal_upheld", True)
    owned = {evidence.kind: evidence.own for evidence in before.appeal.result.evidence}
    assert (owned["registration"], owned["received"]) == (True, False)


async def test_rejected_the_agent_reads_the_reason_and_the_verdict_stands(case: Case) -> None:
    await case.file()
    await case.both.fetch()
    await case.decide(outcome="rejected")
    verdict = await case.newest()
    assert verdict.appeal is not None and verdict.appeal.result is not None
    assert (verdict.appeal.state, verdict.appeal.reason, verdict.may_appeal) == ("rejected", "监控属实", False)
    assert verdict.appeal.result.paid_to == "nobody"


async def test_filed_in_time_it_counts_however_long_the_line_was_cut(case: Case) -> None:
    case.both.clock.forward(days=7, seconds=-5)
    await case.agent.sign_in()
    await case.file()
    case.both.clock.forward(days=5)
    case.both.house.tokens.clear()
    await case.both.fetch()
    assert [each["state"] for each in await case.at_the_office()] == ["open"]


async def test_told_again_with_everything_else_it_is_one_appeal(case: Case) -> None:
    await case.file()
    await case.both.fetch()
    await case.both.house.context.writer.run(service.begin_again)
    await case.both.fetch()
    assert [each["revision"] for each in await case.at_the_office()] == [1]


async def test_against_a_verdict_that_was_replaced_meanwhile_the_agent_hears_it_and_appeals_again(case: Case) -> None:
    await case.file()
    (*_, verdict) = await case.both.verdicts(case.visit_id)
    body = {"verdict_id": verdict["verdict_id"], "text": "客户归同事"}
    other = await case.both.house.post("a", "/v1/appeals", body, uuid7())
    ruling = {"outcome": "upheld", "reason": "属实", "ruling": {"owner_id": uid("b")}}
    await case.both.house.call("m", "POST", f"/v1/appeals/{other['appeal_id']}/decision", ruling, seen='"1"')
    await case.both.fetch()
    await case.both.uplink()
    *_, old, new = await case.read()
    assert old.appeal is not None and (old.appeal.state, old.appeal.refusal) == ("refused", "verdict_superseded")
    assert new.may_appeal
    await case.file()
    await case.both.fetch()
    assert [each["state"] for each in await case.at_the_office() if each["party_kind"] == "channel"] == ["open"]


async def test_the_reception_was_first_and_the_agent_hears_it(case: Case) -> None:
    await case.file()
    verdict_id = (await case.newest()).verdict_id
    body = {"verdict_id": verdict_id, "text": "代渠道", "channel_id": case.agent.channel_id}
    await case.both.house.post("reception", "/v1/appeals", body, uuid7())
    await case.both.fetch()
    await case.both.uplink()
    appeal = await case.appeal()
    assert (appeal.state, appeal.text) == ("open", "")
    assert len(await case.at_the_office()) == 1


async def test_one_that_cannot_be_opened_is_shown_and_keeps_nothing_else_from_the_office(case: Case) -> None:
    await case.file()
    after = case.both.sync._cursor()
    page = (await case.both.hq.offices["yunqi"].get("/v1/offices/yunqi/down", params={"after": after})).json()
    damaged = [item | {"body": item["body"] | {"sealed": "AAAA"}} for item in page["items"] if item["kind"] == "appeal"]
    assert damaged
    read = DownPage.model_validate(page | {"items": damaged})
    await case.both.house.context.writer.run(lambda uow: service.take(uow, case.both.house.context, read, after))
    faults = (await case.both.house.get("m", "/v1/sync"))["faults"]
    assert [(fault["kind"], fault["reason"]) for fault in faults] == [("appeal", "sealed_with_another_key")]
