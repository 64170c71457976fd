"""Whose visit it is, and who may be called for it: owners, names, channels, teams, skills, new starters, managers."""

from datetime import date, time, timedelta

import pytest

from gateway.policy import PolicyConfig
from gateway.rota.domain import order_of
from gateway.rota.model import Override
from tests.gateway.people import uid
from tests.gateway.rota.tables import (
    TODAY,
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
    table,
)

ALTERNATE = PolicyConfig(teams="alternate")
OWN = PolicyConfig(teams="own", team_of_source={"channel": "x"})
ANY_SKILL = PolicyConfig(skill_match=False)
COUNTED = PolicyConfig(override_uses_turn=True)

WISHES = [
    Case("owner: a returning customer uses no turn", given(A, B, C, owner_id="c"), "rota.owner", "c"),
    Case("owner: also outside rota hours", given(A, C, at=time(20, 0), owner_id="c"), "rota.owner", "c"),
    Case("owner: their open make-up stays open", given(A, owed("c", 3, 60), owner_id="c"), "rota.owner", "c"),
    Case("owner: at lunch, the next assists", given(A, B, away("c", 3, "lunch"), owner_id="c"), "rota.assist", "a"),
    Case("owner: busy, the next assists", given(A, B, serving("c", 3), owner_id="c"), "rota.assist", "a"),
    Case("owner: not signed in, the next assists", given(A, B, owner_id="z"), "rota.assist", "a"),
    Case("owner: did not accept, the next assists", given(A, B, C, owner_id="c", asked=[ask("c")]), "rota.assist", "a"),
    Case(
        "assist: nobody is passed over, the assistant keeps the turn",
        given(serving("a", 1), B, away("c", 3, "lunch"), owner_id="c"),
        "rota.assist",
        "b",
    ),
    Case(
        "assist and make-up: the make-up holder assists and keeps it",
        given(A, owed("b", 9, 60), owner_id="z"),
        "rota.assist",
        "b",
    ),
    Case("asked for: by name, no turn", given(A, B, asked_for="b"), "rota.asked_for", "b"),
    Case("asked for: busy, the rota", given(A, serving("b", 2), asked_for="b"), "rota.next", "a", "a"),
    Case(
        "asked for: declined, the rota",
        given(A, B, asked_for="b", asked=[ask("b", declined=True)]),
        "rota.next",
        "a",
        "a",
    ),
    Case("asked for and owner: the owner", given(A, B, owner_id="b", asked_for="a"), "rota.owner", "b"),
    Case(
        "asked for and owner away: the next assists, not who was named",
        given(A, B, away("c", 3, "lunch"), owner_id="c", asked_for="b"),
        "rota.assist",
        "a",
    ),
    Case(
        "same visit: back from a step-out, the same consultant", given(A, B, returning_to="b"), "rota.same_visit", "b"
    ),
    Case(
        "same visit: the consultant is busy now, the next assists",
        given(A, serving("b", 2), returning_to="b"),
        "rota.assist",
        "a",
    ),
    Case("same visit before owner", given(A, B, returning_to="a", owner_id="b"), "rota.same_visit", "a"),
]

CHANNELS = [
    Case("channel: a turn of the channel order", given(A, B, order="channel", source="channel"), "rota.next", "a", "a"),
    Case(
        "channel: busy keeps a make-up of that order",
        given(serving("a", 1), B, order="channel", source="channel"),
        "rota.next",
        "b",
        "ab",
        "a",
    ),
    Case("channel and owner: no turn", given(A, B, order="channel", source="channel", owner_id="b"), "rota.owner", "b"),
    Case(
        "channel outside rota hours: no turn",
        given(A, order="channel", source="channel", at=time(18, 30)),
        "rota.outside_hours",
        "a",
    ),
]


@pytest.mark.parametrize(
    ("source", "setting", "order"),
    [
        ("walk_in", "own", "walk_in"),
        ("channel", "own", "channel"),
        ("referral", "own", "channel"),
        ("channel", "shared", "walk_in"),
        ("referral", "shared", "walk_in"),
    ],
)
def test_channels_and_referrals_have_an_order_of_their_own_by_default(source: str, setting: str, order: str) -> None:
    assert order_of(source, PolicyConfig.model_validate({"channel_order": setting})) == order


