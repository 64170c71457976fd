"""The rota (轮排), pure: who is offered a visit, who is passed over and what they keep.

The order is a ring that starts in sign-in order. Being offered a turn, or being passed over, moves a consultant to the
end; a consultant passed over for a good reason keeps a make-up (补接), which comes before the ring once they are free.
"""

from datetime import datetime, time, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict

from contracts.gateway_api import AwayReason, TurnCandidate
from contracts.values import UtcDateTime
from gateway.policy import PolicyConfig

SeatState = Literal["free", "offered", "serving", "away", "signed_out"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Absence(_Frozen):
    reason: AwayReason
    since: UtcDateTime
    until: UtcDateTime | None = None


class Seat(_Frozen):
    """One consultant of the day as the rota sees them. `place` orders the ring (smaller is earlier)."""

    consultant_id: str
    place: int
    state: SeatState
    free_since: UtcDateTime | None = None
    absence: Absence | None = None
    make_up_since: UtcDateTime | None = None
    """When the oldest turn they may still make up was missed."""


class Ask(_Frozen):
    """A consultant was already offered this visit."""

    consultant_id: str
    at: UtcDateTime
    to_all: bool = False
    declined: bool = False


class Request(_Frozen):
    """A visit looking for a consultant. The preferred ones are asked first, in this order, without using a turn."""

    visit_id: str
    owner_id: str | None = None
    returning_to: str | None = None
    """The consultant who was serving when the party stepped out."""
    asked_for: str | None = None
    asked: tuple[Ask, ...] = ()


class Decision(_Frozen):
    """What follows: offers to `chosen`, `to_end` moved to the end of the ring in that order, make-ups opened and used.

    Nobody chosen means that the visit waits at the head of the queue until somebody is free.
    """

    rule: str
    uses_turn: bool
    chosen: tuple[str, ...]
    to_end: tuple[str, ...] = ()
    make_ups_opened: tuple[str, ...] = ()
    make_up_used: str | None = None
    candidates: tuple[TurnCandidate, ...] = ()


class Skip(_Frozen):
    """Why a consultant cannot be offered a turn now. `passed` moves them to the end; `make_up` is what they keep."""

    reason: str
    passed: bool
    make_up: bool


class Inputs(_Frozen):
    """Everything `decide` reads, stored (without names) with each decision so that anybody can replay it."""

    request: Request
    seats: tuple[Seat, ...]
    now: UtcDateTime
    local_time: time
    policy_version: int
    by: str | None = None
    """Who assigned the visit past the rota, and `reason` why; empty when the rota itself decided."""
    reason: str = ""


def decide(inputs: Inputs, policy: PolicyConfig) -> Decision:
    """Who is offered this visit now."""
    ordered = in_order(inputs.seats)
    decision = _decide(ordered, inputs, policy)
    ranked = zip(ordered, decision.candidates, range(1, len(ordered) + 1), strict=True)
    places = tuple(c.model_copy(update={"place": None if s.state == "signed_out" else r}) for s, c, r in ranked)
    return decision.model_copy(update={"candidates": places})


def _decide(ordered: list[Seat], inputs: Inputs, policy: PolicyConfig) -> Decision:
    preferred = _preferred(inputs.request, ordered)
    if preferred is not None:
        rule, seat = preferred
        return _to_preferred(rule, seat, ordered)
    skips = {s.consultant_id: skip_reason(s, inputs, policy) for s in ordered}
    eligible = [s for s in ordered if skips[s.consultant_id] is None]
    if eligible:
        return _to_next(eligible[0], ordered, skips, inputs, policy)
    return _to_all_free(ordered, skips, inputs.request)


def in_order(seats: tuple[Seat, ...]) -> list[Seat]:
    """Make-ups of those who are free first, oldest first; then the ring."""
    ring = sorted(seats, key=lambda s: s.place)
    owed = [(s.make_up_since, s) for s in ring if s.make_up_since is not None and s.state == "free"]
    first = [s for _, s in sorted(owed, key=lambda pair: pair[0])]
    return first + [s for s in ring if s not in first]


def skip_reason(seat: Seat, inputs: Inputs, policy: PolicyConfig) -> Skip | None:
    """None when the consultant can be offered the visit."""
    if seat.state == "signed_out":
        return Skip(reason="signed_out", passed=False, make_up=False)
    if seat.state == "away":
        return _skip_absent(seat.absence, inputs.now, policy)
    if seat.state in ("serving", "offered"):
        return Skip(reason=seat.state, passed=True, make_up=policy.make_up_when_serving)
    if _already_asked(seat, inputs.request):
        return Skip(reason="already_asked", passed=False, make_up=False)
    return None


def in_rota_hours(local_time: time, policy: PolicyConfig) -> bool:
    """True inside rota hours, when a visit uses a turn."""
    return policy.rota_opens <= local_time < policy.rota_closes


def absence_from(reason: AwayReason, minutes: int | None, now: datetime, policy: PolicyConfig) -> Absence:
    """A declared absence. A short break without a length is as long as the policy allows."""
    if minutes is None and reason == "short_break":
        minutes = policy.short_break_minutes
    return Absence(reason=reason, since=now, until=None if minutes is None else now + timedelta(minutes=minutes))


def _skip_absent(absence: Absence | None, now: datetime, policy: PolicyConfig) -> Skip:
    if absence is None:
        return Skip(reason="away_undeclared", passed=True, make_up=False)
    if absence.until is not None and now > absence.until:
        return Skip(reason="absence_ran_over", passed=True, make_up=False)
    too_long = (
        absence.reason == "short_break"
        and absence.until is not None
        and absence.until - absence.since > timedelta(minutes=policy.short_break_minutes)
    )
    kept = absence.reason in policy.make_up_reasons and not too_long
    return Skip(reason=f"away_{absence.reason}", passed=True, make_up=kept)


def _already_asked(seat: Seat, request: Request) -> bool:
    """Asked once is enough, until the consultant becomes free anew (signs in, comes back, finishes)."""
    times = [a.at for a in request.asked if a.consultant_id == seat.consultant_id]
    return bool(times) and (seat.free_since is None or seat.free_since <= max(times))


def _preferred(request: Request, seats: list[Seat]) -> tuple[str, Seat] | None:
    wishes = (
        ("same_visit", request.returning_to),
        ("owner", request.owner_id),
        ("asked_for", request.asked_for if request.owner_id is None else None),
    )
    by_id = {s.consultant_id: s for s in seats}
    for rule, consultant_id in wishes:
        seat = by_id.get(consultant_id) if consultant_id else None
        if seat is not None and seat.state == "free" and not _already_asked(seat, request):
            return rule, seat
    return None


def _to_preferred(rule: str, chosen: Seat, ordered: list[Seat]) -> Decision:
    return Decision(
        rule=f"rota.{rule}",
        uses_turn=False,
        chosen=(chosen.consultant_id,),
        candidates=tuple(
            _candidate(s, "chosen", rule) if s is chosen else _candidate(s, "later", f"goes_to_{rule}") for s in ordered
        ),
    )


def _to_next(
    chosen: Seat, ordered: list[Seat], skips: dict[str, Skip | None], inputs: Inputs, policy: PolicyConfig
) -> Decision:
    rule, uses_turn = _rule_of_turn(chosen, inputs, policy)
    ring_turn = uses_turn and chosen.make_up_since is None
    passed = [
        s
        for s in ordered
        if ring_turn and s.place < chosen.place and (skip := skips[s.consultant_id]) is not None and skip.passed
    ]
    opened = [s.consultant_id for s in passed if s.make_up_since is None and _keeps_make_up(skips[s.consultant_id])]
    return Decision(
        rule=rule,
        uses_turn=uses_turn,
        chosen=(chosen.consultant_id,),
        to_end=(*(s.consultant_id for s in passed), chosen.consultant_id) if ring_turn else (),
        make_ups_opened=tuple(opened),
        make_up_used=chosen.consultant_id if uses_turn and not ring_turn else None,
        candidates=tuple(_explain(s, chosen, skips[s.consultant_id], rule) for s in ordered),
    )


def _rule_of_turn(chosen: Seat, inputs: Inputs, policy: PolicyConfig) -> tuple[str, bool]:
    request = inputs.request
    if request.owner_id is not None or request.returning_to is not None:
        return "rota.assist", False
    if not in_rota_hours(inputs.local_time, policy):
        return "rota.outside_hours", False
    return ("rota.next", True) if chosen.make_up_since is None else ("rota.make_up", True)


def _to_all_free(ordered: list[Seat], skips: dict[str, Skip | None], request: Request) -> Decision:
    """Everybody was asked in turn and nobody took it: all free ones at once but those who said no; then it waits."""
    said_no_or_asked_with_all = request.model_copy(
        update={"asked": tuple(a for a in request.asked if a.to_all or a.declined)}
    )
    free = [s for s in ordered if s.state == "free" and not _already_asked(s, said_no_or_asked_with_all)]
    chosen = tuple(s.consultant_id for s in free)
    return Decision(
        rule="rota.all_free" if chosen else "rota.wait",
        uses_turn=False,
        chosen=chosen,
        candidates=tuple(
            _candidate(s, "chosen", "all_free") if s.consultant_id in chosen else _skipped(s, skips[s.consultant_id])
            for s in ordered
        ),
    )


def _explain(seat: Seat, chosen: Seat, skip: Skip | None, rule: str) -> TurnCandidate:
    if seat is chosen:
        return _candidate(seat, "chosen", rule.removeprefix("rota."))
    return _candidate(seat, "later", "later_in_order") if skip is None else _skipped(seat, skip)


def _skipped(seat: Seat, skip: Skip | None) -> TurnCandidate:
    reason = "already_asked" if skip is None else skip.reason
    return _candidate(seat, "skipped", reason)


def _candidate(seat: Seat, outcome: Literal["chosen", "later", "skipped"], reason: str) -> TurnCandidate:
    return TurnCandidate(consultant_id=seat.consultant_id, name="", place=None, outcome=outcome, reason=reason)


def _keeps_make_up(skip: Skip | None) -> bool:
    return skip is not None and skip.make_up
