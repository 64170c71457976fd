"""Decision tables of recognised arrivals, with their last instants."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.greetings.domain import (
    Decision,
    Face,
    Inputs,
    KnownVisit,
    Number,
    NumberInputs,
    at_kiosk,
    decide,
    is_over,
    seen_at,
    weigh_number,
)
from gateway.greetings.names import family_name
from gateway.ingest.handlers import LATE
from gateway.policy import PolicyConfig

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
TICK = timedelta(microseconds=1)
POLICY = PolicyConfig()


def judged(**more: Any) -> Decision:
    values: dict[str, Any] = {
        "customer_id": "chen",
        "consent": "active",
        "customer_known": True,
        "track": 1,
        "seen_at": NOW,
        "late": False,
        "policy_version": 1,
    }
    return decide(Inputs(**(values | more)), POLICY)


def left(ago: timedelta, reason: str = "toured") -> KnownVisit:
    closed = NOW - ago
    return KnownVisit(
        visit_id="v", state="closed", opened_at=closed - timedelta(hours=1), closed_at=closed, close_reason=reason
    )


def waiting(state: str = "waiting", sign_ago: timedelta = timedelta(minutes=5)) -> KnownVisit:
    opened = NOW - timedelta(minutes=30)
    return KnownVisit(visit_id="v", state=state, opened_at=opened, last_sign_at=NOW - sign_ago)


def going_on(*, proven: bool) -> KnownVisit:
    return KnownVisit(visit_id="v", state="waiting", opened_at=NOW, proven=proven)


def face(who: str, *, track: int = 1, ago: timedelta = timedelta(), **more: Any) -> Face:
    return Face(greeting_id=f"g-{who}", customer_id=who, track=track, seen_at=NOW - ago, **more)


def number(who: str, *, ago: timedelta = timedelta(), **more: Any) -> Number:
    return Number(visit_id=f"v-{who}", customer_id=who, at=NOW - ago, **more)


MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("inputs", "action", "rule"),
    [
        ({}, "new", "no_earlier_visit"),
        ({"late": True}, "ignore", "late"),
        ({"consent": "ended"}, "ignore", "consent_ended"),
        ({"consent": "granted"}, "ignore", "consent_granted"),
        ({"consent": "unknown"}, "ignore", "consent_unknown"),
        ({"customer_known": False}, "ask", "customer_gone"),
        ({"late": True, "customer_known": False}, "ignore", "late"),
        ({"last": going_on(proven=True)}, "join", "visit_proven"),
        ({"last": going_on(proven=False)}, "join", "visit_still_open"),
        ({"last": left(-TICK)}, "ignore", "leaving"),
        ({"last": left(5 * MINUTE)}, "ignore", "leaving"),
        ({"last": left(5 * MINUTE + TICK)}, "reopen", "back_within_step_out_time"),
        ({"last": left(15 * MINUTE)}, "reopen", "back_within_step_out_time"),
        ({"last": left(15 * MINUTE + TICK)}, "new", "earlier_visit_over"),
        ({"last": left(6 * MINUTE, "office_closed")}, "new", "earlier_visit_over"),
        ({"said_not_me_at": NOW - 10 * MINUTE}, "ignore", "said_not_me"),
        ({"said_not_me_at": NOW - 10 * MINUTE - TICK}, "new", "no_earlier_visit"),
        ({"asked": True}, "ignore", "asked_already"),
        ({"asked": True, "last": going_on(proven=True)}, "join", "visit_proven"),
        # somebody else on the track
        ({"others": (face("wang"),)}, "ask", "two_people_one_track"),
        ({"others": (face("wang", track=2),)}, "new", "no_earlier_visit"),
        ({"others": (face("wang", proven=True),)}, "ignore", "track_proven_other"),
        ({"others": (face("wang"),), "last": going_on(proven=True)}, "join", "visit_proven"),
        # somebody else's number
        ({"numbers": (number("li"),)}, "ask", "number_of_another"),
        ({"numbers": (number("li", ago=MINUTE),)}, "ask", "number_of_another"),
        ({"numbers": (number("li", ago=-MINUTE),)}, "ask", "number_of_another"),
        ({"numbers": (number("li", ago=MINUTE + TICK),)}, "new", "no_earlier_visit"),
        ({"numbers": (number("li", backed=True),)}, "new", "no_earlier_visit"),
        ({"numbers": (number("li"), number("chen"))}, "new", "no_earlier_visit"),
        ({"numbers": (number("li"),), "last": going_on(proven=True)}, "join", "visit_proven"),
        ({"numbers": (number("li"),), "last": going_on(proven=False)}, "ask", "number_of_another"),
    ],
)
def test_what_follows_from_a_recognition(inputs: dict[str, Any], action: str, rule: str) -> None:
    decision = judged(**inputs)
    assert (decision.action, decision.rule) == (action, rule)


def test_of_two_numbers_the_latest_is_asked_about() -> None:
    assert judged(numbers=(number("li", ago=MINUTE / 2), number("sun"))).visit_id == "v-sun"


def test_a_proven_visit_sets_aside_who_shares_its_track() -> None:
    decision = judged(last=going_on(proven=True), others=(face("wang"), face("li", track=2)))
    assert decision.rivals == ("g-wang",)


def test_rivals_stand_in_one_order_however_they_are_read() -> None:
    others = (face("wang", ago=MINUTE), face("li"), face("sun", ago=MINUTE))
    assert judged(others=others) == judged(others=others[::-1])


def weighed(*faces: Face) -> tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    inputs = NumberInputs(customer_id="chen", at=NOW, proof="number", faces=faces, policy_version=1)
    found = weigh_number(inputs, POLICY)
    assert found == weigh_number(inputs.model_copy(update={"faces": faces[::-1]}), POLICY)
    return found.rule, found.agreeing, found.contradicting, found.set_aside


def test_what_a_typed_number_says_of_the_faces_there() -> None:
    assert weighed() == ("no_face", (), (), ())
    assert weighed(face("chen")) == ("number_agrees", ("g-chen",), (), ())
    assert weighed(face("wang")) == ("number_of_another", (), ("g-wang",), ())
    assert weighed(face("wang", ago=MINUTE)) == ("number_of_another", (), ("g-wang",), ())
    assert weighed(face("wang", ago=MINUTE + TICK)) == ("no_face", (), (), ())
    assert weighed(face("wang", proven=True)) == ("no_face", (), (), ())
    assert weighed(face("wang", tied=True)) == ("no_face", (), (), ())
    assert weighed(face("chen"), face("wang")) == ("number_agrees", ("g-chen",), (), ("g-wang",))
    assert weighed(face("chen"), face("wang", track=2)) == ("number_agrees", ("g-chen",), (), ())


def test_last_instants() -> None:
    assert not is_over(NOW, NOW)
    assert is_over(NOW, NOW + TICK)
    assert at_kiosk(NOW - MINUTE, NOW, POLICY.kiosk_face)
    assert not at_kiosk(NOW - MINUTE - TICK, NOW, POLICY.kiosk_face)
    assert timedelta(minutes=2) == LATE


@pytest.mark.parametrize(
    ("claimed", "synced", "expected"),
    [
        (NOW - MINUTE, True, NOW - MINUTE),
        (NOW - MINUTE, False, NOW),
        (NOW + TICK, True, NOW),
        (NOW, True, NOW),
    ],
)
def test_a_clock_not_to_be_trusted_does_not_say_when(claimed: datetime, synced: bool, expected: datetime) -> None:
    assert seen_at(claimed, NOW, NOW, clock_synced=synced) == expected


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("陈小明", "陈"),
        ("李", "李"),
        ("欧阳娜娜", "欧阳"),
        ("司马光", "司马"),
        ("诸葛孔明", "诸葛"),
        ("上官婉儿", "上官"),
        ("諸葛亮", "諸葛"),
        ("欧阳", "欧"),
        ("阿凡提·买买提", "阿凡提"),
        ("John Smith", "Smith"),
        ("  Ludwig van Beethoven ", "Beethoven"),
        ("Cher", "Cher"),
        ("𠮷野太郎", "𠮷"),
        ("", ""),
        ("   ", ""),
    ],
)
def test_family_names(name: str, family: str) -> None:
    assert family_name(name) == family
