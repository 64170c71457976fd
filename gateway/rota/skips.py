"""Who cannot be offered a turn now, and what becomes of the turn when the order goes past them."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from gateway.policy import PolicyConfig
from gateway.rota.model import Absence, Inputs, Request, Seat, Skip


def skips_of(seats: Iterable[Seat], inputs: Inputs, policy: PolicyConfig) -> dict[str, Skip | None]:
    """By consultant; None for who can be offered the visit."""
    found = {s.consultant_id: _skip(s, inputs, policy) for s in seats}
    found = _only_its_team(inputs, found, policy)
    return _only_skilled(inputs, found, policy)


def is_absent_undeclared(seat: Seat, inputs: Inputs, policy: PolicyConfig) -> bool:
    """Free as far as they said, but their tablet has been silent for longer than the policy allows."""
    return seat.state == "free" and _silent_since(seat, inputs, policy) is not None


def already_asked(seat: Seat, request: Request) -> bool:
    """Asked once is enough, until the consultant becomes free anew (signs in, comes back, finishes)."""
    times = [a.at for a in request.asked if a.consultant_id == seat.consultant_id]
    return bool(times) and (seat.free_since is None or seat.free_since <= max(times))


def in_shadow_days(seat: Seat, inputs: Inputs, policy: PolicyConfig) -> bool:
    """A new starter only watches on their first days, the day they started included."""
    return seat.started_on is not None and inputs.today < seat.started_on + timedelta(days=policy.shadow_days)


def _skip(seat: Seat, inputs: Inputs, policy: PolicyConfig) -> Skip | None:
    if seat.state == "signed_out":
        return Skip(reason="signed_out")
    if in_shadow_days(seat, inputs, policy):
        return Skip(reason="shadow_days", facts={"started_on": str(seat.started_on), "days": policy.shadow_days})
    if seat.state == "away":
        return _skip_absent(seat.absence, inputs, policy)
    if seat.state in ("serving", "offered"):
        keeps = policy.make_up_when_serving_returning or not seat.busy_with_return
        return Skip(reason=seat.state, passed=True, make_up=keeps, facts={"returning": seat.busy_with_return})
    silent = _silent_since(seat, inputs, policy)
    if silent is not None:
        return _lost("away_undeclared", {"last_seen_at": silent, "minutes": policy.undeclared_absence_minutes})
    if already_asked(seat, inputs.request):
        return Skip(reason="already_asked")
    return None


def _skip_absent(absence: Absence | None, inputs: Inputs, policy: PolicyConfig) -> Skip:
    if absence is None:
        return _lost("away_undeclared", {})
    since, until = absence.since, absence.until
    facts = {"since": since.isoformat(), "until": None if until is None else until.isoformat()}
    if until is not None and inputs.now > until:
        return _lost("absence_ran_over", facts)
    short = absence.reason == "short_break"
    too_long = short and until is not None and until - since > timedelta(minutes=policy.short_break_minutes)
    kept = absence.reason in policy.make_up_reasons and not too_long
    return Skip(reason=f"away_{absence.reason}", passed=True, make_up=kept, facts=facts)


def _lost(reason: str, facts: dict[str, Any]) -> Skip:
    return Skip(reason=reason, passed=True, lost=True, facts=facts)


def _silent_since(seat: Seat, inputs: Inputs, policy: PolicyConfig) -> str | None:
    """When somebody was last heard of, if that is too long ago; what they did themselves counts as being there."""
    if policy.presence == "none" or seat.seen_at is None:
        return None
    heard = seat.seen_at if seat.free_since is None else max(seat.seen_at, seat.free_since)
    return heard.isoformat() if inputs.now - heard > policy.undeclared_absence else None


def _only_its_team(inputs: Inputs, skips: dict[str, Skip | None], policy: PolicyConfig) -> dict[str, Skip | None]:
    """Each team with a rota of its own: the visit is for one of them, while anybody of it is signed in."""
    team = policy.team_of_source.get(inputs.request.source, "") if policy.teams == "own" else ""
    here = {s.consultant_id for s in inputs.seats if s.team == team and s.state != "signed_out"}
    if not team or not here:
        return skips
    return _narrowed(skips, here, Skip(reason="other_team", facts={"team": team}))


def _only_skilled(inputs: Inputs, skips: dict[str, Skip | None], policy: PolicyConfig) -> dict[str, Skip | None]:
    """Narrow to those with all the skills asked for, while one of them can be called; the others keep their turn."""
    needs = set(inputs.request.needs)
    if not policy.skill_match or not needs:
        return skips
    able = {s.consultant_id for s in inputs.seats if needs <= set(s.skills)}
    if not any(skips[person] is None for person in able):
        return skips
    return _narrowed(skips, able, Skip(reason="skill_needed", facts={"needs": sorted(needs)}))


def _narrowed(skips: dict[str, Skip | None], kept: set[str], otherwise: Skip) -> dict[str, Skip | None]:
    """Who is left out keeps their place; why somebody could not be called anyway stays the reason."""
    return {
        person: skip if person in kept else otherwise if skip is None else skip.model_copy(update=_NOT_PASSED)
        for person, skip in skips.items()
    }


_NOT_PASSED = {"passed": False, "make_up": False, "lost": False}
