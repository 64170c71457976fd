"""Merging from the desk: proposed, decided, read through either id, taken back exactly, and by one of two people."""

from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from sqlmodel import select

from contracts.ids import uuid7
from gateway.attribution.tables import VerdictRow
from gateway.customers.tables import CustomerRow
from gateway.rota.tables import TurnDecisionRow
from gateway.uplink.tables import UplinkEvent
from gateway.visits.tables import VisitRow
from tests.gateway.house import House
from tests.gateway.people import uid

ONE, OTHER = "13800112345", "13911112345"


@dataclass
class Two:
    """One person with two files: `a` received the first number, `b` the second, a day later."""

    house: House
    one: str
    other: str

    async def merge(self, who: str = "m", kept: str | None = None, merged: str | None = None) -> Any:
        body = {"kept_id": kept or self.one, "merged_id": merged or self.other, "reason": "同一人，两个号码"}
        return await self.house.post(who, "/v1/merges", body, uuid7())

    async def decide(
        self, merge: Any, what: str, who: str = "m", key: str | None = None, seen: str | None = None
    ) -> httpx.Response:
        if who not in self.house.tokens and who in "abcm":
            await self.house.new_session(who)
        return await self.house.http.post(
            f"/v1/merges/{merge['merge_id']}/{what}",
            json={"reason": "看过身份证"},
            headers={
                "Authorization": f"Bearer {self.house.tokens.get(who, who)}",
                "Idempotency-Key": key or uuid7(),
                "If-Match": seen or f'"{merge["revision"]}"',
            },
        )

    async def file(self, customer_id: str) -> Any:
        return await self.house.get("m", f"/v1/customers/{customer_id}")


async def received(house: House, letter: str, phone: str) -> str:
    """Somebody comes with that number, is received, and leaves."""
    arrived = await house.check_in(phone, name="陈小明")
    visit = await house.accept(letter)
    await house.post(letter, f"/v1/visits/{arrived['visit_id']}/finish", {"outcome": "toured"})
    customer: str = visit["customer"]["customer_id"]
    return customer


@pytest.fixture
async def two(house: House) -> Two:
    await house.sign_in("a")
    one = await received(house, "a", ONE)
    await house.post("a", "/v1/rota/sign-out")
    house.clock.forward(days=1)
    house.tokens.clear()
    await house.sign_in("b")
    other = await received(house, "b", OTHER)
    return Two(house, one, other)


def verdicts(house: House) -> list[tuple[str, str | None, str | None]]:
    with house.context.database.read() as session:
        rows = session.exec(select(VerdictRow).order_by(VerdictRow.verdict_id)).all()
    return [(row.visit_id, row.customer_id, row.owner_id) for row in rows]


def snapshot(house: House) -> dict[str, Any]:
    """Everything that a merge may touch of files and visits, as it stands."""
    with house.context.database.read() as session:
        files = session.exec(select(CustomerRow)).all()
        visits = session.exec(select(VisitRow)).all()
        turns = session.exec(select(TurnDecisionRow)).all()
    return {
        "files": {
            f.customer_id: f.model_dump(include={"phone_index", "owner_id", "visit_count", "last_visit_at"})
            for f in files
        },
        "visits": {v.visit_id: v.model_dump(exclude={"revision"}) for v in visits},
        "turns": {t.decision_id: t.model_dump() for t in turns},
    }


async def test_a_manager_merges_at_once_and_both_histories_are_read_through_either_id(two: Two) -> None:
    merge = await two.merge()
    assert (merge["state"], merge["proposed_by"]) == ("merged", "经理")
    for customer_id in (two.one, two.other):
        file = await two.file(customer_id)
        assert (file["customer_id"], file["visit_count"], file["owner_id"]) == (two.one, 2, uid("a"))
        timeline = await two.house.get("m", f"/v1/customers/{customer_id}/timeline")
        assert [entry["kind"] for entry in timeline["items"]] == ["visit", "visit"]


async def test_the_earliest_claim_owns_and_the_verdicts_before_stay(two: Two) -> None:
    before = verdicts(two.house)
    await two.merge()
    after = verdicts(two.house)
    assert after[: len(before)] == before
    assert {owner for _, _, owner in after[len(before) :]} == {uid("a")}
    assert {customer for _, customer, _ in after[len(before) :]} == {two.one}


