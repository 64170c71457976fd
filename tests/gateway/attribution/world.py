"""Words for decision tables: everything is so many days before the visit `now`, of customer `x`."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from gateway.attribution.domain import Verdict, judge
from gateway.attribution.evidence import (
    Called,
    Came,
    Contact,
    Departed,
    Evidence,
    Marked,
    Member,
    OwnerClaim,
    Received,
    Referral,
    Registration,
    Scan,
    Signal,
    Standing,
    Stated,
)
from gateway.policy import PolicyConfig

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
"""11:00 in Shanghai."""
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
Span = timedelta | float
"""A length of time; a number is days."""


def before(span: Span) -> datetime:
    return NOW - (span if isinstance(span, timedelta) else timedelta(days=span))


def came(span: Span, by: str | None = None, *, of: str = "x", project: str = "", visit: str = "") -> Came:
    """Came and nobody received them. `by`: the channel that brought them."""
    visit = visit or f"{of}@{before(span).isoformat()}"
    return Came(at=before(span), visit_id=visit, customer_id=of, brought_by=by, project=project)


def visited(span: Span, who: str, by: str | None = None, **more: Any) -> tuple[Signal, ...]:
    """Came, and consultant `who` received them."""
    of, project = more.pop("of", "x"), more.pop("project", "")
    arrival = came(span, by, of=of, project=project)
    received = Received(
        at=arrival.at, visit_id=arrival.visit_id, customer_id=of, consultant_id=who, project=project, **more
    )
    return arrival, received


def received_now(who: str, *, after: timedelta = MINUTE, **more: Any) -> Received:
    """This very visit."""
    return Received(at=NOW + after, visit_id="now", customer_id="x", consultant_id=who, **more)


def called(span: Span, who: str, *, of: str = "x", project: str = "") -> Called:
    return Called(at=before(span), customer_id=of, consultant_id=who, project=project)


def contact(span: Span, who: str, *, reached: bool = True, of: str = "x") -> Contact:
    return Contact(at=before(span), customer_id=of, consultant_id=who, reached=reached)


def left(span: Span, who: str) -> Departed:
    return Departed(at=before(span), consultant_id=who)


def mine(who: str, after: timedelta, visit: str = "now") -> OwnerClaim:
    return OwnerClaim(at=NOW + after, visit_id=visit, consultant_id=who)


def reg(span: Span, channel: str = "C", name: str = "", **more: Any) -> Registration:
    """A registration of x by `channel`, its agent being the small letter of it."""
    return Registration.model_validate(
        {
            "registration_id": name or f"r{channel}",
            "channel_id": channel,
            "agent_id": channel.lower(),
            "customer_id": "x",
            "accepted_at": before(span),
            **more,
        }
    )


def masked(span: Span, channel: str = "C", name: str = "", **more: Any) -> Registration:
    return reg(span, channel, name, masked=True, **more)


def ref(span: Span, who: str = "o", **more: Any) -> Referral:
    return Referral.model_validate(
        {
            "referral_id": f"f{who}",
            "referrer_id": who,
            "customer_id": "x",
            "recorded_at": before(span),
            "signed_at": before(100),
            **more,
        }
    )


def scan(channel: str, *, after: timedelta = MINUTE, agent: str = "", **more: str) -> Scan:
    return Scan.model_validate({"at": NOW + after, "channel_id": channel, "agent_id": agent or channel.lower(), **more})


def stands(span: Span, channel: str | None = "C", **more: Any) -> Standing:
    """An earlier visit that was attributed to `channel`."""
    return Standing.model_validate(
        {
            "visit_id": f"x@{before(span).isoformat()}",
            "customer_id": "x",
            "at": before(span),
            "source": "channel",
            "channel_id": channel,
            "claim_id": f"r{channel}",
            **more,
        }
    )


def stated(*, at: timedelta = MINUTE, asked_by: str = "kiosk", **answers: Any) -> Stated:
    """What the visitor answered to the gate questions."""
    return Stated.model_validate({"at": NOW + at, "asked_by": asked_by, **answers})


def marked(span: Span | None = None, reason: str = "courier", *, after: timedelta = HOUR) -> Marked:
    """The visit of x so long ago (None: this one) was no customer's; said so long after it."""
    at, visit = (NOW, "now") if span is None else (before(span), f"x@{before(span).isoformat()}")
    return Marked(at=at + after, visit_id=visit, reason=reason)


def case(*facts: Any, **more: Any) -> Evidence:
    """Facts of any kind, a tuple of them counting as its parts; `kind` is the visit's, `first` unless said."""
    flat = [part for fact in facts for part in (fact if isinstance(fact, tuple) else (fact,))]
    return Evidence.model_validate(
        {
            "visit_id": "now",
            "visit_kind": more.pop("kind", "first"),
            "party": (Member(customer_id="x"), *(f for f in flat if isinstance(f, Member))),
            "arrived_at": NOW,
            "signals": [f for f in flat if isinstance(f, Signal.__origin__)],  # type: ignore[attr-defined]
            "registrations": [f for f in flat if isinstance(f, Registration)],
            "referrals": [f for f in flat if isinstance(f, Referral)],
            "scans": [f for f in flat if isinstance(f, Scan)],
            "standing": [f for f in flat if isinstance(f, Standing)],
            "gate": [f for f in flat if isinstance(f, Stated)],
            "marked": [f for f in flat if isinstance(f, Marked)],
            **more,
        }
    )


def verdict(evidence: Evidence, **policy: Any) -> Verdict:
    return judge(evidence, PolicyConfig(**policy), SHANGHAI)


def note(said: Verdict, rule: str) -> tuple[str, str]:
    """Outcome and reason of one rule."""
    return next((n.outcome, n.reason) for n in said.rules if n.rule == rule)
