"""What one ingest request carries to the domains: the office, the clock, the keys, and the days it has touched."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from central.footfall.port import TimeSeries
from central.timeframe import local_day
from central.vault import Vault
from contracts.events import Data, Event
from contracts.sealing import Sealer

D = TypeVar("D", bound=Data)


@dataclass(frozen=True, slots=True)
class Item(Generic[D]):
    event: Event
    data: D


@dataclass(frozen=True, slots=True)
class Rejection:
    """One event a domain could not take; `detail` holds no personal data."""

    event: Event
    reason: str
    detail: str = ""


@dataclass(slots=True)
class Intake:
    office: str
    zone: ZoneInfo
    received_at: datetime
    sealer: Sealer
    vault: Vault
    timeseries: TimeSeries
    touched_days: set[date] = field(default_factory=set)

    def day_of(self, at: datetime) -> date:
        return local_day(at, self.zone)


Handler = Callable[[AsyncSession, Intake, Sequence[Item[D]]], Awaitable[list[Rejection]]]
"""Writes what the items say; answers those it could not take. Idempotent, whatever the order."""
