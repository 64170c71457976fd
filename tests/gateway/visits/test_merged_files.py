"""One person on two files: before the merge two people came, from it on one, and two again when it is ended."""

from datetime import timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.ids import uuid7
from gateway.policy import PolicyConfig
from gateway.visits.assembly import Day, Visit, assemble
from gateway.visits.merged import Merged
from gateway.visits.signals import Signal, in_order
from tests.gateway.house import House
from tests.gateway.visits.days import ZONE, at
from tests.gateway.visits.test_oracle import random_day
from tests.gateway.visits.test_reception import agree, cross

ONE, OTHER = "13800112345", "13911112345"
seeds = st.integers(min_value=0, max_value=10**9)
DAWN = at("00:00")


# ---- any day ---------------------------------------------------------------------------------------------------------
def told(visit: Visit) -> tuple[Any, ...]:
    """All of a visit but on which file it lies."""
    return (
        visit.visit_id,
        visit.arrived_at,
        visit.people,
        visit.signals,
        visit.closed_at,
        visit.close_reason,
        visit.non_customer,
        visit.steps,
    )


def same(one: Day, other: Day) -> bool:
    visits = [told(v) for v in one.visits] == [told(v) for v in other.visits]
    return visits and one.counted == other.counted and one.unplaced == other.unplaced


def play(signals: list[Signal], *merges: Merged) -> Day:
    return assemble(signals, PolicyConfig(), ZONE, until=at("23:00"), merges=merges)


@given(seeds, st.sampled_from(["li", "wang"]))
@settings(max_examples=200, deadline=None)
def test_merged_before_they_come_they_are_what_one_file_would_have_been(seed: int, kept: str) -> None:
    signals = random_day(seed)
    merged = "wang" if kept == "li" else "li"
    one_file = [s.model_copy(update={"party": kept}) if s.party == merged else s for s in signals]
    assert same(play(signals, Merged(kept, merged, DAWN)), play(one_file))


@given(seeds, seeds)
@settings(max_examples=200, deadline=None)
def test_what_was_decided_before_the_merge_stands(seed: int, when: int) -> None:
    signals = sorted(random_day(seed), key=in_order)
    moment = Random(when).choice(signals).at + timedelta(microseconds=1)
    later = {visit.visit_id: visit for visit in play(signals, Merged("li", "wang", moment)).visits}
    for visit in assemble([s for s in signals if s.at < moment], PolicyConfig(), ZONE).visits:
        assert visit.signals <= later[visit.visit_id].signals
        assert visit.steps == later[visit.visit_id].steps[: len(visit.steps)]


@given(seeds, seeds)
@settings(max_examples=200, deadline=None)
def test_a_merge_ended_before_anybody_came_again_never_was(seed: int, when: int) -> None:
    signals = random_day(seed)
    moment = Random(when).choice(signals).at
    brief = Merged("li", "wang", moment + timedelta(microseconds=1), moment + timedelta(microseconds=9))
    assert same(play(signals, brief), play(signals))


# ---- at the desk -----------------------------------------------------------------------------------------------------
async def merge(house: House, visits: list[str]) -> Any:
    """The files of two visits; the first is kept."""
    kept, merged = [(await house.get("m", f"/v1/visits/{visit}"))["customer"]["customer_id"] for visit in visits]
    return await house.post("m", "/v1/merges", {"kept_id": kept, "merged_id": merged, "reason": "两个号码"}, uuid7())


async def two_numbers(house: House) -> list[str]:
    """The same person checks in with one number, with the other five minutes later, and goes; merged a minute after."""
    first = (await house.check_in(ONE))["visit_id"]
    house.clock.forward(minutes=5)
    second = (await house.check_in(OTHER))["visit_id"]
    house.clock.forward(minutes=5)
    await house.post("reception", f"/v1/visits/{second}/departure")
    house.clock.forward(minutes=1)
    return [first, second]


async def test_the_stored_day_is_the_assembled_one_after_a_merge(house: House) -> None:
    """They left with the other number half an hour ago: with the kept one they now come anew."""
    visits = await two_numbers(house)
    await merge(house, visits)
    house.clock.forward(minutes=30)
    await cross(house)
    assert (await house.check_in(ONE))["visit_id"] not in visits
    agree(house)


@pytest.mark.parametrize("number", [ONE, OTHER])
async def test_whoever_left_on_one_file_is_back_in_time_on_either(house: House, number: str) -> None:
    visits = await two_numbers(house)
    await merge(house, visits)
    house.clock.forward(minutes=5)
    assert (await house.check_in(number))["visit_id"] == visits[1]
    agree(house)


async def test_unmerged_each_number_has_its_own_visits_again(house: House) -> None:
    visits = await two_numbers(house)
    made = await merge(house, visits)
    ended = await house.call(
        "m", "POST", f"/v1/merges/{made['merge_id']}/end", {"reason": "两个人"}, uuid7(), f'"{made["revision"]}"'
    )
    assert ended.status_code == 200, ended.text
    house.clock.forward(minutes=5)
    back = [(await house.check_in(number))["visit_id"] for number in (ONE, OTHER)]
    assert back == visits, "the first was still here, the second stepped out for eleven minutes"
    agree(house)
