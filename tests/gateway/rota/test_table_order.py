"""Rota hours, the order of the day, and whom the ring goes past (domain.md, 轮排)."""

from datetime import time

from gateway.policy import PolicyConfig
from tests.gateway.rota.tables import A, B, C, Case, ago, ask, away, check, given, owed, seat, serving, table

SHARED = PolicyConfig(make_up_when_serving_returning=False)
LATE = PolicyConfig(rota_opens=time(9, 0), rota_closes=time(17, 0))


def hours(name: str, at: time, *, turn: bool, policy: PolicyConfig | None = None) -> Case:
    rule, end = ("rota.next", "a") if turn else ("rota.outside_hours", "")
    return Case(f"hours: {name}", given(A, B, at=at), rule, "a", end, policy=policy or PolicyConfig())


HOURS = [
    hours("08:29:59 uses no turn", time(8, 29, 59), turn=False),
    hours("08:30:00 uses a turn", time(8, 30), turn=True),
    hours("18:29:59 uses a turn", time(18, 29, 59), turn=True),
    hours("18:29:59.999999 uses a turn", time(18, 29, 59, 999_999), turn=True),
    hours("18:30:00 uses no turn", time(18, 30), turn=False),
    hours("midnight uses no turn", time(0, 0), turn=False),
    hours("23:59:59 uses no turn", time(23, 59, 59), turn=False),
    hours("the office's own hours: 08:59:59 uses no turn", time(8, 59, 59), turn=False, policy=LATE),
    hours("the office's own hours: 17:00:00 uses no turn", time(17, 0), turn=False, policy=LATE),
    Case(
        "hours: outside them nobody is passed over and nobody gets a make-up",
        given(serving("a", 1), B, at=time(19, 0)),
        "rota.outside_hours",
        "b",
    ),
    Case(
        "hours: outside them a make-up comes first but is not used up",
        given(A, owed("b", 2, 60), at=time(19, 0)),
        "rota.outside_hours",
        "b",
    ),
    Case(
        "hours: outside them an absent consultant loses no turn",
        given(seat("a", 1, seen_at=ago(7200), free_since=None), B, at=time(8, 0)),
        "rota.outside_hours",
        "b",
        why={"a": "away_undeclared"},
    ),
]

ORDER = [
    Case("order: first in sign-in order is next", given(C, A, B), "rota.next", "a", "a"),
    Case("order: the place counts, not who is read first", given(B, A), "rota.next", "a", "a"),
    Case("order: one consultant alone takes every turn", given(A), "rota.next", "a", "a"),
    Case("order: those behind the chosen are not passed over", given(A, serving("b", 2)), "rota.next", "a", "a"),
    Case(
        "order: signed out is not in the order",
        given(seat("a", 1, "signed_out"), B),
        "rota.next",
        "b",
        "b",
        why={"a": "signed_out"},
    ),
    Case("order: nobody signed in, it waits", given(), "rota.wait"),
    Case("order: all signed out, it waits", given(seat("a", 1, "signed_out")), "rota.wait"),
    Case("order: all busy, it waits and nobody is passed over", given(serving("a", 1), serving("b", 2)), "rota.wait"),
    Case("order: all at lunch, it waits", given(away("a", 1, "lunch")), "rota.wait", why={"a": "away_lunch"}),
    Case(
        "order: several passed keep the order they had among themselves",
        given(serving("b", 2), away("a", 1, "lunch"), C),
        "rota.next",
        "c",
        "abc",
        "ab",
    ),
    Case(
        "order: asked already is not passed over again",
        given(A, B, asked=[ask("a")]),
        "rota.next",
        "b",
        "b",
        why={"a": "already_asked"},
    ),
    Case(
        "order: everybody finds a reason",
        given(away("a", 1, "leave"), B, C),
        "rota.next",
        "b",
        "ab",
        why={"a": "away_leave", "b": "next", "c": "later_in_order"},
    ),
]

MAKE_UPS = [
    Case("make-up: busy with a first visit", given(serving("a", 1), B), "rota.next", "b", "ab", "a"),
    Case("make-up: busy with a returning one", given(serving("a", 1, returning=True), B), "rota.next", "b", "ab", "a"),
    Case(
        "make-up: busy with a returning one, where the office gives none",
        given(serving("a", 1, returning=True), B),
        "rota.next",
        "b",
        "ab",
        policy=SHARED,
    ),
    Case(
        "make-up: busy with a first visit, where returning ones give none",
        given(serving("a", 1), B),
        "rota.next",
        "b",
        "ab",
        "a",
        policy=SHARED,
    ),
    Case("make-up: answering another offer is busy", given(seat("a", 1, "offered"), B), "rota.next", "b", "ab", "a"),
    Case("make-up: at lunch", given(away("a", 1, "lunch"), B), "rota.next", "b", "ab", "a"),
    Case("make-up: on company business", given(away("a", 1, "company"), B), "rota.next", "b", "ab", "a"),
    Case("make-up: a declared absence", given(away("a", 1, "short_break"), B), "rota.next", "b", "ab", "a"),
    Case(
        "make-up: declared for 10 min", given(away("a", 1, "short_break", minutes=10), B), "rota.next", "b", "ab", "a"
    ),
    Case(
        "make-up: declared for 11 min, none", given(away("a", 1, "short_break", minutes=11), B), "rota.next", "b", "ab"
    ),
    Case("make-up: none on leave", given(away("a", 1, "leave"), B), "rota.next", "b", "ab"),
    Case("make-up: none at rest", given(away("a", 1, "rest"), B), "rota.next", "b", "ab"),
    Case("make-up: none on private business", given(away("a", 1, "private"), B), "rota.next", "b", "ab"),
    Case("make-up: one open at a time each", given(owed("a", 1, 3600, "serving"), B), "rota.next", "b", "ab"),
    Case("make-up: it comes before the ring", given(A, owed("b", 9, 60)), "rota.make_up", "b"),
    Case("make-up: ordered by the missed turn", given(owed("a", 1, 300), owed("b", 9, 3600)), "rota.make_up", "b"),
    Case("make-up: one second older comes first", given(owed("a", 1, 60), owed("b", 9, 61)), "rota.make_up", "b"),
    Case("make-up: missed at the same time, by place", given(owed("b", 9, 60), owed("a", 3, 60)), "rota.make_up", "a"),
    Case("make-up: kept overnight", given(A, owed("b", 9, 16 * 3600)), "rota.make_up", "b"),
    Case(
        "make-up: last night's comes before this morning's",
        given(owed("a", 1, 600), owed("b", 9, 16 * 3600)),
        "rota.make_up",
        "b",
    ),
    Case(
        "make-up: the ring does not move for it",
        given(serving("a", 1), B, owed("c", 9, 60)),
        "rota.make_up",
        "c",
        why={"a": "serving", "b": "later_in_order"},
    ),
    Case("make-up: waits while they are busy", given(owed("a", 9, 3600, "serving"), B), "rota.next", "b", "b"),
    Case(
        "make-up: already asked for this visit, the ring goes on",
        given(owed("a", 9, 60), B, asked=[ask("a")]),
        "rota.next",
        "b",
        "b",
    ),
    Case(
        "make-up and leave: passed over on leave keeps the open one",
        given(owed("a", 1, 60, "away", absence=away("a", 1, "leave").absence), B),
        "rota.next",
        "b",
        "ab",
    ),
]


@table(HOURS)
def test_hours(case: Case) -> None:
    check(case)


@table(ORDER)
def test_order(case: Case) -> None:
    check(case)


@table(MAKE_UPS)
def test_make_ups(case: Case) -> None:
    check(case)
