"""Giving orders to the devices over their control socket."""

import asyncio
import json
from pathlib import Path
from typing import Any


class ControlError(RuntimeError):
    """The devices refused an order, or are not there."""


class DeviceControl:
    """One connection, opened when needed and again after the devices were restarted."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._turn = asyncio.Lock()

    async def order(self, **order: Any) -> dict[str, Any]:
        """Raises ControlError."""
        async with self._turn:
            try:
                answer = await self._exchange(json.dumps(order).encode() + b"\n")
            except OSError as error:
                self.close()
                raise ControlError(f"the devices do not answer at {self._socket}: {error}") from error
        if not answer.get("ok"):
            raise ControlError(str(answer.get("error")))
        return answer

    async def _exchange(self, line: bytes) -> dict[str, Any]:
        if self._streams is None:
            self._streams = await asyncio.open_unix_connection(self._socket)
        reader, writer = self._streams
        writer.write(line)
        await writer.drain()
        answer = await reader.readline()
        if not answer:
            raise ConnectionResetError("connection closed")
        parsed: dict[str, Any] = json.loads(answer)
        return parsed

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None
