"""The sections of the desk, in the order of its navigation: each one file, found here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kiosk_ui.desk import alerts, appeals, devices, erase, fraud, line, merges, parties, pool, rules

if TYPE_CHECKING:
    from kiosk_ui.desk.page import DeskPage
    from kiosk_ui.desk.shown import Shown


@dataclass(frozen=True, slots=True)
class Section:
    """`waiting` counts what asks for the manager; `shows` is what its picture depends on; `read` asks the gateway."""

    name: str
    icon: str
    draw: Callable[[DeskPage], None]
    shows: Callable[[Shown], object]
    waiting: Callable[[Shown], int]
    read: Callable[[DeskPage], Awaitable[None]]


SECTIONS = (
    Section("parties", "front_hand", parties.draw, parties.shows, parties.waiting, parties.read),
    Section("appeals", "balance", appeals.draw, appeals.shows, appeals.waiting, appeals.read),
    Section("fraud", "troubleshoot", fraud.draw, fraud.shows, lambda _: 0, fraud.read),
    Section("pool", "person_add", pool.draw, pool.shows, pool.waiting, pool.read),
    Section("merges", "merge", merges.draw, merges.shows, merges.waiting, merges.read),
    Section("erase", "delete_forever", erase.draw, erase.shows, erase.waiting, erase.read),
    Section("alerts", "notifications", alerts.draw, alerts.shows, alerts.waiting, alerts.read),
    Section("line", "sync", line.draw, line.shows, line.waiting, line.read),
    Section("devices", "sensors", devices.draw, devices.shows, devices.waiting, devices.read),
    Section("rules", "gavel", rules.draw, rules.shows, lambda _: 0, rules.read),
)
BY_NAME = {section.name: section for section in SECTIONS}
