"""The simulated devices: each joins a protocol to a line and takes orders, faults among them."""

import asyncio
import json
import logging
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, Protocol, get_args

from simulator.devices.milesight import region_report
from simulator.devices.modbus import CounterSlave
from simulator.devices.panel import PanelScreen
from simulator.devices.printer import ReceiptPrinter
from simulator.devices.pty_line import PtyLine
from simulator.devices.settings import AreaSettings, ButtonSettings, CounterSettings, PanelSettings, PrinterSettings

log = logging.getLogger(__name__)
Fault = Literal["none", "noise", "silence", "unplug"]
FAULTS: tuple[str, ...] = get_args(Fault)
Publish = Callable[[str, bytes], None]


class OrderError(ValueError):
    """The order does not fit the device; the text says why."""


class Device(Protocol):
    id: str

    async def start(self) -> None: ...
    async def stop(self) -> None: ...
    def fault(self, fault: Fault) -> None: ...
    def order(self, do: str, order: dict[str, Any]) -> None: ...
    def state(self) -> dict[str, Any]: ...


class _SerialDevice:
    """What the serial devices share: a line, and the faults a line can have."""

    def __init__(self, name: str, line: PtyLine, chance: random.Random) -> None:
        self.id = name
        self.line = line
        self.chance = chance
        self.current: Fault = "none"

    async def start(self) -> None:
        self.line.plug()

    async def stop(self) -> None:
        self.line.unplug()

    def fault(self, fault: Fault) -> None:
        self.current = fault
        if fault == "unplug":
            self.line.unplug()
        else:
            self.line.plug()

    def send(self, frame: bytes) -> None:
        if self.current == "silence":
            return
        self.line.write(self._garbled(frame) if self.current == "noise" else frame)

    def _garbled(self, frame: bytes) -> bytes:
        place = self.chance.randrange(len(frame))
        flipped = frame[:place] + bytes([frame[place] ^ self.chance.randint(1, 255)]) + frame[place + 1 :]
        return self.chance.randbytes(self.chance.randint(0, 6)) + flipped

    def state(self) -> dict[str, Any]:
        return {"fault": self.current, "plugged": self.line.plugged}

    def order(self, do: str, order: dict[str, Any]) -> None:
        raise OrderError(f"{self.id} cannot {do!r}")


class Counter(_SerialDevice):
    """Orders: `{"do":"cross","in":2,"out":0}`; `{"do":"set","in":0,"out":0}` sets the totals (a restart, a jump)."""

    def __init__(self, settings: CounterSettings, chance: random.Random) -> None:
        self.slave = CounterSlave(settings.slave, settings.address_in, settings.address_out)
        super().__init__(settings.id, PtyLine(settings.link, self._requested), chance)

    def _requested(self, data: bytes) -> None:
        for answer in self.slave.receive(data):
            self.send(answer)

    def order(self, do: str, order: dict[str, Any]) -> None:
        count_in, count_out = int(order.get("in", 0)), int(order.get("out", 0))
        if do == "cross":
            self.slave.cross(count_in, count_out)
        elif do == "set":
            self.slave.total_in, self.slave.total_out = count_in % 2**32, count_out % 2**32
        else:
            super().order(do, order)

    def state(self) -> dict[str, Any]:
        return {**super().state(), "total_in": self.slave.total_in, "total_out": self.slave.total_out}


class Button(_SerialDevice):
    """Order: `{"do":"press","button":"1"}` sends `BTN 1` and CR LF."""

    def __init__(self, settings: ButtonSettings, chance: random.Random) -> None:
        self.presses = 0
        super().__init__(settings.id, PtyLine(settings.link, lambda _data: None), chance)

    def order(self, do: str, order: dict[str, Any]) -> None:
        if do != "press":
            super().order(do, order)
        self.presses += 1
        self.send(f"BTN {order.get('button', '1')}\r\n".encode("ascii", "replace"))

    def state(self) -> dict[str, Any]:
        return {**super().state(), "presses": self.presses}


