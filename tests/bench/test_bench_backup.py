"""A backup while the office works: how long it takes, how large it is, how long writing waits for it, and restoring it.

The delay is what a unit of the one writer takes from the event loop and back, committed, while a backup is written by
the thread that writes it in a running gateway; the same units without a backup stand beside it.
"""

import asyncio
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from contracts.ids import uuid7
from gateway.backup.container import BackupKey
from gateway.backup.folder import Place
from gateway.backup.restore import restore
from gateway.backup.service import in_thread
from gateway.database import Database
from gateway.keys import Keys
from gateway.tables import GatewayState
from gateway.writer import UnitOfWork, Writer
from tests.bench import years
from tests.bench.conftest import Report, percentile
from tests.support.office import NOON_ZONE

pytestmark = [pytest.mark.bench, pytest.mark.timeout(3600)]
OFFICE = "yunqi"
DEMO, YEARS_OLD = 300, 80_000
CONSULTANTS = 100
QUIET_SECONDS, PAUSE_SECONDS = 10.0, 0.005
NEEDED = 100
"""So many units beside a backup, over as many backups as that takes: a small office's is over in a moment."""


@pytest.mark.parametrize("customers", [DEMO, YEARS_OLD], ids=["demo", "years"])
async def test_a_backup_and_its_restore(customers: int, tmp_path: Path, report: Report) -> None:
    keys = Keys.load_or_create(tmp_path / "gateway.keys")
    database = Database(tmp_path / "gateway.db")
    database.migrate()
    people = list(years.staff(CONSULTANTS, "2468"))
    years.fill(database, keys, OFFICE, people, customers, ZoneInfo(NOON_ZONE))
    name = f"{customers:,} customers, {database.path.stat().st_size / 1e6:,.0f} MB"
    place = Place(tmp_path / "copies", OFFICE, BackupKey(os.urandom(32)), same_disk=True)
    place.folder.mkdir()
    writer = Writer(database, "/offices/yunqi/nodes/gateway/devices/bench")
    writer.start()

    quiet_until = time.monotonic() + QUIET_SECONDS
    report.add(f"writer's unit, no backup, {name}", _spread(await _units(writer, lambda: quiet_until)), "none")
    took, beside = await _backups(writer, database, place)
    report.add(f"writer's unit beside a backup, {name}", _spread(beside), "p99 ≤ 100 ms")
    size = place.generations()[0].path.stat().st_size / 1e6
    report.add(f"backup, {name}", f"{percentile(took, 0.5):.1f} s, {size:,.1f} MB", "none")

    await writer.stop()
    database.close()
    began = time.monotonic()
    restored = await asyncio.to_thread(restore, place, tmp_path / "new" / "gateway.db", keys, now=datetime.now(UTC))
    report.add(f"restore, {name}", f"{time.monotonic() - began:.1f} s", "none")
    assert restored.header.counts["customers"] == customers


async def _backups(writer: Writer, database: Database, place: Place) -> tuple[list[float], list[float]]:
    """Seconds of each backup, and of each unit beside one."""
    took: list[float] = []
    beside: list[float] = []
    while len(beside) < NEEDED:
        began = time.monotonic()
        backup = asyncio.create_task(in_thread(lambda: place.write(database.path, datetime.now(UTC))))
        beside += await _units(writer, partial(_until_done, backup))
        await backup
        took.append(time.monotonic() - began)
    return took, beside


async def _units(writer: Writer, until: Callable[[], float]) -> list[float]:
    """Seconds of units, one after the other with a pause between."""
    spent: list[float] = []
    while time.monotonic() < until():
        began = time.monotonic()
        await writer.run(_write)
        spent.append(time.monotonic() - began)
        await asyncio.sleep(PAUSE_SECONDS)
    return spent


def _until_done(backup: "asyncio.Task[object]") -> float:
    return 0.0 if backup.done() else float("inf")


def _write(uow: UnitOfWork) -> None:
    uow.session.merge(GatewayState(key="bench", value=uuid7()))


def _spread(seconds: list[float]) -> str:
    p50, p99 = (percentile(seconds, share) * 1000 for share in (0.5, 0.99))
    return f"p50 {p50:.1f} ms, p99 {p99:.1f} ms, longest {max(seconds) * 1000:.1f} ms ({len(seconds):,} units)"
