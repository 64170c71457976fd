"""Registrations (报备) and referrals as domain.md has them: accepted, repeated, withdrawn, read."""

import asyncio
import base64
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import text

from contracts.channels_api import RegistrationView
from contracts.down_api import NumberSecret, ReferralDown, RegistrationDown
from contracts.facts import SaleRecorded, VerdictRecorded, WeighedClaim
from contracts.ids import uuid7
from contracts.policy import PolicyConfig
from contracts.sealing import Sealer
from contracts.values import disclosed_of
from tests.central.agency import Agent, Clock, agent_of, items, open_offices
from tests.central.head_office import NOON, Files, HeadOffice, Outbox, customer, running

NUMBER, MASKED = "138 0011 2345", "138****2345"
DAYS, SECOND = timedelta(days=15), timedelta(seconds=1)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def hq(files: Files, clock: Clock) -> AsyncIterator[HeadOffice]:
    async with running(files, clock=clock) as office:
        await open_offices(office)
        yield office


@pytest.fixture
async def agent(hq: HeadOffice) -> Agent:
    return await agent_of(hq)


async def test_it_counts_from_the_instant_it_was_accepted_and_is_shown_masked(agent: Agent) -> None:
    made = await agent.register(NUMBER)
    assert (made.accepted_at, made.protected_until, made.state) == (NOON, NOON + DAYS, "live")
    assert (made.number, made.masked, made.agent_id, made.channel_id) == (
        "138****2345",
        False,
        agent.agent_id,
        agent.channel_id,
    )


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("12345", "phone_too_short"),
        ("138001123456", "phone_too_long"),
        ("12800112345", "phone_not_mobile"),
        ("138*2345", None),
        ("1380011****", "phone_not_digits"),
        ("****2345", "phone_not_digits"),
        ("138****234", "phone_not_digits"),
        ("何女士", "phone_not_digits"),
    ],
)
async def test_a_malformed_number_is_refused_with_its_reason(agent: Agent, number: str, code: str | None) -> None:
    answer = await agent.send(number)
    if code is None:
        assert (answer.status_code, answer.json()["masked"]) == (201, True)
        return
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"field": "number", "code": code}]
    assert number not in answer.text


@pytest.mark.parametrize(
    ("written", "disclosed"),
    [
        ("138****2345", "1382345"),
        ("+86 138-xxxx-2345", "1382345"),
        ("１３８＊＊＊＊２３４５", "1382345"),
        ("1382345", None),
    ],
)
def test_what_a_masked_number_discloses(written: str, disclosed: str | None) -> None:
    assert disclosed_of(written) == disclosed


@pytest.mark.parametrize(
    ("later", "state"),
    [(SECOND, "repeat"), (DAYS - SECOND, "repeat"), (DAYS, "repeat"), (DAYS + SECOND, "live")],
    ids=["at once", "a second before the end", "the last instant", "a second after"],
)
async def test_registering_again_while_one_is_live_extends_nothing(
    agent: Agent, clock: Clock, later: timedelta, state: str
) -> None:
    await agent.register(NUMBER)
    clock.now += later
    await agent.sign_in()
    again = await agent.register(NUMBER)
    assert again.state == state
    assert again.repeats_until == (NOON + DAYS if state == "repeat" else None)


async def test_an_agent_registers_no_more_than_the_office_s_most_within_any_24_hours(
    hq: HeadOffice, agent: Agent, clock: Clock
) -> None:
    policy = PolicyConfig(registrations_per_day=2).model_dump(mode="json")
    assert (await hq.admin.put("/v1/offices/yunqi/policy", json=policy)).status_code == 200
    await agent.register("138****0001")
    clock.now += timedelta(hours=1)
    await agent.register("138****0002", key="the-second")
    refused = await agent.send("138****0003")
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_registrations")
    assert refused.headers["Retry-After"] == str(23 * 3600)
    assert (await agent.send("138****0002", key="the-second")).status_code == 200
    colleague = await agent_of(hq, "Q02", agent.channel_id)
    await colleague.register("138****0003")
    body = {"office": "yunqi", "number": "138****0004", "agent_id": agent.agent_id}
    by_hand = await hq.admin.post("/v1/registrations", json=body, headers={"Idempotency-Key": uuid7()})
    assert by_hand.status_code == 201
    clock.now += timedelta(hours=23)
    await agent.sign_in()
    assert (await agent.send("138****0003")).status_code == 429
    clock.now += timedelta(hours=1)
    await agent.register("138****0003")


async def test_what_repeated_a_live_one_stays_void_when_that_one_has_lapsed(agent: Agent, clock: Clock) -> None:
    await agent.register(NUMBER)
    clock.now += timedelta(days=10)
    await agent.sign_in()
    again = await agent.register(NUMBER)
    clock.now += timedelta(days=10)
    await agent.sign_in()
    assert (await agent.read(again.registration_id)).state == "repeat"
    assert (await agent.register(NUMBER)).state == "live"


