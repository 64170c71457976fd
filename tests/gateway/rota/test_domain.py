"""The rota's decision table: each case names the rule of domain.md (轮排) it shows."""

from datetime import UTC, datetime, time, timedelta

import pytest

from gateway.policy import PolicyConfig
from gateway.rota.domain import Absence, Ask, Inputs, Request, Seat, SeatState, absence_from, decide
from tests.gateway.people import letter, letters, uid

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
POLICY = PolicyConfig()


def seat(name: str, place: int, state: SeatState = "free", **more: object) -> Seat:
    return Seat.model_validate(
        {
            "consultant_id": uid(name),
            "place": place,
            "state": state,
            "free_since": NOW - timedelta(hours=2),
            **more,
        }
    )


def ask(who: str, at: datetime, *, to_all: bool = False, declined: bool = False) -> Ask:
    return Ask(consultant_id=uid(who), at=at, to_all=to_all, declined=declined)


def inputs(*seats: Seat, at: time = time(11, 0), **request: object) -> Inputs:
    for wish in {"owner_id", "returning_to", "asked_for"} & request.keys():
        request[wish] = uid(str(request[wish]))
    return Inputs(
        request=Request.model_validate({"visit_id": "v", **request}),
        seats=seats,
        now=NOW,
        local_time=at,
        policy_version=1,
    )


def away(reason: str, since_minutes: int = 5, minutes: int | None = None) -> Absence:
    since = NOW - timedelta(minutes=since_minutes)
    return absence_from(reason, minutes, since, POLICY)  # type: ignore[arg-type]


A, B, C = seat("a", 1), seat("b", 2), seat("c", 3)
LUNCH, BREAK, LEAVE = away("lunch"), away("short_break", 5, 10), away("leave")
BREAK_OVER, BREAK_LONG = away("short_break", 11, 10), away("short_break", 5, 20)

