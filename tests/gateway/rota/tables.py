"""How the rota's decision tables are written: consultants are letters, times are seconds before the decision."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from contracts.gateway_api import AwayReason
from gateway.policy import PolicyConfig
from gateway.rota.domain import absence_from, decide
from gateway.rota.model import Absence, Ask, Inputs, Override, Seat, SeatState, Step
from tests.gateway.people import letter, letters, uid

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
TODAY = date(2026, 11, 21)
POLICY = PolicyConfig()


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def seat(name: str, place: int, state: SeatState = "free", **more: Any) -> Seat:
    known: dict[str, Any] = {"consultant_id": uid(name), "place": place, "state": state, "free_since": ago(7200)}
    return Seat(**{**known, **more})


def serving(name: str, place: int, *, returning: bool = False, **more: Any) -> Seat:
    return seat(name, place, "serving", busy_with_return=returning, **more)


def declared(reason: AwayReason, *, since: float = 300, minutes: int | None = None) -> Absence:
    return absence_from(reason, minutes, ago(since), POLICY)


def away(name: str, place: int, reason: AwayReason, **more: Any) -> Seat:
    times = {key: more.pop(key) for key in ("since", "minutes") if key in more}
    return seat(name, place, "away", absence=declared(reason, **times), **more)


def owed(name: str, place: int, seconds: float, state: SeatState = "free", **more: Any) -> Seat:
    """With a make-up for a turn missed so many seconds ago."""
    return seat(name, place, state, make_up_since=ago(seconds), **more)


def ask(who: str, seconds: float = 0, *, to_all: bool = False, declined: bool = False) -> Ask:
    return Ask(consultant_id=uid(who), at=ago(seconds), to_all=to_all, declined=declined)


def step(rule: str, seconds: float) -> Step:
    return Step.model_validate({"rule": rule, "at": ago(seconds)})


def given(*seats: Seat, at: time = time(11, 0), override: Override | None = None, **request: Any) -> Inputs:
    order = request.pop("order", "walk_in")
    for wish in {"owner_id", "returning_to", "asked_for"} & request.keys():
        request[wish] = uid(str(request[wish]))
    return Inputs.model_validate(
        {
            "request": {"visit_id": "v", **request},
            "order": order,
            "seats": seats,
            "now": NOW,
            "arrival_time": at,
            "today": TODAY,
            "policy_version": 1,
            "override": override,
        }
    )


A, B, C = seat("a", 1), seat("b", 2), seat("c", 3)


@dataclass(frozen=True)
class Case:
    """`name` says the rule of domain.md; people are strings of letters in the order decided."""

    name: str
    inputs: Inputs
    rule: str
    chosen: str = ""
    to_end: str = ""
    make_ups: str = ""
    lost: str = ""
    why: dict[str, str] = field(default_factory=dict)
    """Reasons by letter, for those that matter."""
    policy: PolicyConfig = POLICY


def table(cases: list[Case]) -> pytest.MarkDecorator:
    assert len({c.name for c in cases}) == len(cases)
    return pytest.mark.parametrize("case", cases, ids=[c.name for c in cases])


def check(case: Case) -> None:
    decision = decide(case.inputs, case.policy)
    assert (decision.rule, "".join(letters(decision.chosen))) == (case.rule, case.chosen)
    assert "".join(letters(decision.to_end)) == case.to_end
    assert "".join(letters(decision.make_ups_opened)) == case.make_ups
    assert "".join(letters(decision.lost)) == case.lost
    reasons = {letter(c.consultant_id): c.reason for c in decision.candidates}
    assert {who: reasons[who] for who in case.why} == case.why
    assert decision.uses_turn == (case.rule in ("rota.next", "rota.make_up") or bool(case.to_end))
    assert decision.make_up_used == (uid(case.chosen) if case.rule == "rota.make_up" else None)
    assert decide(Inputs.model_validate_json(case.inputs.model_dump_json()), case.policy) == decision, "it replays"