async def test_a_colleague_of_the_same_channel_repeats_and_another_channel_does_not(
    hq: HeadOffice, agent: Agent
) -> None:
    await agent.register(NUMBER)
    colleague, rival = await agent_of(hq, "Q02", agent.channel_id), await agent_of(hq, "R01")
    assert (await colleague.register(NUMBER)).state == "repeat"
    assert (await rival.register(NUMBER)).state == "live"


async def test_a_masked_number_repeats_a_masked_one_and_no_full_one(agent: Agent) -> None:
    await agent.register(MASKED)
    assert [(await agent.register(number)).state for number in (NUMBER, MASKED)] == ["live", "repeat"]


async def test_a_withdrawn_one_is_not_repeated_and_withdrawn_twice_is_withdrawn_once(
    agent: Agent, clock: Clock
) -> None:
    first = await agent.register(NUMBER)
    for _ in range(2):
        clock.now += SECOND
        gone = await agent.call("POST", f"/v1/registrations/{first.registration_id}/withdraw")
        assert RegistrationView.model_validate(gone.json()).withdrawn_at == NOON + SECOND
    assert (await agent.read(first.registration_id)).state == "withdrawn"
    assert (await agent.register(NUMBER)).state == "live"


async def test_claims_are_per_project_and_one_without_a_project_covers_all(hq: HeadOffice, agent: Agent) -> None:
    for project in ("lake", "hill"):
        await hq.admin.put(f"/v1/offices/yunqi/projects/{project}", json={"name": project})
    states = [(await agent.register(NUMBER, project=p)).state for p in ("lake", "hill", "lake", "", "hill")]
    assert states == ["live", "live", "repeat", "live", "repeat"]
    unknown = await agent.send(NUMBER, project="moon")
    assert unknown.json()["errors"] == [{"field": "project", "code": "unknown_project"}]


async def test_the_offices_own_days_and_scope_count(hq: HeadOffice, agent: Agent, clock: Clock) -> None:
    await hq.admin.put("/v1/offices/yunqi/projects/lake", json={"name": "lake"})
    rules = {"protection_to_visit_days": 2, "claim_scope": "company", "day_count": "calendar_day"}
    assert (await hq.admin.put("/v1/offices/yunqi/policy", json=rules)).json()["version"] == 1
    made = await agent.register(NUMBER, project="lake")
    assert made.protected_until == NOON + timedelta(days=2, hours=12)
    assert (await agent.register(NUMBER)).state == "repeat"


