"""The copy for a time series server, on a real one: VictoriaMetrics takes influxdb-client's line protocol."""

import asyncio
import json
import shutil
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from influxdb_client.rest import ApiException
from sqlalchemy import text

from central.database import table_of
from central.footfall.influx import Courier, line_of
from central.footfall.tables import CopyLine
from tests.central.head_office import Files, HeadOffice, Outbox, minute, running
from tests.support.processes import free_port, until

RECENT = (time.time() // 60) * 60


class Server:
    """One VictoriaMetrics process that can be taken away and brought back with its data."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            ["victoria-metrics", f"-httpListenAddr=127.0.0.1:{self.port}", f"-storageDataPath={self._folder}",
             "-dedup.minScrapeInterval=1ms", "-retentionPeriod=100y", "-search.latencyOffset=0s"],
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        until(self._healthy, seconds=20, what="victoria-metrics")

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(20)

    def _healthy(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health", timeout=1).status_code == 200
        except httpx.HTTPError:
            return False

    def values(self, measurement: str, column: str) -> list[float]:
        """The newest value of every point, whatever its series."""
        query = {"match[]": f'{{__name__="{measurement}_{column}"}}'}
        lines = httpx.get(f"{self.url}/api/v1/export", params=query, timeout=5).text.splitlines()
        return sorted(value for line in lines for value in json.loads(line)["values"])


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    if shutil.which("victoria-metrics") is None:
        pytest.skip("no line-protocol server: install victoria-metrics")
    found = Server(tmp_path / "vm")
    found.start()
    yield found
    found.stop()


@pytest.fixture
async def copying(files: Files, server: Server) -> AsyncIterator[HeadOffice]:
    token = files.folder / "influx.token"
    token.write_text("secret")
    files.extra = (
        f'[timeseries]\nbackend = "influxdb"\nurl = "{server.url}"\norg = "o"\nbucket = "b"\ntoken_file = "{token}"\n'
    )
    async with running(files) as office:
        yield office


async def eventually(condition: Callable[[], bool], what: str, seconds: float = 40) -> None:
    deadline = time.monotonic() + seconds
    while not await asyncio.to_thread(condition):
        assert time.monotonic() < deadline, f"waited in vain for: {what}"
        await asyncio.sleep(0.1)


async def waiting(head_office: HeadOffice) -> int:
    async with head_office.runtime.database.read() as session:
        return int((await session.execute(text("SELECT count(*) FROM timeseries_outbox"))).scalar_one())


def recent(count: int, first: int = 0) -> list[Any]:
    start = datetime.fromtimestamp(RECENT, UTC) - timedelta(hours=6)
    return [minute(start + timedelta(minutes=first + n), count_in=n + 1, count_out=0) for n in range(count)]


async def test_an_outage_of_the_server_loses_nothing(copying: HeadOffice, server: Server) -> None:
    outbox = Outbox()
    await copying.send([outbox.event(data) for data in recent(5)])
    await eventually(lambda: len(server.values("footfall_minute", "count_in")) == 5, "the first points")
    await asyncio.to_thread(server.stop)
    await copying.send([outbox.event(data) for data in recent(20, first=100)])
    assert await waiting(copying) > 0
    series = await copying.get("/v1/footfall", office="yunqi", step="minute")
    assert len(series["points"]) == 25
    await asyncio.to_thread(server.start)
    await eventually(lambda: len(server.values("footfall_minute", "count_in")) == 25, "all points after the outage")
    assert sum(server.values("footfall_minute", "count_in")) == 15 + 210
    deadline = time.monotonic() + 20
    while await waiting(copying):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)


class Recorder:
    """Stands in for a server whose answers the real one cannot be made to give."""

    def __init__(self, refuse: Callable[[str], int | None]) -> None:
        self.lines: list[str] = []
        self._refuse = refuse

    def write(self, lines: list[str]) -> None:
        statuses = [status for status in map(self._refuse, lines) if status]
        if statuses:
            raise ApiException(status=statuses[0])
        self.lines += lines

    def close(self) -> None:
        return None


async def queue(head_office: HeadOffice, lines: list[dict[str, str]]) -> None:
    async with head_office.runtime.database.write() as session:
        await session.execute(table_of(CopyLine).insert(), lines)


def courier(head_office: HeadOffice, server: Recorder) -> Courier:
    runtime = head_office.runtime
    return Courier(runtime.database, server, runtime.dead_letters, runtime.metrics, batch=100)


def numbered(count: int) -> list[dict[str, str]]:
    return [{"series": f"s{n}", "line": f"m,n={n} v=1i {n}"} for n in range(count)]


async def test_a_line_the_server_calls_malformed_is_a_dead_letter_and_the_others_arrive(
    head_office: HeadOffice,
) -> None:
    await queue(head_office, numbered(9))
    server = Recorder(lambda line: 400 if "n=4" in line else None)
    assert await courier(head_office, server).send_once() == 9
    assert len(server.lines) == 8
    assert await head_office.reasons() == ["timeseries_refused"]
    assert await waiting(head_office) == 0


@pytest.mark.parametrize("status", [401, 404, 429, 503])
async def test_what_may_pass_by_waiting_keeps_its_lines(head_office: HeadOffice, status: int) -> None:
    await queue(head_office, numbered(3))
    with pytest.raises(ApiException):
        await courier(head_office, Recorder(lambda line: status)).send_once()
    assert await waiting(head_office) == 3


async def test_only_the_newest_line_of_a_point_is_sent(head_office: HeadOffice) -> None:
    await queue(head_office, [{"series": "s", "line": f"m v={n}i 1"} for n in range(3)])
    server = Recorder(lambda line: None)
    await courier(head_office, server).send_once()
    assert server.lines == ["m v=2i 1"]


def test_tags_are_escaped_as_the_format_asks() -> None:
    at = minute().minute
    line = line_of("footfall_minute", {"office": "a", "device": "front door,=1\n"}, (1, 2), at)
    stamp = int(at.timestamp())
    assert line["line"] == rf"footfall_minute,office=a,device=front\ door\,\=1\  count_in=1i,count_out=2i {stamp}"
