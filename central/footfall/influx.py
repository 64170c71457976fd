"""A copy of the counts for an InfluxDB 2 compatible server, by line protocol.

https://docs.influxdata.com/influxdb/v2/reference/syntax/line-protocol/ — one point per line; the same measurement, tags
and time again replaces the value, so lines may be sent twice. Lines wait in a table written in the transaction of the
counts themselves and are deleted after the server said 2xx: an outage loses nothing.
"""

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from influxdb_client.client.influxdb_client import InfluxDBClient
from influxdb_client.client.write_api import SYNCHRONOUS
from influxdb_client.domain.write_precision import WritePrecision
from influxdb_client.rest import ApiException
from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from urllib3.exceptions import HTTPError

from central.database import Database, table_of
from central.deadletters.service import DeadLetters
from central.footfall.port import MinuteCount
from central.footfall.sql import SqlTimeSeries
from central.footfall.tables import CopyLine
from central.metrics import Metrics
from central.timeframe import day_start
from contracts.central_api import FootfallPoint, Step
from contracts.values import utc_now

log = logging.getLogger(__name__)
MALFORMED = frozenset({400, 413, 422})
_ESCAPED = str.maketrans({",": r"\,", "=": r"\=", " ": r"\ ", "\n": r"\ ", "\r": r"\ ", "\\": "/"})


def line_of(measurement: str, tags: dict[str, str], counts: tuple[int, int], at: datetime) -> dict[str, str]:
    """One row of the outbox; time in whole seconds."""
    series = ",".join([measurement, *(f"{key}={value.translate(_ESCAPED)}" for key, value in tags.items())])
    stamp = int(at.timestamp())
    return {
        "series": f"{series} {stamp}",
        "line": f"{series} count_in={counts[0]}i,count_out={counts[1]}i {stamp}",
    }


class InfluxTimeSeries:
    """Keeps counts in the database as `SqlTimeSeries` does and queues each changed value for the other server."""

    def __init__(self) -> None:
        self._sql = SqlTimeSeries()

    async def record(self, session: AsyncSession, office: str, zone: ZoneInfo, counts: Sequence[MinuteCount]) -> None:
        hours, days = await self._sql.record_and_roll_up(session, office, zone, counts)
        lines = [
            line_of(
                "footfall_minute",
                {"office": office, "device": count.device, "line": str(count.line)},
                (count.count_in, count.count_out),
                count.minute,
            )
            for count in await self._sql.as_stored(session, office, counts)
        ]
        lines += [
            line_of("footfall_hour", {"office": office}, (row.count_in, row.count_out), row.hour) for row in hours
        ]
        lines += [_day_line(office, zone, row.day, (row.count_in, row.count_out)) for row in days]
        if lines:
            await session.execute(table_of(CopyLine).insert(), lines)

    async def points(
        self, session: AsyncSession, office: str, zone: ZoneInfo, step: Step, start: datetime, end: datetime
    ) -> list[FootfallPoint]:
        return await self._sql.points(session, office, zone, step, start, end)

    async def rezone(self, session: AsyncSession, office: str, zone: ZoneInfo) -> None:
        """The other server keeps the buckets of the old zone; new values arrive under the new one."""
        await self._sql.rezone(session, office, zone)


def _day_line(office: str, zone: ZoneInfo, day: date, counts: tuple[int, int]) -> dict[str, str]:
    return line_of("footfall_day", {"office": office}, counts, day_start(day, zone))


class LineServer(Protocol):
    def write(self, lines: Sequence[str]) -> None:
        """Blocks until the server has taken all lines. Raises ApiException or urllib3's HTTPError."""

    def close(self) -> None: ...


class InfluxServer:
    """influxdb-client in synchronous mode: its own batching would lose what it holds in an outage."""

    def __init__(self, *, url: str, org: str, bucket: str, token: str) -> None:
        self._client = InfluxDBClient(url=url, token=token, org=org, timeout=10_000)
        self._api = self._client.write_api(write_options=SYNCHRONOUS)
        self._bucket = bucket

    def write(self, lines: Sequence[str]) -> None:
        self._api.write(bucket=self._bucket, record=list(lines), write_precision=WritePrecision.S)  # type: ignore[arg-type]

    def close(self) -> None:
        self._client.close()  # type: ignore[no-untyped-call]


class Courier:
    """Carries the outbox to the server: oldest first, in batches, with growing pauses while the server is away."""

    def __init__(
        self, database: Database, server: LineServer, dead_letters: DeadLetters, metrics: Metrics, *, batch: int
    ) -> None:
        self._database = database
        self._server = server
        self._dead_letters = dead_letters
        self._metrics = metrics
        self._batch = batch

    async def run(self, *, idle_seconds: float = 1.0, longest_pause: float = 60.0) -> None:
        """Until cancelled. An unreachable server or database is retried for ever, with the reason in the log."""
        pause = idle_seconds
        while True:
            try:
                sent = await self.send_once()
                pause = idle_seconds
                if sent:
                    continue
            except (ApiException, HTTPError, OSError) as error:
                self._metrics.copy_failures.inc()
                pause = min(pause * 2, longest_pause)
                log.warning("time series server away", extra={"error": _reason(error), "retry_seconds": pause})
            except Exception:
                pause = min(pause * 2, longest_pause)
                log.exception("time series copy failed; retrying")
            await asyncio.sleep(pause)

    async def send_once(self) -> int:
        """Send one batch and forget it; answers how many lines. Raises what the server raised."""
        async with self._database.read() as session:
            statement = select(CopyLine).order_by(col(CopyLine.line_id)).limit(self._batch)
            rows = list((await session.scalars(statement)).all())
            waiting = (await session.scalar(select(func.count()).select_from(CopyLine))) or 0
        self._metrics.copy_backlog.set(waiting)
        if not rows:
            return 0
        refused = await self._deliver(rows)
        async with self._database.write() as session:
            for row, reason in refused:
                await self._dead_letters.keep(
                    session, office="", origin="timeseries", reason="timeseries_refused", detail=reason,
                    payload=row.line.encode(), now=utc_now(),
                )  # fmt: skip
            table = table_of(CopyLine)
            await session.execute(delete(table).where(table.c.line_id.in_([row.line_id for row in rows])))
        self._metrics.copy_backlog.set(waiting - len(rows))
        return len(rows)

    async def _deliver(self, rows: list[CopyLine]) -> list[tuple[CopyLine, str]]:
        """Write the newest line of each point; halve a batch called malformed until the bad lines stand alone."""
        newest = list({row.series: row for row in rows}.values())
        try:
            await asyncio.to_thread(self._server.write, [row.line for row in newest])
        except ApiException as error:
            if error.status not in MALFORMED:
                raise
            if len(newest) == 1:
                return [(newest[0], _reason(error))]
            middle = len(newest) // 2
            return await self._deliver(newest[:middle]) + await self._deliver(newest[middle:])
        return []

    async def close(self, task: "asyncio.Task[None]") -> None:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await asyncio.to_thread(self._server.close)


def _reason(error: BaseException) -> str:
    status: Any = getattr(error, "status", None)
    return f"HTTP {status}" if status else type(error).__name__
