"""Site sensors: the air of a room with people in it, and a shelf from which they take brochures.

The air is published as Zigbee2MQTT does it (zigbee2mqtt.io, MQTT topics and messages), the shelf as a plain number of
grams, as an ESPHome scale does.
"""

import math
import random
from datetime import UTC, datetime
from typing import Any

from simulator.devices.settings import SiteSettings
from simulator.devices.simulated import OrderError, Publish, Reporting

_FULL_SHELF = 60
_TAKEN_A_REPORT = 0.02
"""The chance that somebody takes a brochure between two reports."""
_REFILLED_AT = 6


class Site(Reporting):
    """Order: `{"do":"set","value":31.5}` overrides the temperature or the copies left, null ends it."""

    def __init__(self, settings: SiteSettings, publish: Publish, chance: random.Random) -> None:
        super().__init__(settings.id, settings.topic, settings.report_seconds, publish, chance)
        self._copy_grams = settings.copy_grams
        self._copies = float(chance.randrange(20, _FULL_SHELF))
        self._set: float | None = None

    def order(self, do: str, order: dict[str, Any]) -> None:
        if do != "set":
            raise OrderError(f"{self.id} cannot {do!r}")
        value = order.get("value")
        self._set = None if value is None else float(value)
        self.report()

    def state(self) -> dict[str, Any]:
        return {**super().state(), "set": self._set}

    def payload(self) -> Any:
        return self._air() if self._copy_grams is None else self._weight(self._copy_grams)

    def _weight(self, copy_grams: float) -> float:
        if self._chance.random() < _TAKEN_A_REPORT:
            self._copies -= 1
        if self._copies < _REFILLED_AT:
            self._copies = _FULL_SHELF
        copies = self._copies if self._set is None else self._set
        return round(copies * copy_grams + self._chance.gauss(0, 3), 1)

    def _air(self) -> dict[str, Any]:
        now = datetime.now(UTC)
        day = math.sin((now.hour + now.minute / 60) / 24 * 2 * math.pi)
        temperature = 23.5 + day if self._set is None else self._set
        return {
            "temperature": round(temperature + self._chance.gauss(0, 0.1), 2),
            "humidity": round(48 - 4 * day + self._chance.gauss(0, 0.5), 2),
            "co2": round(640 + 90 * day + self._chance.gauss(0, 8)),
            "battery": 93,
        }
