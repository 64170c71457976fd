"""The port behind which counts are kept: absolute values per minute, hour and day, never increments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.central_api import FootfallPoint, Step


@dataclass(frozen=True, slots=True)
class MinuteCount:
    """People through one line of one device in the minute beginning at `minute` (UTC), as of `revision`."""

    device: str
    line: int
    minute: datetime
    count_in: int
    count_out: int
    revision: int
    through: Mapping[str, int] = field(default_factory=dict)
    """Per stream of a node, the last sequence that is in these counts."""


class TimeSeries(Protocol):
    async def record(self, session: AsyncSession, office: str, zone: ZoneInfo, counts: Sequence[MinuteCount]) -> None:
        """Take counts in the caller's transaction; a newer revision replaces an older, an older one is ignored."""

    async def points(
        self, session: AsyncSession, office: str, zone: ZoneInfo, step: Step, start: datetime, end: datetime
    ) -> list[FootfallPoint]:
        """Recorded steps beginning in [start, end), oldest first; steps without a report are left out."""

    async def rezone(self, session: AsyncSession, office: str, zone: ZoneInfo) -> None:
        """Build hours and days anew after an office's time zone was changed."""
