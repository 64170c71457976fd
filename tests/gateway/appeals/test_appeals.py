"""Appeals through a running gateway: filed, decided once, and what becomes of the verdict."""

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlmodel import col, select

from contracts.facts import AppealRecorded, VerdictRecorded
from contracts.ids import uuid7
from contracts.policy import PolicyConfig
from gateway.appeals.domain import Party
from gateway.appeals.service import file_appeal
from gateway.appeals.tables import AppealRow
from gateway.attribution.replay import rerun
from gateway.policy import store as policies
from gateway.problems import ProblemError
from gateway.uplink.tables import UplinkEvent
from tests.gateway.attribution.test_claims import keep, registration, told
from tests.gateway.house import House
from tests.gateway.people import uid

PHONE = "13800001111"
TEXT = "客户三周前就由我接待"
REASON = "监控与微信记录属实"
FOR_C = {"source": "channel", "channel_id": uid("C"), "agent_id": uid("c")}


@pytest.fixture
async def visit(house: House) -> Any:
    """Received by consultant a, a walk-in."""
    await house.sign_in("a", "b")
    await house.check_in(PHONE)
    return await house.accept("a")


async def newest(house: House, visit: Any) -> Any:
    return (await told(house, visit["visit_id"]))[-1]


async def file(house: House, visit: Any, who: str = "a", **more: Any) -> httpx.Response:
    body = {"verdict_id": (await newest(house, visit))["verdict_id"], "text": TEXT, **more}
    return await house.call(who, "POST", "/v1/appeals", body, uuid7())


async def filed(house: House, visit: Any, who: str = "a", **more: Any) -> Any:
    answer = await file(house, visit, who, **more)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def decide(house: House, appeal: Any, who: str = "m", outcome: str = "rejected", **more: Any) -> httpx.Response:
    body = {"outcome": outcome, "reason": REASON, **more}
    path = f"/v1/appeals/{appeal['appeal_id']}/decision"
    return await house.call(who, "POST", path, body, seen=f'"{appeal["revision"]}"')


async def uphold(house: House, appeal: Any, **ruling: Any) -> Any:
    answer = await decide(house, appeal, outcome="upheld", ruling=ruling)
    assert answer.status_code == 200, answer.text
    return answer.json()


def uplinked(house: House, kind: str) -> list[Any]:
    with house.context.database.read() as session:
        rows = session.exec(select(UplinkEvent).order_by(col(UplinkEvent.sequence))).all()
    return [json.loads(row.data) for row in rows if row.type == kind]


# ---- filing --------------------------------------------------------------------------------------------------------
async def test_a_consultant_appeals_against_their_own_verdict(house: House, visit: Any) -> None:
    appeal = await filed(house, visit)
    assert (appeal["state"], appeal["party_id"], appeal["text"]) == ("open", uid("a"), TEXT)
    assert await house.get("a", "/v1/appeals") == [appeal]
    assert await house.get("m", "/v1/appeals?state=open") == [appeal]


async def test_nobody_appeals_against_what_does_not_concern_them(house: House, visit: Any) -> None:
    answer = await file(house, visit, "b")
    assert (answer.status_code, answer.json()["code"]) == (403, "not_your_verdict")


@pytest.mark.parametrize("who", ["reception", "m"])
async def test_the_reception_and_the_manager_file_for_a_channel(house: House, visit: Any, who: str) -> None:
    appeal = await filed(house, visit, who, channel_id=uid("C"), agent_id=uid("c"))
    assert (appeal["party_kind"], appeal["party_id"], appeal["agent_id"]) == ("channel", uid("C"), uid("c"))


@pytest.mark.parametrize(("who", "more"), [("reception", {}), ("m", {}), ("a", {"channel_id": uid("C")})])
async def test_in_whose_name_it_is_must_be_clear(house: House, visit: Any, who: str, more: Any) -> None:
    assert (await file(house, visit, who, **more)).status_code == 422


async def test_the_period_ends_after_its_last_instant(house: House, visit: Any) -> None:
    house.clock.forward(days=7, seconds=1)
    await house.new_session("a")
    answer = await file(house, visit)
    assert (answer.status_code, answer.json()["code"]) == (409, "appeal_period_over")


async def test_a_party_appeals_once(house: House, visit: Any) -> None:
    await filed(house, visit)
    answer = await file(house, visit)
    assert (answer.status_code, answer.json()["code"]) == (409, "already_appealed")


async def test_the_same_request_again_is_the_same_appeal(house: House, visit: Any) -> None:
    body = {"verdict_id": (await newest(house, visit))["verdict_id"], "text": TEXT}
    first, again = [await house.call("a", "POST", "/v1/appeals", body, "same-key-1") for _ in range(2)]
    assert (first.status_code, again.status_code, first.json()) == (201, 200, again.json())


