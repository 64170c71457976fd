"""The rota (轮排), pure: who is offered a visit, who is passed over and what they keep.

The order is a ring that starts in sign-in order. Being offered a turn, or being passed over, moves a consultant to the
end; a consultant passed over for a good reason keeps a make-up (补接), which comes before the ring once they are free.
"""

from datetime import datetime, time, timedelta
from itertools import takewhile
from typing import Any, Literal

from contracts.gateway_api import AwayReason, TurnCandidate, TurnOrder
from gateway.policy import PolicyConfig
from gateway.rota.model import Absence, Decision, Inputs, Override, Seat, Skip
from gateway.rota.order import in_order
from gateway.rota.skips import already_asked, in_shadow_days, is_absent_undeclared, skips_of

LADDER = ("rota.manager", "rota.reception")
Skips = dict[str, Skip | None]


def decide(inputs: Inputs, policy: PolicyConfig) -> Decision:
    """Who is offered this visit now; or, once nobody accepted, who is told that it waits."""
    ordered = in_order(inputs, policy)
    decision = _decide(ordered, inputs, policy)
    for rank, (seat, candidate) in enumerate(zip(ordered, decision.candidates, strict=True), 1):
        candidate.place = None if seat.state == "signed_out" else rank
    return decision.model_copy(update={"order": inputs.order})


def order_of(source: str, policy: PolicyConfig) -> TurnOrder:
    """Which order a first visit takes its turn from."""
    return "channel" if source != "walk_in" and policy.channel_order == "own" else "walk_in"


def in_rota_hours(local_time: time, policy: PolicyConfig) -> bool:
    """True inside rota hours, when a visit uses a turn."""
    return policy.rota_opens <= local_time < policy.rota_closes


def absence_from(reason: AwayReason, minutes: int | None, now: datetime, policy: PolicyConfig) -> Absence:
    """A declared absence. A short break without a length is as long as the policy allows."""
    if minutes is None and reason == "short_break":
        minutes = policy.short_break_minutes
    return Absence(reason=reason, since=now, until=None if minutes is None else now + timedelta(minutes=minutes))


def _decide(ordered: list[Seat], inputs: Inputs, policy: PolicyConfig) -> Decision:
    if inputs.override is not None:
        return _past_the_rota(inputs.override, ordered, inputs, policy)
    skips = skips_of(ordered, inputs, policy)
    preferred = _preferred(ordered, inputs, policy)
    if preferred is not None:
        rule, seat = preferred
        return _to_preferred(rule, seat, ordered)
    eligible = [s for s in ordered if skips[s.consultant_id] is None]
    if eligible:
        return _to_next(eligible[0], ordered, skips, inputs, policy)
    return _to_all_free(ordered, skips, inputs, policy)


def _past_the_rota(override: Override, ordered: list[Seat], inputs: Inputs, policy: PolicyConfig) -> Decision:
    """A manager's word with its reason. Only an assignment may use a turn, and only where the office says so."""
    rule = "assigned" if override.kind == "assigned" else "rota.handed_over"
    seated = [s.consultant_id for s in ordered]
    uses_turn = (
        override.kind == "assigned"
        and policy.override_uses_turn
        and override.consultant_id in seated
        and in_rota_hours(inputs.arrival_time, policy)
    )
    facts = {"reason": override.reason}
    return Decision(
        rule=rule,
        uses_turn=uses_turn,
        chosen=(override.consultant_id,),
        to_end=(override.consultant_id,) if uses_turn else (),
        candidates=tuple(
            _candidate(s, "chosen", override.kind, facts)
            if s.consultant_id == override.consultant_id
            else _candidate(s, "later", "decided_past_the_rota", facts)
            for s in ordered
        ),
    )


def _preferred(seats: list[Seat], inputs: Inputs, policy: PolicyConfig) -> tuple[str, Seat] | None:
    request = inputs.request
    wishes = (
        ("same_visit", request.returning_to),
        ("owner", request.owner_id),
        ("asked_for", request.asked_for if request.owner_id is None else None),
    )
    by_id = {s.consultant_id: s for s in seats}
    for rule, consultant_id in wishes:
        seat = by_id.get(consultant_id) if consultant_id else None
        if seat is None or seat.state != "free" or already_asked(seat, request):
            continue
        if not is_absent_undeclared(seat, inputs, policy):
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


