"""Readable facts for the tables: minutes count from `NOON`; people, channels and agents are single words."""

from datetime import UTC, datetime, timedelta

from contracts.gateway_api import Source
from contracts.policy import PolicyConfig
from gateway.fraud.domain import Arrived, Facts, Registered

NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
DAY, HOUR = 24 * 60.0, 60.0
SECOND = 1 / 60


def at(minutes: float) -> datetime:
    return NOON + timedelta(seconds=round(minutes * 60, 6))


def came(minutes: float = 0.0, *, who: str = "p", source: Source = "walk_in", by: str = "", visit: str = "") -> Arrived:
    return Arrived(visit or f"v-{who}-{minutes:g}", who, at(minutes), source, frozenset(by.split()))


def claimed(
    minutes: float,
    *,
    agent: str = "c1",
    number: str | None = "p",
    ends: str = "",
    who: str | None = "",
    claim: str = "",
) -> Registered:
    """By agent `c1` of channel `C`. `number` None is masked; it is of its own person unless `who` says otherwise."""
    people = (number or ends) if who == "" else who
    return Registered(
        claim or f"r-{agent}-{number or ends}-{minutes:g}",
        agent[0].upper(),
        agent,
        at(minutes),
        number,
        ends or number,
        frozenset((people or "").split()),
    )


def of(*facts: Arrived | Registered, days: float = 1.0, **policy: object) -> Facts:
    """The period is `days` to either side of noon."""
    return Facts(
        at(-days * DAY),
        at(days * DAY),
        [f for f in facts if isinstance(f, Arrived)],
        [f for f in facts if isinstance(f, Registered)],
        PolicyConfig.model_validate(policy),
    )