async def test_an_appeal_from_central_keeps_its_id_and_time_and_comes_once(house: House, visit: Any) -> None:
    verdict_id = (await newest(house, visit))["verdict_id"]
    at = house.clock.now - timedelta(seconds=1) + timedelta(days=2)
    house.clock.forward(days=9)
    names: dict[str, Any] = {"appeal_id": uuid7(), "filed_at": at, "filed_by": uid("c"), "text": TEXT}
    names |= {"verdict_id": verdict_id, "party": Party("channel", uid("C"), uid("c"))}
    for _ in range(2):
        await house.context.writer.run(lambda uow: file_appeal(uow, house.context, **names))
    with house.context.database.read() as session:
        (row,) = session.exec(select(AppealRow)).all()
    assert (row.appeal_id, row.filed_at, row.revision) == (names["appeal_id"], at, 1)


async def test_an_appeal_from_central_that_was_filed_too_late_is_refused(house: House, visit: Any) -> None:
    verdict_id = (await newest(house, visit))["verdict_id"]
    late = house.clock.now + timedelta(days=7, seconds=1)
    party = Party("channel", uid("C"))
    with pytest.raises(ProblemError) as refused:
        await house.context.writer.run(
            lambda uow: file_appeal(
                uow, house.context, verdict_id=verdict_id, party=party, filed_by="", text=TEXT, filed_at=late
            )
        )
    assert refused.value.code == "appeal_period_over"


async def test_what_was_said_is_encrypted_and_travels_sealed(house: House, visit: Any) -> None:
    appeal = await filed(house, visit)
    assert (await decide(house, appeal)).status_code == 200
    with house.context.database.read() as session:
        stored = b"".join(
            bytes(value) for row in session.exec(select(AppealRow)) for value in (row.text, row.reason or b"")
        )
    sent = uplinked(house, AppealRecorded.TYPE)
    for words in (TEXT, REASON):
        assert words.encode() not in stored
        assert words not in json.dumps(sent, ensure_ascii=False)
    opened = house.context.keys.sealer.open(sent[-1]["sealed_reason"], record=appeal["appeal_id"])
    assert ([e["state"] for e in sent], opened) == (["open", "rejected"], REASON)


# ---- deciding ------------------------------------------------------------------------------------------------------
async def test_upheld_makes_a_new_verdict_and_the_old_one_stays(house: House, visit: Any) -> None:
    before = await told(house, visit["visit_id"])
    decided = await uphold(house, await filed(house, visit, "reception", channel_id=uid("C")), **FOR_C)
    after = await told(house, visit["visit_id"])
    assert after[: len(before)] == before
    assert (after[-1]["rule"], after[-1]["source"], after[-1]["channel_id"]) == ("appeal_upheld", "channel", uid("C"))
    assert decided["result_verdict_id"] == after[-1]["verdict_id"]
    assert (await house.get("m", f"/v1/visits/{visit['visit_id']}"))["source"] == "channel"
    assert uplinked(house, VerdictRecorded.TYPE)[-1]["rule"] == "appeal_upheld"


async def test_a_new_owner_owns_the_customer(house: House, visit: Any) -> None:
    await uphold(house, await filed(house, visit), owner_id=uid("b"))
    seen = await house.get("m", f"/v1/visits/{visit['visit_id']}")
    assert (seen["owner_id"], seen["customer"]["owner_id"]) == (uid("b"), uid("b"))


async def test_the_ruling_holds_on_the_next_visit(house: House, visit: Any) -> None:
    await uphold(house, await filed(house, visit), owner_id=uid("b"))
    await house.post("a", f"/v1/visits/{visit['visit_id']}/finish", {"outcome": "toured"})
    house.clock.forward(hours=3)
    again = await house.check_in(PHONE)
    assert again["visit_id"] != visit["visit_id"]
    assert (await house.get("m", f"/v1/visits/{again['visit_id']}"))["owner_id"] == uid("b")


async def test_it_is_judged_under_the_policy_in_force_at_the_visit(house: House, visit: Any) -> None:
    version = (await newest(house, visit))["policy_version"]
    await house.context.writer.run(lambda uow: policies.adopt(uow.session, PolicyConfig(ownership_days=10), uow.now))
    await uphold(house, await filed(house, visit), owner_id=uid("b"))
    assert (await newest(house, visit))["policy_version"] == version


async def test_a_replay_says_the_same(house: House, visit: Any) -> None:
    await uphold(house, await filed(house, visit), owner_id=uid("b"))
    until = house.clock.now + timedelta(days=1)
    with house.context.database.read() as session:
        again = list(rerun(session, house.context.timezone, until - timedelta(days=2), until, None))
    assert [each.changes for each in again] == [[]] * len(again)
    assert again[-1].row.verdict_id == (await newest(house, visit))["verdict_id"]


async def test_rejected_changes_nothing(house: House, visit: Any) -> None:
    before = await told(house, visit["visit_id"])
    answer = await decide(house, await filed(house, visit))
    assert (answer.json()["state"], answer.json()["reason"]) == ("rejected", REASON)
    assert await told(house, visit["visit_id"]) == before