async def test_turns_already_given_do_not_change(two: Two) -> None:
    before = snapshot(two.house)["turns"]
    await two.merge()
    assert snapshot(two.house)["turns"] == before


async def test_unmerging_restores_exactly(two: Two) -> None:
    before = snapshot(two.house)
    merge = await two.merge()
    ended = await two.decide(merge, "end")
    assert (ended.status_code, ended.json()["state"]) == (200, "ended")
    assert snapshot(two.house) == before
    assert ((await two.file(two.one))["owner_id"], (await two.file(two.other))["owner_id"]) == (uid("a"), uid("b"))


async def test_merging_the_other_way_round_gives_the_same_person(two: Two) -> None:
    await two.merge(kept=two.other, merged=two.one)
    file = await two.file(two.one)
    assert (file["customer_id"], file["visit_count"], file["owner_id"]) == (two.other, 2, uid("a"))


async def test_either_number_checks_in_the_one_person(two: Two) -> None:
    await two.merge()
    two.house.clock.forward(hours=1)
    arrived = await two.house.check_in(OTHER)
    visit = await two.house.get("m", f"/v1/visits/{arrived['visit_id']}")
    assert (visit["kind"], visit["customer"]["customer_id"], visit["owner_id"]) == ("return", two.one, uid("a"))
    again = await two.house.check_in(ONE)
    assert (again["visit_id"], again["joined_existing"]) == (arrived["visit_id"], True)


async def test_what_happened_while_merged_stays_with_the_kept_file(two: Two) -> None:
    merge = await two.merge()
    two.house.clock.forward(hours=1)
    await two.house.check_in(OTHER)
    await two.decide(merge, "end")
    assert (await two.file(two.one))["visit_count"] == 2
    assert (await two.file(two.other))["visit_count"] == 1


async def test_search_shows_the_person_once(two: Two) -> None:
    await two.merge()
    for text in ("陈小明", OTHER, ONE):
        page = await two.house.post("reception", "/v1/customers/search", {"text": text})
        assert [item["customer"]["customer_id"] for item in page["items"]] == [two.one]


async def test_the_reception_proposes_and_the_manager_accepts(two: Two) -> None:
    merge = await two.merge("reception")
    assert merge["state"] == "proposed"
    assert (await two.file(two.other))["customer_id"] == two.other
    refused = await two.decide(merge, "accept", who="reception")
    assert refused.status_code == 403
    accepted = await two.decide(merge, "accept")
    assert (accepted.json()["state"], accepted.headers["ETag"]) == ("merged", '"2"')
    assert (await two.file(two.other))["customer_id"] == two.one


async def test_the_manager_says_they_are_two_people(two: Two) -> None:
    merge = await two.merge("reception")
    assert (await two.decide(merge, "refuse")).json()["state"] == "refused"
    late = await two.decide({**merge, "revision": 2}, "accept")
    assert (late.status_code, late.json()["code"]) == (409, "decided")


async def test_of_two_managers_at_once_the_second_is_told(two: Two) -> None:
    merge = await two.merge("reception")
    assert (await two.decide(merge, "accept")).status_code == 200
    second = await two.decide(merge, "refuse", who="admin")
    assert (second.status_code, second.json()["code"]) == (412, "changed_meanwhile")


async def test_the_same_decision_sent_twice_is_one(two: Two) -> None:
    merge = await two.merge("reception")
    key = uuid7()
    first, second = await two.decide(merge, "accept", key=key), await two.decide(merge, "accept", key=key)
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json() == second.json()


async def test_a_decision_without_the_revision_it_was_made_on_is_refused(two: Two) -> None:
    merge = await two.merge("reception")
    path = f"/v1/merges/{merge['merge_id']}/accept"
    answer = await two.house.call("m", "POST", path, {"reason": "x"}, uuid7())
    assert (answer.status_code, answer.json()["code"]) == (428, "if_match_needed")


