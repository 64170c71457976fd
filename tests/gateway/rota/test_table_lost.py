"""Turns that are lost, and the ladder when nobody accepts (domain.md, 轮排)."""

from typing import Any

from gateway.policy import PolicyConfig
from gateway.rota.domain import decide
from gateway.rota.model import Seat
from tests.gateway.rota.tables import (
    A,
    B,
    C,
    Case,
    ago,
    ask,
    away,
    check,
    given,
    owed,
    seat,
    serving,
    step,
    table,
)

DEAF = PolicyConfig(presence="none")
PATIENT = PolicyConfig(manager_seconds=60, undeclared_absence_minutes=5)


def silent(name: str, place: int, seconds: float, **more: Any) -> Seat:
    """Free as far as they said; the tablet was last heard of so many seconds ago."""
    return seat(name, place, seen_at=ago(seconds), **more)


ABSENT = [
    Case("absent: undeclared for exactly 2 min keeps the turn", given(silent("a", 1, 120), B), "rota.next", "a", "a"),
    Case(
        "absent: undeclared for more than 2 min loses it",
        given(silent("a", 1, 120.000001), B),
        "rota.next",
        "b",
        "ab",
        lost="a",
        why={"a": "away_undeclared"},
    ),
    Case("absent: one second less than 2 min keeps it", given(silent("a", 1, 119), B), "rota.next", "a", "a"),
    Case(
        "absent: the office's own limit, exactly", given(silent("a", 1, 300), B), "rota.next", "a", "a", policy=PATIENT
    ),
    Case(
        "absent: the office's own limit, over",
        given(silent("a", 1, 301), B),
        "rota.next",
        "b",
        "ab",
        lost="a",
        policy=PATIENT,
    ),
    Case("absent: a tablet never heard of proves nothing", given(seat("a", 1), B), "rota.next", "a", "a"),
    Case("absent: where presence is not read", given(silent("a", 1, 9999), B), "rota.next", "a", "a", policy=DEAF),
    Case(
        "absent: what they did themselves since counts as being here",
        given(silent("a", 1, 600, free_since=ago(60)), B),
        "rota.next",
        "a",
        "a",
    ),
    Case(
        "absent: silent while serving is busy, with a make-up",
        given(serving("a", 1, seen_at=ago(999)), B),
        "rota.next",
        "b",
        "ab",
        "a",
    ),
    Case(
        "absent: silent at lunch is at lunch, with a make-up",
        given(away("a", 1, "lunch", seen_at=ago(999)), B),
        "rota.next",
        "b",
        "ab",
        "a",
    ),
    Case(
        "absent and make-up: an open make-up is not called and not lost",
        given(A, silent("b", 9, 600, make_up_since=ago(3600))),
        "rota.next",
        "a",
        "a",
        why={"b": "away_undeclared"},
    ),
    Case("absent: behind the chosen loses nothing", given(A, silent("b", 2, 600)), "rota.next", "a", "a"),
    Case(
        "absent owner: the next assists",
        given(A, silent("b", 2, 600), owner_id="b"),
        "rota.assist",
        "a",
    ),
    Case("absent: asked for by name, the rota", given(A, silent("b", 2, 600), asked_for="b"), "rota.next", "a", "a"),
    Case(
        "ran over: declared 10 min, back at exactly 10 keeps the make-up",
        given(away("a", 1, "short_break", since=600, minutes=10), B),
        "rota.next",
        "b",
        "ab",
        "a",
    ),
    Case(
        "ran over: one second longer than declared loses the turn",
        given(away("a", 1, "short_break", since=601, minutes=10), B),
        "rota.next",
        "b",
        "ab",
        lost="a",
        why={"a": "absence_ran_over"},
    ),
    Case(
        "ran over: a lunch with an end loses the turn after it",
        given(away("a", 1, "lunch", since=1801, minutes=30), B),
        "rota.next",
        "b",
        "ab",
        lost="a",
    ),
    Case(
        "ran over: a lunch without an end never does",
        given(away("a", 1, "lunch", since=9999), B),
        "rota.next",
        "b",
        "ab",
        "a",
    ),
    Case(
        "ran over and make-up: the open one stays, the turn is lost",
        given(owed("a", 1, 3600, "away", absence=away("a", 1, "company", since=700, minutes=10).absence), B),
        "rota.next",
        "b",
        "ab",
        lost="a",
    ),
]