def _to_next(chosen: Seat, ordered: list[Seat], skips: Skips, inputs: Inputs, policy: PolicyConfig) -> Decision:
    rule, uses_turn = _rule_of_turn(chosen, inputs, policy)
    ring_turn = rule == "rota.next"
    passed = _passed(chosen, ordered, skips) if ring_turn else []
    opened = [s.consultant_id for s, skip in passed if skip.make_up and s.make_up_since is None]
    lost = [s.consultant_id for s, skip in passed if skip.lost]
    gone_past = {s.consultant_id for s, _ in passed}
    return Decision(
        rule=rule,
        uses_turn=uses_turn,
        chosen=(chosen.consultant_id,),
        to_end=(*(s.consultant_id for s, _ in passed), chosen.consultant_id) if ring_turn else (),
        make_ups_opened=tuple(opened),
        make_up_used=chosen.consultant_id if rule == "rota.make_up" else None,
        lost=tuple(lost),
        candidates=tuple(_explain(s, chosen, skips[s.consultant_id], rule, gone_past) for s in ordered),
    )


def _passed(chosen: Seat, ordered: list[Seat], skips: Skips) -> list[tuple[Seat, Skip]]:
    """Whom the ring goes past to reach the chosen one."""
    ahead = takewhile(lambda s: s is not chosen, ordered)
    found = [(s, skips[s.consultant_id]) for s in ahead]
    return [(s, skip) for s, skip in found if skip is not None and skip.passed]


def _rule_of_turn(chosen: Seat, inputs: Inputs, policy: PolicyConfig) -> tuple[str, bool]:
    request = inputs.request
    if request.owner_id is not None or request.returning_to is not None:
        return "rota.assist", False
    if not in_rota_hours(inputs.arrival_time, policy):
        return "rota.outside_hours", False
    return ("rota.next", True) if chosen.make_up_since is None else ("rota.make_up", True)


def _to_all_free(ordered: list[Seat], skips: Skips, inputs: Inputs, policy: PolicyConfig) -> Decision:
    """Everybody was asked in turn and nobody took it: all free ones at once but those who said no."""
    said_no_or_asked_with_all = inputs.request.model_copy(
        update={"asked": tuple(a for a in inputs.request.asked if a.to_all or a.declined)}
    )
    free = {
        s.consultant_id
        for s in ordered
        if s.state == "free"
        and not is_absent_undeclared(s, inputs, policy)
        and not in_shadow_days(s, inputs, policy)
        and not already_asked(s, said_no_or_asked_with_all)
    }
    return Decision(
        rule="rota.all_free" if free else _step_up(skips, inputs, policy),
        uses_turn=False,
        chosen=tuple(s.consultant_id for s in ordered if s.consultant_id in free),
        candidates=tuple(
            _candidate(s, "chosen", "all_free")
            if s.consultant_id in free
            else _skipped(s, skips[s.consultant_id], set())
            for s in ordered
        ),
    )


def _step_up(skips: Skips, inputs: Inputs, policy: PolicyConfig) -> str:
    """Nobody accepted: the manager, then the reception's screen. When all are rightly busy it only waits."""
    steps = {step.rule: step.at for step in inputs.request.steps}
    vanished = any(skip is not None and skip.reason == "away_undeclared" for skip in skips.values())
    if not steps and not inputs.request.asked and not vanished:
        return "rota.wait"
    told = steps.get("rota.manager")
    if "rota.reception" in steps or (told is not None and inputs.now >= told + policy.manager_time):
        return "rota.reception"
    return "rota.manager"


def _explain(seat: Seat, chosen: Seat, skip: Skip | None, rule: str, gone_past: set[str]) -> TurnCandidate:
    if seat is chosen:
        return _candidate(seat, "chosen", rule.removeprefix("rota."))
    return _candidate(seat, "later", "later_in_order") if skip is None else _skipped(seat, skip, gone_past)


def _skipped(seat: Seat, skip: Skip | None, gone_past: set[str]) -> TurnCandidate:
    if skip is None:
        return _candidate(seat, "skipped", "already_asked")
    passed = {"turn": _kept(seat, skip)} if seat.consultant_id in gone_past else {}
    return _candidate(seat, "skipped", skip.reason, {**skip.facts, **passed})


def _kept(seat: Seat, skip: Skip) -> str:
    """What became of the turn that went past them."""
    if skip.lost:
        return "lost"
    if not skip.make_up:
        return "gone"
    return "make_up" if seat.make_up_since is None else "make_up_open_already"


def _candidate(
    seat: Seat, outcome: Literal["chosen", "later", "skipped"], reason: str, facts: dict[str, Any] | None = None
) -> TurnCandidate:
    return TurnCandidate(
        consultant_id=seat.consultant_id, name="", place=None, outcome=outcome, reason=reason, facts=facts or {}
    )
