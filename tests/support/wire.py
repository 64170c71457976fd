"""A mosquitto as the comparison and some tests need it, and a line to it that can fall silent."""

import asyncio
import contextlib
import shutil
import socket
import subprocess
import threading
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, Self

from tests.support.processes import free_port, until

_CONFIG = """listener {port} 127.0.0.1
allow_anonymous true
persistence false
max_queued_messages 0
max_inflight_messages 100
set_tcp_nodelay true
"""


class Mosquitto:
    """Queues without a bound and forgets with its process."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        config = folder / "mosquitto.conf"
        config.write_text(_CONFIG.format(port=self.port))
        program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
        with (folder / "mosquitto.log").open("wb") as log:
            self._process = subprocess.Popen([program, "-c", str(config)], stdout=log, stderr=log)
        until(self._listens, seconds=10, what="mosquitto to listen")

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._process.terminate()
        self._process.wait(10)


class Line:
    """A TCP proxy: `silent` stops forwarding without closing anything, `cut` closes and refuses, `mend` lets pass."""

    def __init__(self, target: int) -> None:
        self.port = free_port()
        self._target = target
        self._loop = asyncio.new_event_loop()
        self._forwards = asyncio.Event()
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.mend()

    def mend(self) -> None:
        self._do(self._mend())

    def silent(self) -> None:
        self._loop.call_soon_threadsafe(self._forwards.clear)

    def cut(self) -> None:
        self._do(self._cut())

    def close(self) -> None:
        self.cut()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(5)

    async def _mend(self) -> None:
        self._forwards.set()
        if self._server is None:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    async def _cut(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in list(self._writers):
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._target)
        ours = {writer, back}
        self._writers |= ours
        await asyncio.gather(self._pump(reader, back), self._pump(there, writer))
        self._writers -= ours

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65_536):
                await self._forwards.wait()
                writer.write(data)
                await writer.drain()
        writer.close()
