"""Claims that lie in the office's tables decide the verdicts of a running gateway, and are told with them."""

from datetime import timedelta
from typing import Any

from sqlmodel import SQLModel, col, select

from contracts.ids import uuid7
from contracts.values import Phone
from gateway.attribution.evidence import Departed, Evidence
from gateway.attribution.service import judge_visit
from gateway.attribution.tables import (
    AgentScanRow,
    BuyingPartyRow,
    CallRow,
    OwnerClaimRow,
    ReferralRow,
    RegistrationRow,
    VerdictRow,
)
from gateway.visits import links
from gateway.visits import store as visits
from gateway.visits.departures import close_forgotten
from gateway.visits.tables import VisitRow
from tests.gateway.house import PIN_HASH, House
from tests.gateway.people import uid

PHONE, OTHER = "13800001111", "13900002222"


async def keep(house: House, *rows: SQLModel) -> None:
    await house.context.writer.run(lambda uow: uow.session.add_all(rows))


def registration(house: House, channel: str, *, masked: bool = False, phone: str = PHONE) -> RegistrationRow:
    """Accepted an hour ago."""
    number, keys = Phone.parse(phone), house.context.keys
    return RegistrationRow(
        registration_id=uuid7(),
        channel_id=uid(channel),
        agent_id=uid(channel.lower()),
        phone_index=None if masked else keys.index("phone", number),
        phone37_index=keys.index("phone37", number.first3_last4),
        accepted_at=house.clock.now - timedelta(hours=1),
    )


async def told(house: House, visit_id: str) -> list[dict[str, Any]]:
    verdicts: list[dict[str, Any]] = (await house.get("manager", f"/v1/visits/{visit_id}/explanation"))["verdicts"]
    return verdicts


async def judge_again(house: House, visit_id: str) -> None:
    def work(uow: Any) -> None:
        visit = uow.session.get(VisitRow, visit_id)
        judge_visit(uow, house.context, visit)
        visits.record(uow, visit)

    await house.context.writer.run(work)


async def test_a_registration_makes_the_visit_its_channels(house: House) -> None:
    row = registration(house, "C")
    claim_id = row.registration_id
    await keep(house, row)
    visit = await house.check_in(PHONE)
    verdict = (await told(house, visit["visit_id"]))[-1]
    assert (verdict["source"], verdict["rule"], verdict["owner_rule"]) == ("channel", "registration", "nobody_yet")
    assert (verdict["channel_id"], verdict["agent_id"], verdict["claim_id"]) == (uid("C"), uid("c"), claim_id)
    assert (await house.get("reception", f"/v1/visits/{visit['visit_id']}"))["source"] == "channel"


async def test_it_stands_when_they_return_and_the_owner_receives(house: House) -> None:
    await house.sign_in("a")
    await keep(house, registration(house, "C"))
    await house.check_in(PHONE)
    await house.accept("a")
    await house.context.writer.run(lambda uow: close_forgotten(uow, house.context))
    house.clock.forward(days=2)
    await house.context.writer.run(lambda uow: close_forgotten(uow, house.context))
    again = await house.check_in(PHONE)
    verdict = (await told(house, again["visit_id"]))[-1]
    assert (verdict["source"], verdict["rule"], verdict["channel_id"]) == ("channel", "source_in_force", uid("C"))
    assert (verdict["owner_rule"], verdict["owner_id"]) == ("live_ownership", uid("a"))
    assert verdict["shares"] == [{"consultant_id": uid("a"), "percent": 100}]


async def test_masked_registrations_conflict_until_a_scan_is_new_evidence(house: House) -> None:
    await keep(house, registration(house, "C", masked=True), registration(house, "D", masked=True))
    visit = await house.check_in(PHONE)
    first = (await told(house, visit["visit_id"]))[-1]
    assert (first["channel_id"], len(first["conflict"])) == (None, 2)
    scan = {"visit_id": visit["visit_id"], "channel_id": uid("D"), "agent_id": uid("d"), "at": house.clock.now}
    await keep(house, AgentScanRow(scan_id=uuid7(), **scan))
    await judge_again(house, visit["visit_id"])
    await judge_again(house, visit["visit_id"])
    before, after = await told(house, visit["visit_id"])
    assert (before["verdict_id"], before["conflict"]) == (first["verdict_id"], first["conflict"])
    assert (after["channel_id"], after["conflict"]) == (uid("D"), [])


async def test_a_number_registered_in_full_is_not_somebody_elses_with_the_same_ends(house: House) -> None:
    await keep(house, registration(house, "C", phone="13899991111"))
    visit = await house.check_in(PHONE)
    assert (await told(house, visit["visit_id"]))[-1]["source"] == "walk_in"


