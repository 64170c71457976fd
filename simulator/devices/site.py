"""Site sensors: the air of a room with people in it, and a shelf from which they take brochures.

The air is published as Zigbee2MQTT does it (zigbee2mqtt.io, MQTT topics and messages), the shelf as a plain number of
grams, as an ESPHome scale does.
"""

import asyncio
import json
import math
import random
from datetime import UTC, datetime
from typing import Any

from simulator.devices.settings import SiteSettings
from simulator.devices.simulated import Fault, OrderError, Publish

_FULL_SHELF = 60
_TAKEN_A_REPORT = 0.02
"""The chance that somebody takes a brochure between two reports."""
_REFILLED_AT = 6


class Site:
    """Order: `{"do":"set","value":31.5}` overrides the temperature or the copies left, null ends it."""

    def __init__(self, settings: SiteSettings, publish: Publish, chance: random.Random) -> None:
        self.id = settings.id
        self._settings, self._publish, self._chance = settings, publish, chance
        self._copies = float(chance.randrange(20, _FULL_SHELF))
        self._set: float | None = None
        self._fault: Fault = "none"
        self._task: asyncio.Task[None] | None = None
        self.reports = 0

    async def start(self) -> None:
        self._task = asyncio.create_task(self._report_forever())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def fault(self, fault: Fault) -> None:
        self._fault = fault

    def order(self, do: str, order: dict[str, Any]) -> None:
        if do != "set":
            raise OrderError(f"{self.id} cannot {do!r}")
        value = order.get("value")
        self._set = None if value is None else float(value)
        self._report()

    def state(self) -> dict[str, Any]:
        return {"fault": self._fault, "reports": self.reports, "set": self._set}

    async def _report_forever(self) -> None:
        while True:
            self._live()
            self._report()
            await asyncio.sleep(self._settings.report_seconds)

    def _live(self) -> None:
        if self._chance.random() < _TAKEN_A_REPORT:
            self._copies -= 1
        if self._copies < _REFILLED_AT:
            self._copies = _FULL_SHELF

    def _report(self) -> None:
        if self._fault in ("silence", "unplug"):
            return
        payload = json.dumps(self._measured()).encode()
        if self._fault == "noise":
            payload = payload[: self._chance.randrange(1, len(payload) + 1) - 1] + b"\xff"
        self._publish(self._settings.topic, payload)
        self.reports += 1

    def _measured(self) -> Any:
        if self._settings.copy_grams is not None:
            copies = self._copies if self._set is None else self._set
            return round(copies * self._settings.copy_grams + self._chance.gauss(0, 3), 1)
        now = datetime.now(UTC)
        day = math.sin((now.hour + now.minute / 60) / 24 * 2 * math.pi)
        temperature = 23.5 + day if self._set is None else self._set
        return {
            "temperature": round(temperature + self._chance.gauss(0, 0.1), 2),
            "humidity": round(48 - 4 * day + self._chance.gauss(0, 0.5), 2),
            "co2": round(640 + 90 * day + self._chance.gauss(0, 8)),
            "battery": 93,
        }