LADDER = [
    Case("lost: not accepted, the next is called", given(A, B, asked=[ask("a")]), "rota.next", "b", "b"),
    Case("lost: declined, the next is called", given(A, B, asked=[ask("a", declined=True)]), "rota.next", "b", "b"),
    Case(
        "ladder: nobody left, all free ones at once",
        given(A, B, serving("c", 3), asked=[ask("a"), ask("b")]),
        "rota.all_free",
        "ab",
    ),
    Case(
        "ladder: who said no is not asked again with all",
        given(A, B, asked=[ask("a", declined=True), ask("b")]),
        "rota.all_free",
        "b",
    ),
    Case(
        "ladder: who is absent is not among all free ones",
        given(A, silent("b", 2, 600), asked=[ask("a")]),
        "rota.all_free",
        "a",
    ),
    Case(
        "ladder: all free ones asked in vain, the manager",
        given(A, asked=[ask("a"), ask("a", to_all=True)]),
        "rota.manager",
        why={"a": "already_asked"},
    ),
    Case("ladder: all said no, the manager", given(A, asked=[ask("a", declined=True)]), "rota.manager"),
    Case("ladder: everybody is absent, the manager", given(silent("a", 1, 600)), "rota.manager"),
    Case(
        "ladder: with the manager for one second less than 30 s",
        given(A, asked=[ask("a", 99), ask("a", 60, to_all=True)], steps=[step("rota.manager", 29)]),
        "rota.manager",
    ),
    Case(
        "ladder: with the manager for exactly 30 s, the reception",
        given(A, asked=[ask("a", 99), ask("a", 60, to_all=True)], steps=[step("rota.manager", 30)]),
        "rota.reception",
    ),
    Case(
        "ladder: the office gives the manager longer",
        given(A, asked=[ask("a", 99), ask("a", 60, to_all=True)], steps=[step("rota.manager", 59)]),
        "rota.manager",
        policy=PATIENT,
    ),
    Case(
        "ladder: with the reception it stays",
        given(A, asked=[ask("a", to_all=True)], steps=[step("rota.manager", 99), step("rota.reception", 69)]),
        "rota.reception",
    ),
    Case(
        "ladder: with the manager, and all went to lunch, it goes on",
        given(away("a", 1, "lunch"), steps=[step("rota.manager", 30)]),
        "rota.reception",
    ),
    Case(
        "ladder: with the reception, somebody free anew is called",
        given(seat("a", 1, free_since=ago(0)), asked=[ask("a", 60, to_all=True)], steps=[step("rota.reception", 9)]),
        "rota.next",
        "a",
        "a",
    ),
    Case(
        "ladder: asked before they became free counts no more",
        given(seat("a", 1, free_since=ago(59)), asked=[ask("a", 60)]),
        "rota.next",
        "a",
        "a",
    ),
    Case(
        "ladder: asked in the same instant that they became free counts",
        given(seat("a", 1, free_since=ago(60)), asked=[ask("a", 60, to_all=True)]),
        "rota.manager",
    ),
    Case(
        "ladder: an owner who declined, the next assists",
        given(A, B, owner_id="b", asked=[ask("b")]),
        "rota.assist",
        "a",
    ),
    Case(
        "ladder: busy ones were never asked, so all free ones are only those asked",
        given(A, serving("b", 2), serving("c", 3), asked=[ask("a")]),
        "rota.all_free",
        "a",
    ),
    Case(
        "ladder: somebody new signs in, they are next",
        given(A, C, asked=[ask("a", to_all=True)]),
        "rota.next",
        "c",
        "c",
    ),
]


@table(ABSENT)
def test_absent(case: Case) -> None:
    check(case)


@table(LADDER)
def test_ladder(case: Case) -> None:
    check(case)


def test_the_reason_holds_what_it_rests_on() -> None:
    decision = decide(given(silent("a", 1, 121), away("b", 2, "lunch"), C), PolicyConfig())
    absent, lunch, _ = (c.facts for c in decision.candidates)
    assert absent == {"last_seen_at": ago(121).isoformat(), "minutes": 2, "turn": "lost"}
    assert lunch == {"since": ago(300).isoformat(), "until": None, "turn": "make_up"}