async def test_accepted_evidence_is_judged_by_the_rules(house: House) -> None:
    """A masked conflict is settled by the agent who brought them, though their code was not read."""
    await keep(house, *(registration(house, name, masked=True) for name in "CD"))
    visit = await house.check_in(PHONE)
    appeal = await filed(house, visit, "reception", channel_id=uid("D"))
    brought = {"kind": "brought_by", "channel_id": uid("D"), "agent_id": uid("d")}
    answer = await decide(house, appeal, outcome="evidence_accepted", evidence=brought)
    said = await newest(house, visit)
    assert answer.json()["state"] == "evidence_accepted"
    assert (said["rule"], said["channel_id"], said["conflict"]) == ("registration", uid("D"), [])


async def test_an_accepted_call_makes_its_consultant_the_owner(house: House, visit: Any) -> None:
    appeal = await filed(house, visit)
    at = (house.clock.now - timedelta(days=3)).isoformat()
    called = {"kind": "called", "consultant_id": uid("b"), "at": at}
    assert (await decide(house, appeal, outcome="evidence_accepted", evidence=called)).status_code == 200
    assert (await newest(house, visit))["owner_id"] == uid("b")


async def test_two_managers_at_once(house: House, visit: Any) -> None:
    appeal = await filed(house, visit)
    assert (await decide(house, appeal)).status_code == 200
    second = await decide(house, appeal, outcome="upheld", ruling={"owner_id": uid("b")})
    assert (second.status_code, second.json()["code"]) == (412, "changed_meanwhile")


async def test_decided_is_decided(house: House, visit: Any) -> None:
    answer = await decide(house, await filed(house, visit))
    again = await decide(house, answer.json())
    assert (again.status_code, again.json()["code"]) == (409, "already_decided")


@pytest.mark.parametrize(("seen", "status"), [(None, 428), ("abc", 412), ('"9"', 412)])
async def test_a_decision_names_what_it_read(house: House, visit: Any, seen: str | None, status: int) -> None:
    appeal = await filed(house, visit)
    body = {"outcome": "rejected", "reason": REASON}
    answer = await house.call("m", "POST", f"/v1/appeals/{appeal['appeal_id']}/decision", body, seen=seen)
    assert answer.status_code == status


async def test_the_etag_is_what_if_match_asks_for(house: House, visit: Any) -> None:
    appeal = await filed(house, visit)
    read = await house.call("m", "GET", f"/v1/appeals/{appeal['appeal_id']}")
    body = {"outcome": "rejected", "reason": REASON}
    path = f"/v1/appeals/{appeal['appeal_id']}/decision"
    answer = await house.call("m", "POST", path, body, seen=read.headers["ETag"])
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"')


@pytest.mark.parametrize("who", ["a", "reception", "manager", "kiosk", "board"])
async def test_only_a_manager_in_person_decides(house: House, visit: Any, who: str) -> None:
    assert (await decide(house, await filed(house, visit), who)).status_code == 403


async def test_a_manager_who_received_the_visit_does_not_decide(house: House) -> None:
    visit = await house.check_in(PHONE)
    appeal = await filed(house, visit, "reception", channel_id=uid("C"))
    called = {"kind": "called", "consultant_id": uid("m"), "at": (house.clock.now - timedelta(days=3)).isoformat()}
    assert (await decide(house, appeal, outcome="evidence_accepted", evidence=called)).status_code == 200
    later = await filed(house, visit, "reception", channel_id=uid("D"))
    answer = await decide(house, later)
    assert (answer.status_code, answer.json()["code"]) == (403, "party_to_it")


@pytest.mark.parametrize(
    "body",
    [
        {"outcome": "upheld"},
        {"outcome": "rejected", "ruling": {"owner_id": uid("a")}},
        {"outcome": "upheld", "ruling": {}},
        {"outcome": "upheld", "ruling": {"source": "channel"}},
        {"outcome": "upheld", "ruling": {"source": "walk_in", "channel_id": uid("C")}},
        {"outcome": "upheld", "ruling": {"owner_id": uid("z")}},
        {"outcome": "evidence_accepted"},
        {"outcome": "rejected", "reason": " "},
    ],
)
async def test_half_a_decision_is_refused(house: House, visit: Any, body: dict[str, Any]) -> None:
    appeal = await filed(house, visit)
    assert (await decide(house, appeal, **body)).status_code == 422
    assert (await house.get("m", f"/v1/appeals/{appeal['appeal_id']}"))["state"] == "open"


# ---- reading -------------------------------------------------------------------------------------------------------
async def test_a_consultant_reads_no_appeal_of_somebody_else(house: House, visit: Any) -> None:
    appeal = await filed(house, visit)
    assert (await house.call("b", "GET", f"/v1/appeals/{appeal['appeal_id']}")).status_code == 403
    assert await house.get("b", "/v1/appeals") == []


async def test_pages_follow_one_another(house: House, visit: Any) -> None:
    for name in "CDE":
        await filed(house, visit, "reception", channel_id=uid(name))
    first = await house.get("m", "/v1/appeals?limit=2")
    rest = await house.get("m", f"/v1/appeals?limit=2&cursor={first[-1]['appeal_id']}")
    assert [a["party_id"] for a in first + rest] == [uid("E"), uid("D"), uid("C")]
