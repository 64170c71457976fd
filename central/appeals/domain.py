"""Appeals at head office, pure: whether an agent may file one now (domain.md: open to appeal for 7 days)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Refusal = Literal["", "already_appealed", "verdict_superseded", "appeal_period_over"]


@dataclass(frozen=True, slots=True)
class Standing:
    """A verdict as an appeal against it finds it. `until`: what the office said, its last instant included."""

    until: datetime | None
    newest: bool
    appealed: bool


def refused(standing: Standing, now: datetime) -> Refusal:
    """Why it may not be filed; empty when it may. A verdict whose office named no end is appealed at the office."""
    if standing.appealed:
        return "already_appealed"
    if not standing.newest:
        return "verdict_superseded"
    if standing.until is None or now > standing.until:
        return "appeal_period_over"
    return ""
