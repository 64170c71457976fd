"""What a figure means: against its target, against the usual. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from contracts.floor_api import Floor, NodeView
from contracts.gateway_api import VisitView
from kiosk_ui.targets import Targets

Level = Literal["good", "warn", "late", "idle"]
"""How a figure stands: at its target, near it, past it, or nothing to judge."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """`share` is today ÷ usual − 1; `fill` how far the bar reaches (1 = the usual), at most 1.5."""

    usual: float
    share: float
    fill: float
    level: Level


def against_usual(value: int, usual: float | None, near: float) -> Comparison | None:
    """None without history. Fewer people than usual is what a manager asks about, so only that is a warning."""
    if not usual:
        return None
    share = value / usual - 1
    level: Level = "good" if share >= -near else "warn" if share >= -3 * near else "late"
    return Comparison(usual, share, min(value / usual, 1.5), level)


def wait_level(seconds: int | None, targets: Targets) -> Level:
    if seconds is None:
        return "idle"
    if seconds <= targets.wait_seconds:
        return "good"
    return "warn" if seconds <= targets.wait_late_seconds else "late"


def capture_level(rate: float | None, counted: int, targets: Targets) -> Level:
    """Too few people to judge is `idle`."""
    if rate is None or counted < targets.capture_min_people:
        return "idle"
    if rate >= targets.capture_rate:
        return "good"
    return "warn" if rate >= targets.capture_rate - 0.15 else "late"


def waiting_since(visit: VisitView) -> datetime:
    return visit.waiting_since or visit.opened_at


def waited_seconds(visit: VisitView, now: datetime) -> int:
    """How long a party that still waits has waited; never negative, because clocks differ."""
    return max(0, int((now - waiting_since(visit)).total_seconds()))


def served_seconds(visit: VisitView, now: datetime) -> int:
    return max(0, int((now - (visit.accepted_at or visit.opened_at)).total_seconds()))


def by_waiting_time(floor: Floor) -> list[VisitView]:
    """Longest wait first."""
    return sorted(floor.waiting, key=waiting_since)


def late_parties(floor: Floor, targets: Targets, now: datetime) -> list[VisitView]:
    return [visit for visit in by_waiting_time(floor) if waited_seconds(visit, now) > targets.wait_seconds]


def node_level(node: NodeView) -> Level:
    """The worst of the node and its devices."""
    if not node.online or any(device.state == "offline" for device in node.devices):
        return "late"
    return "warn" if any(device.state == "degraded" for device in node.devices) else "good"
