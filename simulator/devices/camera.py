"""A network camera that serves MJPEG over HTTP, as many real ones do: `GET /{id}.mjpg`.

Format: `multipart/x-mixed-replace` with one JPEG a part (RFC 2046 section 5.1; the type is a convention of browsers
and cameras). Frames are drawn only while somebody watches.
"""

import asyncio
import logging
import random
import time
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from contracts.messages import Command
from simulator.devices.settings import CameraSettings, StandInSettings
from simulator.devices.simulated import Fault, OrderError

if TYPE_CHECKING:
    from simulator.devices.scene import Standing

log = logging.getLogger(__name__)
_BOUNDARY = b"frame"
_LONGEST_REQUEST = 8192


class Camera:
    """Orders: `{"do":"show","portrait":"name","seconds":10,"x":0.5,"height":0.9}`, `{"do":"clear"}`.

    Faults: `noise` garbage between the parts, `silence` the stream stalls, `unplug` nobody answers the port.
    """

    def __init__(self, settings: CameraSettings, chance: random.Random) -> None:
        from simulator.devices.scene import Portraits, Scene, Standing  # OpenCV: only where there is a camera

        self.id = settings.id
        self._settings = settings
        self._chance = chance
        self._portraits = Portraits(settings.portraits)
        self._scene = Scene(settings.width, settings.height, chance.randrange(2**31))
        self._standing = [Standing(each.portrait, each.x, each.height, 0.0) for each in settings.idle]
        self._make = Standing
        self._fault: Fault = "none"
        self._server: asyncio.Server | None = None
        self._strolls: asyncio.Task[None] | None = None
        self._watching: set[asyncio.StreamWriter] = set()
        self._unwatched = asyncio.Event()
        self._unwatched.set()
        self.frames = 0

    async def start(self) -> None:
        await self._listen()
        if self._settings.stand_in is not None:
            self._strolls = asyncio.create_task(self._stroll(self._settings.stand_in))

    async def stop(self) -> None:
        self._hang_up()
        await self._unwatched.wait()  # each viewer's stream ends by itself; a cancelled one would be logged as an error
        if self._strolls is not None:
            self._strolls.cancel()
            await asyncio.gather(self._strolls, return_exceptions=True)

    def commanded(self, payload: bytes) -> None:
        """A command on the broker: an enrolment with this camera brings its stand-in before it."""
        stand_in = self._settings.stand_in
        try:
            command = Command.model_validate_json(payload)
        except ValidationError:
            return
        if stand_in is not None and (command.type, command.device) == ("face.enrol.v1", self.id):
            self.order("show", {"portrait": stand_in.enrol, "seconds": stand_in.enrol_seconds})

    async def _stroll(self, stand_in: StandInSettings) -> None:
        while True:
            await asyncio.sleep(stand_in.every_seconds)
            if not self._present():
                self.order("show", {"portrait": stand_in.live, "seconds": stand_in.stay_seconds})

    def fault(self, fault: Fault) -> None:
        before, self._fault = self._fault, fault
        if fault == "unplug":
            self._hang_up()
        elif before == "unplug":
            self._plugging = asyncio.ensure_future(self._listen())

    def order(self, do: str, order: dict[str, Any]) -> None:
        if do == "show":
            self._standing = [*self._present(), self._newcomer(order)]
        elif do == "clear":
            self._standing = []
        else:
            raise OrderError(f"{self.id} cannot {do!r}")

    def state(self) -> dict[str, Any]:
        showing = [each.portrait for each in self._present()]
        return {"fault": self._fault, "watching": len(self._watching), "frames": self.frames, "showing": showing}

    def _newcomer(self, order: dict[str, Any]) -> "Standing":
        now = time.monotonic()
        name = str(order.get("portrait"))
        self._portraits.get(name)
        return self._make(
            portrait=name,
            x=min(1.0, max(0.0, float(order.get("x", 0.5)))),
            height=min(3.0, max(0.1, float(order.get("height", 0.95)))),
            since=now,
            until=now + float(order.get("seconds", 10)),
        )

    def _present(self) -> "list[Standing]":
        now = time.monotonic()
        return [each for each in self._standing if each.until > now]

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._settings.port, limit=_LONGEST_REQUEST)

    def _hang_up(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in self._watching:
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            line, *_ = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")
            if line.split(b" ")[:2] != [b"GET", f"/{self.id}.mjpg".encode()]:
                writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                await writer.drain()
                return
            self._watching.add(writer)
            self._unwatched.clear()
            await self._stream(writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
            log.info("%s: a viewer left: %s", self.id, type(error).__name__)
        finally:
            self._watching.discard(writer)
            if not self._watching:
                self._unwatched.set()
            writer.close()

    async def _stream(self, writer: asyncio.StreamWriter) -> None:
        kind = b"multipart/x-mixed-replace; boundary=" + _BOUNDARY
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: " + kind + b"\r\nCache-Control: no-store\r\n\r\n")
        due = time.monotonic()
        while not writer.is_closing():
            if self._fault != "silence":
                writer.write(await self._part())
                await writer.drain()
            due = max(due + 1 / self._settings.fps, time.monotonic())
            await asyncio.sleep(due - time.monotonic())

    async def _part(self) -> bytes:
        present, now = self._present(), time.monotonic()
        jpeg = await asyncio.to_thread(self._scene.jpeg, present, self._portraits, now)
        self.frames += 1
        if self._fault == "noise":
            jpeg = self._chance.randbytes(200) + jpeg[: self._chance.randrange(len(jpeg))]
        head = b"--%s\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % (_BOUNDARY, len(jpeg))
        return head + jpeg + b"\r\n"