async def test_sent_twice_at_once_under_one_key_it_is_one_registration(agent: Agent) -> None:
    answers = await asyncio.gather(*(agent.send(NUMBER, key="same-key-1") for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
    assert len({answer.json()["registration_id"] for answer in answers}) == 1
    other = await agent.send("13900112345", key="same-key-1")
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")


async def test_two_of_one_channel_at_once_are_one_claim_and_one_repeat(hq: HeadOffice, agent: Agent) -> None:
    colleague = await agent_of(hq, "Q02", agent.channel_id)
    made = await asyncio.gather(agent.register(NUMBER), colleague.register(NUMBER))
    assert sorted(each.state for each in made) == ["live", "repeat"]


async def test_head_office_registers_for_an_agent_it_names(hq: HeadOffice, agent: Agent) -> None:
    body = {"office": "yunqi", "number": NUMBER}
    key = {"Idempotency-Key": "by-head-office"}
    nobody = await hq.manager.post("/v1/registrations", json=body, headers=key)
    assert nobody.json()["errors"] == [{"field": "agent_id", "code": "missing"}]
    named = await hq.manager.post("/v1/registrations", json=body | {"agent_id": agent.agent_id}, headers=key)
    assert (named.status_code, named.json()["agent_id"]) == (201, agent.agent_id)


async def test_an_agent_registers_for_nobody_else_and_nowhere_else(hq: HeadOffice, agent: Agent) -> None:
    rival = await agent_of(hq, "R01")
    assert (await agent.send(NUMBER, agent_id=rival.agent_id)).status_code == 403
    assert (await agent.send(NUMBER, office="linan")).status_code == 404


async def test_an_agent_reads_their_own_registrations_and_no_colleague_s(hq: HeadOffice, agent: Agent) -> None:
    mine = await agent.register(NUMBER)
    colleague = await agent_of(hq, "Q02", agent.channel_id)
    for method, path in (("GET", ""), ("POST", "/withdraw")):
        answer = await colleague.call(method, f"/v1/registrations/{mine.registration_id}{path}")
        assert answer.status_code == 404
    assert (await colleague.call("GET", "/v1/registrations")).json()["items"] == []
    assert [r["registration_id"] for r in (await agent.call("GET", "/v1/registrations")).json()["items"]] == [
        mine.registration_id
    ]
    assert len((await hq.manager.get("/v1/registrations", params={"office": "yunqi"})).json()["items"]) == 1


async def test_an_agent_reads_what_a_verdict_said_of_their_claim_and_of_others_only_when(
    hq: HeadOffice, agent: Agent
) -> None:
    mine, rivals = await agent.register(NUMBER), uuid7()
    said = VerdictRecorded(
        verdict_id=uuid7(),
        visit_id=uuid7(),
        made_at=NOON + timedelta(hours=2),
        source="channel",
        owner_id=uuid7(),
        rule="registration",
        lost_rules=[],
        policy_version=3,
        claim_id=rivals,
        claims=[
            WeighedClaim(claim_id=mine.registration_id, outcome="lost", reason="later_claim", at=NOON),
            WeighedClaim(claim_id=rivals, outcome="won", reason="first_registered", at=NOON - timedelta(hours=1)),
        ],
    )
    answer = await hq.send([Outbox().event(said)])
    assert answer.rejected == 0
    shown = await agent.call("GET", f"/v1/registrations/{mine.registration_id}")
    (verdict,) = RegistrationView.model_validate(shown.json()).verdicts
    assert (verdict.outcome, verdict.rule, verdict.reason) == ("lost", "registration", "later_claim")
    assert verdict.others == [NOON - timedelta(hours=1)]
    assert rivals not in shown.text and said.visit_id not in shown.text and str(said.owner_id) not in shown.text


async def test_it_goes_down_sealed_and_the_withdrawal_after_it(hq: HeadOffice, agent: Agent, clock: Clock) -> None:
    made = await agent.register(MASKED)
    (item,) = await items(hq, "registration")
    body = RegistrationDown.model_validate(item.body)
    opened = Sealer(hq.files.seals["yunqi"]).open(body.sealed, record=made.registration_id)
    assert NumberSecret.model_validate_json(opened) == NumberSecret(phone37="1382345")
    clock.now += SECOND
    await agent.call("POST", f"/v1/registrations/{made.registration_id}/withdraw")
    (later,) = await items(hq, "registration")
    assert later.revision > item.revision
    assert RegistrationDown.model_validate(later.body).withdrawn_at == NOON + SECOND


async def test_no_number_stands_in_the_database_in_the_clear(hq: HeadOffice, agent: Agent) -> None:
    await agent.register(NUMBER)
    async with hq.runtime.database.read() as session:
        rows = str((await session.execute(text("SELECT * FROM registration"))).all())
        keys = str((await session.execute(text("SELECT * FROM idempotency_key"))).all())
    assert not [secret for secret in ("13800112345", "1382345", "00112345") if secret in rows + keys]


async def _referrer(hq: HeadOffice, *, signed: bool) -> str:
    recorded = customer(hq.files.seals["yunqi"])
    contract = SaleRecorded(
        fact_id=uuid7(), kind="contract", customer_id=recorded.customer_id, consultant_id=uuid7(), amount_fen=1, at=NOON
    )
    outbox = Outbox()
    await hq.send([outbox.event(recorded), *([outbox.event(contract)] if signed else [])])
    return recorded.customer_id


@pytest.mark.parametrize("signed", [True, False])
async def test_only_an_owner_who_has_signed_refers_somebody(hq: HeadOffice, signed: bool) -> None:
    referrer = await _referrer(hq, signed=signed)
    body = {"office": "yunqi", "referrer_id": referrer, "number": NUMBER, "owner_present": True}
    answer = await hq.manager.post("/v1/referrals", json=body, headers={"Idempotency-Key": "referral-1"})
    if not signed:
        assert answer.json()["errors"] == [{"field": "referrer_id", "code": "referrer_not_signed"}]
        return
    assert (answer.status_code, answer.json()["recorded_at"]) == (201, answer.json()["signed_at"])
    assert len((await hq.manager.get("/v1/referrals")).json()["items"]) == 1
    (item,) = await items(hq, "referral")
    down = ReferralDown.model_validate(item.body)
    assert (down.recorded_at, down.owner_present, down.referrer_id) == (NOON, True, referrer)


@pytest.mark.parametrize(
    ("change", "field"),
    [({"number": MASKED}, "number"), ({"referrer_id": "0" * 8 + "-0000-7000-8000-" + "0" * 12}, "referrer_id")],
)
async def test_a_referral_of_a_masked_number_or_an_unknown_referrer_is_refused(
    hq: HeadOffice, change: dict[str, str], field: str
) -> None:
    body = {"office": "yunqi", "referrer_id": await _referrer(hq, signed=True), "number": NUMBER} | change
    answer = await hq.manager.post("/v1/referrals", json=body, headers={"Idempotency-Key": "referral-2"})
    assert [each["field"] for each in answer.json()["errors"]] == [field]


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
async def test_a_cursor_beyond_all_time_is_refused(agent: Agent, at: str) -> None:
    cursor = base64.urlsafe_b64encode(f"{at}|{uuid7()}".encode()).decode()
    answer = await agent.call("GET", f"/v1/registrations?cursor={cursor}")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_cursor")