async def test_the_same_two_files_are_asked_about_once(two: Two) -> None:
    await two.merge("reception")
    body = {"kept_id": two.other, "merged_id": two.one, "reason": "x"}
    answer = await two.house.call("reception", "POST", "/v1/merges", body, uuid7())
    assert (answer.status_code, answer.json()["code"]) == (409, "proposed_already")


async def test_chains_and_cycles_are_refused(two: Two) -> None:
    await two.merge()
    third = await received(two.house, "b", "13622223333")
    for kept, merged, code in (
        (two.other, two.one, "kept_is_merged"),
        (two.other, third, "kept_is_merged"),
        (third, two.one, "merged_speaks_for_others"),
        (third, two.other, "already_merged"),
        (third, third, "same_file"),
    ):
        body = {"kept_id": kept, "merged_id": merged, "reason": "x"}
        answer = await two.house.call("m", "POST", "/v1/merges", body, uuid7())
        assert (answer.status_code, answer.json()["code"]) == (409, code)
    await two.merge(merged=third)
    assert (await two.file(third))["visit_count"] == 3


async def test_three_files_unmerged_in_another_order_are_what_they_were(two: Two) -> None:
    third = await received(two.house, "b", "13622223333")
    before = snapshot(two.house)
    first, second = await two.merge(), await two.merge(merged=third)
    await two.decide(first, "end")
    assert (await two.file(third))["customer_id"] == two.one
    await two.decide(second, "end")
    assert snapshot(two.house) == before


async def test_the_list_says_who_and_why(two: Two) -> None:
    merge = await two.merge("reception")
    await two.decide(merge, "accept")
    (item,) = (await two.house.get("reception", f"/v1/merges?state=merged&customer_id={two.other}"))["items"]
    assert (item["proposed_by"], item["decided_by"], item["reason"]) == ("reception", "经理", "同一人，两个号码")
    assert (item["merged"]["phone"], item["decision_reason"]) == ("139****2345", "看过身份证")
    answer = await two.house.call("m", "GET", f"/v1/merges/{merge['merge_id']}")
    assert answer.headers["ETag"] == '"2"'


@pytest.mark.parametrize("who", ["kiosk", "board", "a"])
async def test_nobody_else_merges_or_reads_merges(house: House, who: str) -> None:
    body = {"kept_id": uid("x"), "merged_id": uid("y"), "reason": "x"}
    assert (await house.call(who, "POST", "/v1/merges", body, uuid7())).status_code == 403
    assert (await house.call(who, "GET", "/v1/merges")).status_code == 403


async def test_unknown_files_and_merges_are_404(house: House) -> None:
    body = {"kept_id": uid("x"), "merged_id": uid("y"), "reason": "x"}
    assert (await house.call("m", "POST", "/v1/merges", body, uuid7())).status_code == 404
    assert (await house.call("m", "GET", f"/v1/merges/{uid('z')}")).status_code == 404


async def test_head_office_is_told_of_both(two: Two) -> None:
    merge = await two.merge()
    await two.decide(merge, "end")
    with two.house.context.database.read() as session:
        told = [row.type for row in session.exec(select(UplinkEvent)) if row.type == "customer.merged.v1"]
    assert len(told) == 2


async def test_who_owns_by_a_call_stays_owner_while_their_file_is_merged_and_no_longer(house: House) -> None:
    arrived = await house.check_in(ONE)
    visit = await house.post("m", f"/v1/visits/{arrived['visit_id']}/finish", {"outcome": "left"})
    kept = visit["customer"]["customer_id"]
    house.clock.forward(hours=1)
    called = {}
    for letter, phone in (("b", OTHER), ("c", "13911112346")):
        taken = await house.post(letter, "/v1/calls", {"phone": phone, "name": "陈小明"}, uuid7())
        called[letter] = taken["customer_id"]
        house.clock.forward(minutes=1)
    two = Two(house, kept, called["b"])
    first, second = await two.merge(), await two.merge(merged=called["c"])
    owners = [(await two.file(kept))["owner_id"]]
    for merge in (first, second):
        assert (await two.decide(merge, "end")).status_code == 200
        owners.append((await two.file(kept))["owner_id"])
    assert owners == [uid("b"), uid("c"), None]
    assert [(await two.file(called[letter]))["owner_id"] for letter in "bc"] == [uid("b"), uid("c")]