async def test_a_referral_brings_a_new_number(house: House) -> None:
    now = house.clock.now
    index = house.context.keys.index("phone", Phone.parse(PHONE))
    times = {"recorded_at": now - timedelta(days=1), "signed_at": now - timedelta(days=90)}
    await keep(house, ReferralRow(referral_id=uuid7(), referrer_id=uid("o"), phone_index=index, **times))
    visit = await house.check_in(PHONE)
    verdict = (await told(house, visit["visit_id"]))[-1]
    assert (verdict["source"], verdict["rule"], verdict["referrer_id"]) == ("referral", "referral", uid("o"))


async def test_a_call_and_a_family_make_an_owner(house: House) -> None:
    spouse = (await house.check_in(OTHER))["visit_id"]
    mine = (await house.check_in(PHONE))["visit_id"]
    ids = [(await house.get("reception", f"/v1/visits/{v}"))["customer"]["customer_id"] for v in (spouse, mine)]
    now, party = house.clock.now, uuid7()
    await keep(
        house,
        CallRow(call_id=uuid7(), customer_id=ids[0], consultant_id=uid("b"), at=now - timedelta(days=1)),
        BuyingPartyRow(customer_id=ids[0], party_id=party, relation="self", linked_at=now),
        BuyingPartyRow(customer_id=ids[1], party_id=party, relation="spouse", linked_at=now),
    )
    await judge_again(house, mine)
    verdict = (await told(house, mine))[-1]
    assert (verdict["owner_id"], verdict["owner_rule"]) == (uid("b"), "live_ownership")


async def test_who_left_owns_nobody_from_that_day_on(house: House) -> None:
    await house.sign_in("a")
    await house.check_in(PHONE)
    await house.accept("a")
    house.clock.forward(days=2)
    await house.context.writer.run(lambda uow: close_forgotten(uow, house.context))

    await roster_without_a(house, 2)
    house.clock.forward(hours=1)
    await roster_without_a(house, 3)
    again = await house.check_in(PHONE)
    verdict = (await told(house, again["visit_id"]))[-1]
    assert {n["rule"]: n["reason"] for n in verdict["rules"]}["live_ownership"] == "owner_departed"
    assert verdict["owner_id"] is None
    with house.context.database.read() as session:
        stored = session.exec(select(VerdictRow).where(VerdictRow.verdict_id == verdict["verdict_id"])).one()
    signals = Evidence.model_validate_json(stored.evidence).signals
    departed = {s.consultant_id: s.at for s in signals if isinstance(s, Departed)}
    assert departed[uid("a")] < house.clock.now - timedelta(minutes=59)


async def roster_without_a(house: House, version: int) -> None:
    manager = {"person_id": uid("m"), "staff_no": "m", "name": "经理", "role": "manager", "pin_hash": PIN_HASH}
    roster = {"office": "yunqi", "version": version, "people": [manager]}
    assert (await house.call("admin", "PUT", "/v1/roster", roster)).is_success


async def test_a_customer_found_out_after_the_visit_may_be_claimed(house: House) -> None:
    await house.sign_in("a")
    await house.check_in(PHONE)
    await house.accept("a")
    house.clock.forward(days=2)
    await house.context.writer.run(lambda uow: close_forgotten(uow, house.context))
    await house.new_session("b")
    await house.sign_in("b")
    nobody = (await house.check_in())["visit_id"]
    await house.accept("b")
    await house.post("b", f"/v1/visits/{nobody}/finish", {"outcome": "toured"})
    house.clock.forward(hours=1)

    def found_out(uow: Any) -> None:
        known = uow.session.exec(select(VisitRow).where(col(VisitRow.customer_id).is_not(None))).first()
        customer = links.customers.get(uow.session, known.customer_id)
        links.adopt_customer(uow, house.context, uow.session.get(VisitRow, nobody), customer)

    await house.context.writer.run(found_out)
    verdict = (await told(house, nobody))[-1]
    assert (verdict["owner_id"], verdict["owner_rule"]) == (uid("b"), "last_receiver")
    assert verdict["open_until"] is not None
    claim = OwnerClaimRow(claim_id=uuid7(), visit_id=nobody, consultant_id=uid("a"), at=house.clock.now)
    await keep(house, claim)
    await judge_again(house, nobody)
    verdict = (await told(house, nobody))[-1]
    assert (verdict["owner_id"], verdict["owner_rule"], verdict["open_until"]) == (uid("a"), "live_ownership", None)
