"""Minute counts from an office's outbox into the time series."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from central.footfall.port import MinuteCount
from central.intake import Intake, Item, Rejection
from contracts.facts import FootfallMinute


async def take(session: AsyncSession, intake: Intake, items: Sequence[Item[FootfallMinute]]) -> list[Rejection]:
    whole = [item for item in items if not (item.data.minute.second or item.data.minute.microsecond)]
    refused = [Rejection(i.event, "not_a_minute", "`minute` has seconds") for i in items if i not in whole]
    counts = [
        MinuteCount(d.device, d.line, d.minute, d.count_in, d.count_out, d.revision, d.through)
        for d in (item.data for item in whole)
    ]
    await intake.timeseries.record(session, intake.office, intake.zone, counts)
    return refused
