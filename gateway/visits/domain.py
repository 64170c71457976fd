"""Visits (到访), pure: is this arrival a new visit, or one that is still going on?"""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from contracts.gateway_api import VisitKind
from gateway.policy import PolicyConfig

OFFICE_CLOSED = "office_closed"
NOT_CUSTOMER = "not_customer"
STEPPED_OUT = frozenset({"toured", "left", "deal"})
"""Outcomes after which the same party may come back; a marked non-customer's next arrival is judged anew."""


@dataclass(frozen=True, slots=True)
class LastVisit:
    """What is known of the customer's latest visit. `closes_at`: when the office closes on it while it is open."""

    visit_id: str
    state: str
    opened_at: datetime
    closed_at: datetime | None
    close_reason: str | None
    closes_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """`join` an open visit, `reopen` one left within the step-out time, or open a `new` one. `rule` says why."""

    action: Literal["new", "join", "reopen"]
    rule: str
    visit_id: str | None = None


def match_arrival(last: LastVisit | None, now: datetime, policy: PolicyConfig) -> Match:
    """Decide for a known customer; people without a number always open a new visit.

    `now` is the earliest sign of this arrival: through the door, or the check-in itself.
    """
    if last is None:
        return Match("new", "no_earlier_visit")
    if last.state != "closed":
        if last.closes_at is not None and now >= last.closes_at:
            return Match("new", "earlier_visit_over")
        return Match("join", "visit_still_open", last.visit_id)
    if last.closed_at is None or last.close_reason not in STEPPED_OUT:
        return Match("new", "earlier_visit_over")
    if now - last.closed_at <= policy.step_out:
        return Match("reopen", "back_within_step_out_time", last.visit_id)
    return Match("new", "earlier_visit_over")


def kind_of_visit(*, known_customer: bool, earlier_visits: int) -> VisitKind:
    if not known_customer:
        return "unknown"
    return "return" if earlier_visits else "first"


def closes_at(opened_at: datetime, closing_time: time, zone: ZoneInfo) -> datetime:
    """When a visit that nobody ends is closed: at that day's closing time, or at midnight when opened after it."""
    day = opened_at.astimezone(zone).date()
    closing = datetime.combine(day, closing_time, zone).astimezone(UTC)
    if opened_at < closing:
        return closing
    return datetime.combine(day + timedelta(days=1), time(0), zone).astimezone(UTC)
