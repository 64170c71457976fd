"""Appeals (申诉) that agents file at head office: against what, until when, and who reads what of them."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from contracts.appeal_result import AppealResult, DatedEvidence
from contracts.channels_api import ClaimVerdict
from contracts.down_api import AppealDown
from contracts.facts import AppealRecorded, AppealRefused, VerdictRecorded, WeighedClaim
from contracts.ids import uuid7
from contracts.sealing import Sealer
from tests.central.agency import Agent, Clock, agent_of, items, open_offices
from tests.central.head_office import NOON, Files, HeadOffice, Outbox, running

NUMBER = "138 0011 2345"
WORDS = "客户由我带看，前台未扫码"
REASON = "监控属实"
WEEK, SECOND = timedelta(days=7), timedelta(seconds=1)


class Case:
    """An agent whose registration lost in a verdict that is open to appeal for a week."""

    def __init__(self, hq: HeadOffice, agent: Agent, registration_id: str) -> None:
        self.hq, self.agent, self.registration_id = hq, agent, registration_id
        self.outbox, self.visit_id = Outbox(), uuid7()

    async def judged(self, **members: Any) -> VerdictRecorded:
        facts: dict[str, Any] = {
            "verdict_id": uuid7(),
            "visit_id": self.visit_id,
            "made_at": NOON,
            "source": "walk_in",
            "owner_id": uuid7(),
            "rule": "walk_in",
            "lost_rules": [],
            "policy_version": 1,
            "appeal_until": NOON + WEEK,
            "claims": [WeighedClaim(claim_id=self.registration_id, outcome="lost", reason="too_late", at=NOON)],
        }
        made = VerdictRecorded(**(facts | members))
        assert (await self.hq.send([self.outbox.event(made)])).rejected == 0
        return made

    async def send(self, verdict: VerdictRecorded, who: Agent | None = None, **members: Any) -> httpx.Response:
        key = members.pop("key", "") or uuid7()
        body = {"registration_id": self.registration_id, "verdict_id": verdict.verdict_id, "text": WORDS} | members
        return await (who or self.agent).call("POST", "/v1/appeals", json=body, headers={"Idempotency-Key": key})

    async def read(self, who: Agent | None = None) -> list[ClaimVerdict]:
        return (await (who or self.agent).read(self.registration_id)).verdicts

    def decided(self, appeal_id: str, verdict: VerdictRecorded, **members: Any) -> AppealRecorded:
        sealer = Sealer(self.hq.files.seals["yunqi"])
        facts: dict[str, Any] = {
            "appeal_id": appeal_id,
            "revision": 2,
            "visit_id": self.visit_id,
            "verdict_id": verdict.verdict_id,
            "party_kind": "channel",
            "party_id": self.agent.channel_id,
            "agent_id": self.agent.agent_id,
            "state": "upheld",
            "filed_at": NOON,
            "decided_at": NOON + SECOND,
            "sealed_reason": sealer.seal(REASON, record=appeal_id),
            "result": AppealResult(
                verdict_id=verdict.verdict_id,
                made_at=NOON,
                source="channel",
                rule="appeal_upheld",
                paid_to="you",
                evidence=[DatedEvidence(kind="received", at=NOON, own=False)],
            ),
        }
        return AppealRecorded(**(facts | members))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def case(files: Files, clock: Clock) -> AsyncIterator[Case]:
    async with running(files, clock=clock) as hq:
        await open_offices(hq)
        agent = await agent_of(hq)
        yield Case(hq, agent, (await agent.register(NUMBER)).registration_id)


async def test_an_agent_appeals_against_the_verdict_on_their_own_registration(case: Case) -> None:
    verdict = await case.judged()
    assert (await case.read())[0].may_appeal
    answer = await case.send(verdict)
    assert (answer.status_code, answer.json()["state"], answer.json()["text"]) == (201, "filed", WORDS)
    (shown,) = await case.read()
    assert shown.appeal is not None and shown.appeal.text == WORDS and not shown.may_appeal


async def test_it_goes_down_to_the_office_sealed(case: Case) -> None:
    verdict = await case.judged()
    appeal_id = (await case.send(verdict)).json()["appeal_id"]
    (item,) = await items(case.hq, "appeal")
    body = AppealDown.model_validate(item.body)
    assert (body.verdict_id, body.channel_id, body.filed_at) == (verdict.verdict_id, case.agent.channel_id, NOON)
    assert WORDS not in item.model_dump_json()
    assert Sealer(case.hq.files.seals["yunqi"]).open(body.sealed, record=appeal_id) == WORDS


@pytest.mark.parametrize(("after", "status"), [(WEEK, 201), (WEEK + SECOND, 409)], ids=["last instant", "a second on"])
async def test_the_period_that_the_office_named_ends_after_its_last_instant(
    case: Case, clock: Clock, after: timedelta, status: int
) -> None:
    verdict = await case.judged()
    clock.now += after
    await case.agent.sign_in()
    assert (await case.read())[0].may_appeal is (status == 201)
    answer = await case.send(verdict)
    assert answer.status_code == status
    assert status == 201 or answer.json()["code"] == "appeal_period_over"


async def test_only_the_newest_verdict_on_the_visit_is_appealed_against(case: Case) -> None:
    old = await case.judged()
    await case.judged(made_at=NOON + SECOND)
    answer = await case.send(old)
    assert (answer.status_code, answer.json()["code"]) == (409, "verdict_superseded")
    assert [each.may_appeal for each in await case.read()] == [False, True]


async def test_a_channel_appeals_once(case: Case) -> None:
    verdict = await case.judged()
    assert (await case.send(verdict)).status_code == 201
    answer = await case.send(verdict)
    assert (answer.status_code, answer.json()["code"]) == (409, "already_appealed")


async def test_sent_twice_at_once_under_one_key_it_is_one_appeal(case: Case) -> None:
    verdict = await case.judged()
    answers = await asyncio.gather(*(case.send(verdict, key="same-key-1") for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 201]
    assert len({answer.json()["appeal_id"] for answer in answers}) == 1
    other = await case.send(verdict, key="same-key-1", text="别的")
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")


async def test_what_is_not_an_agent_s_own_seems_not_to_exist(case: Case) -> None:
    verdict = await case.judged()
    elsewhere = await case.judged(visit_id=uuid7(), claims=[])
    colleague = await agent_of(case.hq, "Q02", case.agent.channel_id)
    assert (await case.send(verdict, colleague)).status_code == 404
    assert (await case.send(elsewhere)).status_code == 404


async def test_nobody_but_an_agent_files_here(case: Case) -> None:
    body = {"registration_id": case.registration_id, "verdict_id": (await case.judged()).verdict_id, "text": WORDS}
    for client in (case.hq.admin, case.hq.manager, case.hq.offices["yunqi"]):
        assert (await client.post("/v1/appeals", json=body, headers={"Idempotency-Key": uuid7()})).status_code == 403


@pytest.mark.parametrize("words", ["", "   ", "长" * 501])
async def test_it_says_something_in_at_most_500_characters(case: Case, words: str) -> None:
    answer = await case.send(await case.judged(), text=words)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "text")


async def test_the_decision_is_read_by_who_filed_it_and_by_a_colleague_without_the_words(case: Case) -> None:
    verdict = await case.judged()
    appeal_id = (await case.send(verdict)).json()["appeal_id"]
    assert (await case.hq.send([case.outbox.event(case.decided(appeal_id, verdict))])).rejected == 0
    (shown,) = await case.read()
    assert shown.appeal is not None and shown.appeal.result is not None
    assert (shown.appeal.state, shown.appeal.reason, shown.appeal.result.paid_to) == ("upheld", REASON, "you")
    listed = (await case.hq.manager.get("/v1/registrations")).json()["items"][0]["verdicts"][0]
    assert (listed["appeal"]["state"], listed["appeal"]["text"], listed["appeal"]["reason"]) == ("upheld", "", "")
    assert listed["may_appeal"] is False


async def test_an_older_revision_never_replaces_a_newer(case: Case) -> None:
    verdict = await case.judged()
    appeal_id = (await case.send(verdict)).json()["appeal_id"]
    opened = {"revision": 1, "state": "open", "decided_at": None, "sealed_reason": "", "result": None}
    late = case.outbox.event(case.decided(appeal_id, verdict))
    await case.hq.send([late, case.outbox.event(case.decided(appeal_id, verdict, **opened))])
    appeal = (await case.read())[0].appeal
    assert appeal is not None and (appeal.state, appeal.reason) == ("upheld", REASON)


async def test_an_agent_hears_why_the_office_could_not_file_it(case: Case) -> None:
    verdict = await case.judged()
    appeal_id = (await case.send(verdict)).json()["appeal_id"]
    said = AppealRefused(appeal_id=appeal_id, at=NOON + SECOND, reason="verdict_superseded")
    await case.hq.send([case.outbox.event(said)])
    appeal = (await case.read())[0].appeal
    assert appeal is not None and (appeal.state, appeal.refusal) == ("refused", "verdict_superseded")


async def test_one_that_the_reception_filed_for_the_channel_is_seen_without_its_words(case: Case) -> None:
    verdict = await case.judged()
    filed = case.decided(uuid7(), verdict, revision=1, state="open", decided_at=None, result=None)
    await case.hq.send([case.outbox.event(filed)])
    (shown,) = await case.read()
    assert shown.appeal is not None
    assert (shown.appeal.state, shown.appeal.text, shown.may_appeal) == ("open", "", False)


async def test_a_consultant_s_appeal_leaves_nothing_here(case: Case) -> None:
    verdict = await case.judged()
    await case.hq.send([case.outbox.event(case.decided(uuid7(), verdict, party_kind="consultant", result=None))])
    assert (await case.read())[0].appeal is None


async def test_nothing_that_was_said_stands_in_the_database_in_the_clear(case: Case) -> None:
    verdict = await case.judged()
    appeal_id = (await case.send(verdict)).json()["appeal_id"]
    await case.hq.send([case.outbox.event(case.decided(appeal_id, verdict))])
    async with case.hq.runtime.database.read() as session:
        rows = (await session.execute(text("SELECT text_encrypted, reason_encrypted FROM appeal"))).all()
    stored = b"".join(bytes(value) for row in rows for value in row)
    assert WORDS.encode() not in stored and REASON.encode() not in stored