X1, X2 = seat("a", 1, team="x"), seat("b", 2, team="x")
Y1, Y2 = seat("c", 3, team="y"), seat("d", 4, team="y")
X_HAD = {"last_turn_at": ago(60), "team": "x"}
TEAMS = [
    Case("teams: one rota for all", given(X1, X2, Y1, Y2), "rota.next", "a", "a"),
    Case(
        "teams alternate: nobody had a turn, by place", given(X1, X2, Y1, Y2), "rota.next", "a", "a", policy=ALTERNATE
    ),
    Case(
        "teams alternate: the other team after a turn",
        given(X2, Y1, Y2, seat("a", 5, **X_HAD)),
        "rota.next",
        "c",
        "c",
        policy=ALTERNATE,
    ),
    Case(
        "teams alternate: the team whose last turn is longer ago",
        given(seat("b", 2, **X_HAD), seat("c", 6, team="y", last_turn_at=ago(61)), seat("d", 4, team="y")),
        "rota.next",
        "d",
        "d",
        policy=ALTERNATE,
    ),
    Case(
        "teams alternate: a team that is all busy is passed over with make-ups",
        given(X2, seat("a", 5, **X_HAD), serving("c", 3, team="y")),
        "rota.next",
        "b",
        "cb",
        "c",
        policy=ALTERNATE,
    ),
    Case(
        "teams alternate and make-up: the make-up comes first whatever the team",
        given(seat("b", 2, **X_HAD, make_up_since=ago(600)), Y1),
        "rota.make_up",
        "b",
        policy=ALTERNATE,
    ),
    Case(
        "teams each with its own rota: only that team is called",
        given(Y1, seat("a", 9, team="x"), source="channel", order="channel"),
        "rota.next",
        "a",
        "a",
        why={"c": "other_team"},
        policy=OWN,
    ),
    Case(
        "teams each with its own rota: the other team is not passed over",
        given(serving("c", 3, team="y"), seat("a", 9, team="x"), source="channel", order="channel"),
        "rota.next",
        "a",
        "a",
        policy=OWN,
    ),
    Case("teams each with its own rota: a source of nobody's", given(X1, Y1), "rota.next", "a", "a", policy=OWN),
    Case(
        "teams each with its own rota: nobody of it signed in, everybody",
        given(seat("a", 1, "signed_out", team="x"), Y1, source="channel", order="channel"),
        "rota.next",
        "c",
        "c",
        policy=OWN,
    ),
    Case(
        "teams each with its own rota: all of it busy, it waits",
        given(serving("a", 1, team="x"), serving("c", 2, team="y"), source="channel", order="channel"),
        "rota.wait",
        policy=OWN,
    ),
]

EN = "language:en"
SKILLS = [
    Case(
        "skill: only who speaks the language is called; the first keeps the turn",
        given(A, seat("b", 2, skills=(EN,)), needs=[EN]),
        "rota.next",
        "b",
        "b",
        why={"a": "skill_needed"},
    ),
    Case(
        "skill: all that are asked for",
        given(
            seat("a", 1, skills=(EN,)),
            seat(
                "b",
                2,
                skills=(
                    EN,
                    "product:loft",
                ),
            ),
            needs=[EN, "product:loft"],
        ),
        "rota.next",
        "b",
        "b",
    ),
    Case("skill: nobody has it, the order", given(A, B, needs=[EN]), "rota.next", "a", "a"),
    Case(
        "skill: who has it is busy, the order, with a make-up",
        given(serving("b", 1, skills=(EN,)), seat("c", 2), needs=[EN]),
        "rota.next",
        "c",
        "bc",
        "b",
    ),
    Case(
        "skill: busy without it is not passed over",
        given(serving("a", 1), seat("b", 2, skills=(EN,)), needs=[EN]),
        "rota.next",
        "b",
        "b",
        why={"a": "serving"},
    ),
    Case(
        "skill: busy with it and ahead keeps a make-up",
        given(serving("a", 1, skills=(EN,)), seat("b", 2, skills=(EN,)), needs=[EN]),
        "rota.next",
        "b",
        "ab",
        "a",
    ),
    Case(
        "skill: who has it did not accept, the others are called",
        given(A, seat("b", 2, skills=(EN,)), needs=[EN], asked=[ask("b")]),
        "rota.next",
        "a",
        "a",
    ),
    Case(
        "skill and make-up: a make-up without the skill waits",
        given(owed("a", 1, 60), seat("b", 2, skills=(EN,)), needs=[EN]),
        "rota.next",
        "b",
        "b",
    ),
    Case(
        "skill and owner: the owner, whatever the skills",
        given(A, seat("b", 2, skills=(EN,)), needs=[EN], owner_id="a"),
        "rota.owner",
        "a",
    ),
    Case(
        "skill: where the office does not match",
        given(A, seat("b", 2, skills=(EN,)), needs=[EN]),
        "rota.next",
        "a",
        "a",
        policy=ANY_SKILL,
    ),
]

