"""Registrations (报备), pure: what repeats a live one and so extends nothing, and how one stands now (domain.md)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from contracts.channels_api import RegistrationState
from contracts.periods import end_of, within
from contracts.policy import PolicyConfig

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Live:
    """An earlier registration of the same channel and number, not void."""

    registration_id: str
    project: str
    accepted_at: datetime
    withdrawn_at: datetime | None


def protected_until(accepted_at: datetime, policy: PolicyConfig, zone: ZoneInfo) -> datetime:
    """To the visit: the last instant of the protection."""
    return end_of(accepted_at, policy.protection_to_visit_days, policy.day_count, zone)


def repeated(earlier: Iterable[Live], project: str, now: datetime, policy: PolicyConfig, zone: ZoneInfo) -> Live | None:
    """The oldest live one that a registration for `project` now would only repeat."""
    live = (each for each in earlier if _covers(each, project, policy) and _is_live(each, now, policy, zone))
    return min(live, key=lambda each: (each.accepted_at, each.registration_id), default=None)


def state(*, withdrawn_at: datetime | None, repeats: bool, now: datetime, until: datetime) -> RegistrationState:
    if withdrawn_at is not None:
        return "withdrawn"
    if repeats:
        return "repeat"
    return "live" if now <= until else "lapsed"


def _is_live(each: Live, now: datetime, policy: PolicyConfig, zone: ZoneInfo) -> bool:
    days, counting = policy.protection_to_visit_days, policy.day_count
    return each.withdrawn_at is None and within(each.accepted_at, now, days, counting, zone)


def _covers(each: Live, project: str, policy: PolicyConfig) -> bool:
    """Claims are per project unless the office says otherwise; one that names none holds for all."""
    return policy.claim_scope == "company" or each.project in ("", project)