class Panel(_SerialDevice):
    """Takes no orders but faults; `state` tells what it shows."""

    def __init__(self, settings: PanelSettings, chance: random.Random) -> None:
        self.screen = PanelScreen(settings.panel)
        super().__init__(settings.id, PtyLine(settings.link, self._lit), chance)

    def _lit(self, data: bytes) -> None:
        if self.current == "silence":
            return
        for number in self.screen.receive(data):
            log.info("panel %s shows %d", self.id, number)

    def state(self) -> dict[str, Any]:
        screen = self.screen
        return {**super().state(), "showing": screen.showing, "shown": screen.shown, "bad_bytes": screen.bad_bytes}


class Printer(_SerialDevice):
    """Order: `{"do":"paper","out":true}` takes the roll away, false puts one in."""

    def __init__(self, settings: PrinterSettings, chance: random.Random) -> None:
        self.roll = ReceiptPrinter()
        self._last = settings.last
        super().__init__(settings.id, PtyLine(settings.link, self._fed), chance)

    def order(self, do: str, order: dict[str, Any]) -> None:
        if do != "paper":
            super().order(do, order)
        self.roll.paper_out = bool(order.get("out"))
        self._fed(b"")

    def state(self) -> dict[str, Any]:
        last = self.roll.last
        return {**super().state(), "paper_out": self.roll.paper_out, "last": None if last is None else last.text}

    def _fed(self, data: bytes) -> None:
        if self.current == "silence":
            return
        before = self.roll.last
        answers = self.roll.receive(data)
        if answers:
            self.send(answers)
        if self.roll.last is not before and self.roll.last is not None:
            log.info("printer %s printed a ticket", self.id)
            if self._last is not None:
                self._last.write_text(f"{self.roll.last.text}\n{self.roll.last.qr}\n", encoding="utf-8")


class Reporting:
    """A device that publishes by itself: at its interval, and at once when an order changed something."""

    def __init__(self, name: str, topic: str, every: float, publish: Publish, chance: random.Random) -> None:
        self.id = name
        self._topic, self._every, self._publish, self._chance = topic, every, publish, chance
        self._fault: Fault = "none"
        self._task: asyncio.Task[None] | None = None
        self.reports = 0

    def payload(self) -> Any:
        """What is published now, as a JSON value."""
        raise NotImplementedError

    async def start(self) -> None:
        self._task = asyncio.create_task(self._report_forever())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def fault(self, fault: Fault) -> None:
        self._fault = fault

    def state(self) -> dict[str, Any]:
        return {"fault": self._fault, "reports": self.reports}

    def report(self) -> None:
        if self._fault in ("silence", "unplug"):
            return
        said = json.dumps(self.payload()).encode()
        if self._fault == "noise":
            said = said[: self._chance.randrange(len(said))] + b"\xff"
        self._publish(self._topic, said)
        self.reports += 1

    async def _report_forever(self) -> None:
        while True:
            self.report()
            await asyncio.sleep(self._every)


class Area(Reporting):
    """Order: `{"do":"occupy","regions":[3,1]}`. Reports at its interval and at once when the occupancy changes."""

    def __init__(self, settings: AreaSettings, publish: Publish, chance: random.Random) -> None:
        super().__init__(settings.id, settings.topic, settings.report_seconds, publish, chance)
        self._settings = settings
        self._occupancy = [0] * settings.regions
        self._most = 0
        self._since = datetime.now(UTC)

    def order(self, do: str, order: dict[str, Any]) -> None:
        if do != "occupy":
            raise OrderError(f"{self.id} cannot {do!r}")
        regions = [max(0, int(count)) for count in order.get("regions", [])]
        if len(regions) != self._settings.regions:
            raise OrderError(f"{self.id} has {self._settings.regions} regions, got {len(regions)}")
        self._occupancy = regions
        self._most = max(self._most, sum(regions))
        self.report()

    def state(self) -> dict[str, Any]:
        return {**super().state(), "occupancy": self._occupancy}

    def payload(self) -> dict[str, Any]:
        now = datetime.now(UTC)
        offset = timedelta(hours=self._settings.utc_offset_hours)
        since, most = self._since, self._most
        self._since, self._most = now, sum(self._occupancy)
        return region_report(self._settings.serial_number, self._occupancy, most, since, now, offset)
