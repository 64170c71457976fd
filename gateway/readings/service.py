"""Readings taken from events, shown on the floor board, an alarm while one is beyond its limit."""

from datetime import datetime, timedelta

from sqlmodel import Session, select

from contracts.events import Data, Event, SensorReading
from contracts.floor_api import ReadingView
from contracts.gateway_api import RuleNote
from gateway.context import Context
from gateway.readings.tables import ReadingRow
from gateway.writer import UnitOfWork

STALE = timedelta(minutes=30)
"""An older reading says nothing about now: it is shown as old and raises no alarm. Its device's state says why."""


def on_reading(uow: UnitOfWork, context: Context, event: Event, data: Data) -> None:
    """Handler of `sensor.reading.v1`. Older news than what is known changes nothing."""
    if not isinstance(data, SensorReading):
        raise TypeError(f"expected SensorReading, got {type(data).__name__}")
    _, _, _, _, node, _, device = event.source.split("/")
    row = uow.session.get(ReadingRow, (node, device, data.quantity))
    if row is None:
        row = ReadingRow(
            node=node,
            device=device,
            quantity=data.quantity,
            value=data.value,
            level=data.level,
            at=event.time,
            since=event.time,
        )
    elif event.time < row.at:
        return
    if data.level != row.level:
        row.since = event.time
    row.value, row.level, row.low, row.high, row.at = data.value, data.level, data.low, data.high, event.time
    uow.session.add(row)
    uow.changed("floor")


def views(session: Session, now: datetime) -> list[ReadingView]:
    """By node, sensor and quantity."""
    rows = session.exec(select(ReadingRow).order_by(ReadingRow.node, ReadingRow.device, ReadingRow.quantity))
    return [ReadingView.model_validate({**row.model_dump(), "stale": now - row.at > STALE}) for row in rows]


def floor_alarms(readings: list[ReadingView]) -> list[RuleNote]:
    """One for each reading that is beyond its limit now; the earliest first."""
    beyond = sorted((r for r in readings if r.level != "ok" and not r.stale), key=lambda r: r.since)
    return [RuleNote(rule="reading", outcome="won", reason=r.level, facts=_facts(r)) for r in beyond]


def _facts(reading: ReadingView) -> dict[str, object]:
    return {
        "node": reading.node,
        "device": reading.device,
        "quantity": reading.quantity,
        "value": reading.value,
        "limit": reading.high if reading.level == "high" else reading.low,
        "since": reading.since.isoformat(),
    }