STARTERS = [
    Case(
        "new starter: on the first day no turns",
        given(seat("a", 1, started_on=TODAY), B),
        "rota.next",
        "b",
        "b",
        why={"a": "shadow_days"},
    ),
    Case(
        "new starter: the third day is the last",
        given(seat("a", 1, started_on=TODAY - timedelta(days=2)), B),
        "rota.next",
        "b",
        "b",
    ),
    Case(
        "new starter: on the fourth day like everybody",
        given(seat("a", 1, started_on=TODAY - timedelta(days=3)), B),
        "rota.next",
        "a",
        "a",
    ),
    Case(
        "new starter: where there are no such days",
        given(seat("a", 1, started_on=TODAY), B),
        "rota.next",
        "a",
        "a",
        policy=PolicyConfig(shadow_days=0),
    ),
    Case("new starter: starts next week", given(seat("a", 1, started_on=date(2026, 11, 30)), B), "rota.next", "b", "b"),
    Case(
        "new starter: not among all free ones",
        given(seat("a", 1, started_on=TODAY), B, asked=[ask("b")]),
        "rota.all_free",
        "b",
    ),
    Case(
        "new starter: may be asked for by name",
        given(seat("a", 1, started_on=TODAY), B, asked_for="a"),
        "rota.asked_for",
        "a",
    ),
]


def by_manager(who: str, kind: str = "assigned") -> Override:
    return Override.model_validate({"kind": kind, "consultant_id": uid(who), "by": "m", "reason": "老客户的朋友"})


OVERRIDES = [
    Case(
        "manager: past the rota with a reason, no turn",
        given(A, B, override=by_manager("b")),
        "assigned",
        "b",
        why={"a": "decided_past_the_rota", "b": "assigned"},
    ),
    Case(
        "manager: uses a turn where the office says so",
        given(A, B, override=by_manager("b")),
        "assigned",
        "b",
        "b",
        policy=COUNTED,
    ),
    Case(
        "manager: outside hours no turn",
        given(A, at=time(19), override=by_manager("a")),
        "assigned",
        "a",
        policy=COUNTED,
    ),
    Case("manager: to somebody at lunch", given(A, away("b", 2, "lunch"), override=by_manager("b")), "assigned", "b"),
    Case("manager: to somebody not signed in", given(A, override=by_manager("z")), "assigned", "z", policy=COUNTED),
    Case("manager before owner", given(A, B, owner_id="a", override=by_manager("b")), "assigned", "b"),
    Case(
        "hand-back: to the colleague whose customer it is",
        given(serving("a", 1), B, override=by_manager("b", "handed_over")),
        "rota.handed_over",
        "b",
    ),
    Case(
        "hand-back: never a turn",
        given(serving("a", 1), B, override=by_manager("b", "handed_over")),
        "rota.handed_over",
        "b",
        policy=COUNTED,
    ),
]


@table(WISHES)
def test_wishes(case: Case) -> None:
    check(case)


@table(CHANNELS)
def test_channels(case: Case) -> None:
    check(case)


@table(TEAMS)
def test_teams(case: Case) -> None:
    check(case)


@table(SKILLS)
def test_skills(case: Case) -> None:
    check(case)


@table(STARTERS)
def test_new_starters(case: Case) -> None:
    check(case)


@table(OVERRIDES)
def test_managers_word(case: Case) -> None:
    check(case)