CASES = [
    # name, inputs, rule, chosen, moved to the end, make-ups opened
    ("first in sign-in order is next", inputs(C, A, B), "rota.next", ["a"], ["a"], []),
    (
        "serving is passed over with a make-up",
        inputs(seat("a", 1, "serving"), B),
        "rota.next",
        ["b"],
        ["a", "b"],
        ["a"],
    ),
    (
        "at lunch is passed over with a make-up",
        inputs(seat("a", 1, "away", absence=LUNCH), B),
        "rota.next",
        ["b"],
        ["a", "b"],
        ["a"],
    ),
    (
        "a declared short break keeps a make-up",
        inputs(seat("a", 1, "away", absence=BREAK), B),
        "rota.next",
        ["b"],
        ["a", "b"],
        ["a"],
    ),
    (
        "an absence that ran over keeps nothing",
        inputs(seat("a", 1, "away", absence=BREAK_OVER), B),
        "rota.next",
        ["b"],
        ["a", "b"],
        [],
    ),
    (
        "a break longer than ten minutes keeps nothing",
        inputs(seat("a", 1, "away", absence=BREAK_LONG), B),
        "rota.next",
        ["b"],
        ["a", "b"],
        [],
    ),
    (
        "leave is passed over without a make-up",
        inputs(seat("a", 1, "away", absence=LEAVE), B),
        "rota.next",
        ["b"],
        ["a", "b"],
        [],
    ),
    (
        "one open make-up at a time",
        inputs(seat("a", 1, "serving", make_up_since=NOW - timedelta(hours=1)), B),
        "rota.next",
        ["b"],
        ["a", "b"],
        [],
    ),
    (
        "a make-up comes before the ring",
        inputs(A, seat("b", 9, make_up_since=NOW - timedelta(hours=1))),
        "rota.make_up",
        ["b"],
        [],
        [],
    ),
    (
        "the older make-up comes first",
        inputs(
            seat("a", 1, make_up_since=NOW - timedelta(minutes=5)),
            seat("b", 9, make_up_since=NOW - timedelta(hours=1)),
        ),
        "rota.make_up",
        ["b"],
        [],
        [],
    ),
    (
        "those behind the chosen are not passed over",
        inputs(A, seat("b", 2, "serving")),
        "rota.next",
        ["a"],
        ["a"],
        [],
    ),
    (
        "lost or declined: the next is called",
        inputs(A, B, asked=(ask("a", NOW),)),
        "rota.next",
        ["b"],
        ["b"],
        [],
    ),
    (
        "nobody left: all free ones",
        inputs(A, B, seat("c", 3, "serving"), asked=(ask("a", NOW), ask("b", NOW))),
        "rota.all_free",
        ["a", "b"],
        [],
        [],
    ),
    (
        "who said no is not asked again with all",
        inputs(A, B, asked=(ask("a", NOW, declined=True), ask("b", NOW))),
        "rota.all_free",
        ["b"],
        [],
        [],
    ),
    (
        "all free ones asked too: it waits",
        inputs(A, asked=(ask("a", NOW), ask("a", NOW, to_all=True))),
        "rota.wait",
        [],
        [],
        [],
    ),
    (
        "free anew after all were asked: offered",
        inputs(
            seat("a", 1, free_since=NOW),
            asked=(ask("a", NOW - timedelta(minutes=1), to_all=True),),
        ),
        "rota.next",
        ["a"],
        ["a"],
        [],
    ),
    ("nobody free: it waits, nobody is passed over", inputs(seat("a", 1, "serving")), "rota.wait", [], [], []),
    ("nobody signed in: it waits", inputs(), "rota.wait", [], [], []),
    ("signed out is not in the order", inputs(seat("a", 1, "signed_out"), B), "rota.next", ["b"], ["b"], []),
    ("returning customer goes to the owner", inputs(A, B, C, owner_id="c"), "rota.owner", ["c"], [], []),
    (
        "owner away: the next assists and keeps the turn",
        inputs(A, B, seat("c", 3, "away", absence=LUNCH), owner_id="c"),
        "rota.assist",
        ["a"],
        [],
        [],
    ),
    (
        "owner lost the offer: the next assists",
        inputs(A, B, C, owner_id="c", asked=(ask("c", NOW),)),
        "rota.assist",
        ["a"],
        [],
        [],
    ),
    ("owner not signed in: the next assists", inputs(A, B, owner_id="z"), "rota.assist", ["a"], [], []),
    ("asked for by name uses no turn", inputs(A, B, asked_for="b"), "rota.asked_for", ["b"], [], []),
    (
        "the owner comes before who was asked for",
        inputs(A, B, owner_id="b", asked_for="a"),
        "rota.owner",
        ["b"],
        [],
        [],
    ),
    ("asked for but busy: the rota", inputs(A, seat("b", 2, "serving"), asked_for="b"), "rota.next", ["a"], ["a"], []),
    ("back from a step-out: the same consultant", inputs(A, B, returning_to="b"), "rota.same_visit", ["b"], [], []),
    (
        "outside rota hours uses no turn",
        inputs(A, B, at=time(19, 0)),
        "rota.outside_hours",
        ["a"],
        [],
        [],
    ),
    ("the last minute of rota hours uses a turn", inputs(A, at=time(18, 29, 59)), "rota.next", ["a"], ["a"], []),
]


@pytest.mark.parametrize(
    ("given", "rule", "chosen", "to_end", "opened"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_decision(given: Inputs, rule: str, chosen: list[str], to_end: list[str], opened: list[str]) -> None:
    decision = decide(given, POLICY)
    assert (decision.rule, letters(decision.chosen)) == (rule, chosen)
    assert letters(decision.to_end) == to_end
    assert letters(decision.make_ups_opened) == opened
    assert decision.uses_turn == (rule in ("rota.next", "rota.make_up"))
    assert decision.make_up_used == (uid(chosen[0]) if rule == "rota.make_up" else None)


def test_every_consultant_finds_a_reason() -> None:
    decision = decide(inputs(seat("a", 1, "away", absence=LEAVE), B, C), POLICY)
    assert {letter(c.consultant_id): (c.outcome, c.reason) for c in decision.candidates} == {
        "a": ("skipped", "away_leave"),
        "b": ("chosen", "next"),
        "c": ("later", "later_in_order"),
    }


def test_offered_is_passed_over_like_serving() -> None:
    assert decide(inputs(seat("a", 1, "offered"), B), POLICY).make_ups_opened == (uid("a"),)


def test_stored_inputs_replay_to_the_same_decision() -> None:
    given = inputs(seat("a", 1, "serving"), B, C)
    assert decide(Inputs.model_validate_json(given.model_dump_json()), POLICY) == decide(given, POLICY)
