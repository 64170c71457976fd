"""Site sensors over MQTT: temperature, air, light, noise, and shelves that weigh what brochures are left.

Any sensor that publishes a JSON object or a plain number is read by a data-defined section: which topic, which member
of the object, which quantity, scale and limits. The shapes were written from what these publish:

- Zigbee2MQTT, `zigbee2mqtt/NAME`: `{"temperature":27.34,"humidity":44.72,"battery":90}` (zigbee2mqtt.io, MQTT topics);
- Tasmota, `tele/NAME/SENSOR`: `{"Time":"…","AM2301":{"Temperature":22.1,"Humidity":45.0},"TempUnit":"C"}`
  (tasmota.github.io, JSON status responses);
- ESPHome, `NAME/sensor/ID/state`: a plain number; `nan` when the sensor failed (esphome.io, MQTT client component).
"""

import json
import math
import time
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from contracts.events import SensorReading
from contracts.quantities import MEASURES, Quantity
from contracts.reasons import Reason
from edge_agent.devices.base import About, BaseDeviceConfig, Done, Driver, Heard, Host
from edge_agent.devices.lenient import PayloadError
from edge_agent.devices.reports import Silence, Topic
from edge_agent.mistakes import unfit

_LONGEST_PAYLOAD = 16_384
Level = Literal["ok", "low", "high"]
Finite = Annotated[float, Field(allow_inf_nan=False)]


class Measured(BaseModel):
    """One number of the sensor: `value = number × scale + offset`, in the quantity's own unit.

    `at`: the members to follow, joined by dots; empty when the payload itself is the number. `topic`: another than the
    device's. `low`, `high`: limits; a level ends only `hysteresis` inside them, so that it does not flutter.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    quantity: Quantity
    at: Annotated[str, Field(max_length=100)] = ""
    topic: Topic | None = None
    scale: Finite = 1.0
    offset: Finite = 0.0
    low: Finite | None = None
    high: Finite | None = None
    hysteresis: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0

    @model_validator(mode="after")
    def _limits_are_apart(self) -> Self:
        if self.low is not None and self.high is not None and self.high - self.low <= 2 * self.hysteresis:
            raise unfit("limits_too_close")
        return self

    def judge(self, value: float, before: Level) -> Level:
        """The level of `value` when it was `before`."""
        slack_low = self.hysteresis if before == "low" else 0.0
        slack_high = self.hysteresis if before == "high" else 0.0
        if self.low is not None and value < self.low + slack_low:
            return "low"
        if self.high is not None and value > self.high - slack_high:
            return "high"
        return "ok"


class SiteSensorConfig(BaseDeviceConfig):
    """`every_seconds`: how often a number that stays within its level is passed on."""

    driver: Literal["site_sensor"]
    topic: Topic
    every_seconds: Annotated[float, Field(ge=1, le=3600)] = 60.0
    silent_seconds: Annotated[float, Field(ge=1, le=86_400)] = 900.0
    readings: Annotated[list[Measured], Field(min_length=1, max_length=16)]

    @model_validator(mode="after")
    def _one_number_each(self) -> Self:
        named = [reading.quantity for reading in self.readings]
        twice = sorted(quantity for quantity in set(named) if named.count(quantity) > 1)
        if twice:
            raise unfit("measured_twice", quantity=twice[0])
        return self


def number(payload: bytes, at: str) -> float | None:
    """The number that `at` names; None when the object lacks that member. Raises PayloadError."""
    if len(payload) > _LONGEST_PAYLOAD:
        raise PayloadError("report_too_long")
    try:
        value = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise PayloadError("reading_no_number") from error
    for name in filter(None, at.split(".")):
        if not isinstance(value, dict):
            raise PayloadError("reading_no_object", member=name)
        if name not in value:
            return None
        value = value[name]
    return _finite(value)


def _finite(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise PayloadError("reading_not_a_number")
    try:
        found = float(value)
    except (ValueError, OverflowError) as error:
        raise PayloadError("reading_not_a_number") from error
    if not math.isfinite(found):
        raise PayloadError("reading_failed")
    return found


@dataclass(slots=True)
class Dosage:
    """What of a stream of numbers is worth an event. Pure: time in seconds is passed in."""

    measured: Measured
    every: float
    level: Level = "ok"
    _told: float | None = field(default=None)

    def take(self, raw: float, now: float) -> SensorReading | None:
        """The event, or None when nothing new is to be said yet. Raises PayloadError for what cannot be real."""
        measured, measure = self.measured, MEASURES[self.measured.quantity]
        value = raw * measured.scale + measured.offset
        if not measure.least <= value <= measure.most:
            raise PayloadError(
                "reading_outside",
                quantity=measured.quantity,
                least=measure.least,
                most=measure.most,
                unit=measure.unit,
            )
        level = measured.judge(value, self.level)
        if level == self.level and self._told is not None and now - self._told < self.every:
            return None
        self.level, self._told = level, now
        return SensorReading(
            quantity=measured.quantity,
            value=round(value, 3),
            level=level,
            low=measured.low,
            high=measured.high,
        )


class SiteSensor:
    """Numbers in, readings out; silence and rubbish are told as the device's state."""

    def __init__(self, config: SiteSensorConfig) -> None:
        self._config = config
        self._doses = [Dosage(measured, config.every_seconds) for measured in config.readings]
        self._silence = Silence(config.silent_seconds, "silent_reading")
        self._subscribed = False

    def run(self, host: Host) -> None:
        if not self._subscribed:
            self._subscribed = True
            for topic in sorted({self._topic(dose.measured) for dose in self._doses}):
                host.subscribe(topic, partial(self._on_message, host, topic))
        self._silence.watch(host)

    def _topic(self, measured: Measured) -> str:
        return measured.topic or self._config.topic

    def _on_message(self, host: Host, topic: str, payload: bytes, done: Done) -> None:
        now = time.monotonic()
        accepted: list[Future[int]] = []
        mistakes: list[Reason] = []
        understood = False
        for dose in self._doses:
            if self._topic(dose.measured) != topic:
                continue
            try:
                raw = number(payload, dose.measured.at)
                reading = None if raw is None else dose.take(raw, now)
            except PayloadError as error:
                mistakes.append(error.reason)
                continue
            understood = understood or raw is not None
            if reading is not None:
                accepted.append(host.report(reading))
        if accepted:
            accepted[-1].add_done_callback(lambda _: done())
        else:
            done()
        self._tell(host, understood, mistakes)

    def _tell(self, host: Host, understood: bool, mistakes: list[Reason]) -> None:
        for mistake in mistakes:
            host.discard(str(mistake))
        if understood:
            self._silence.broken()
        if mistakes:
            host.degraded(mistakes[0])
        elif understood:
            host.ok()


_MEMBERS: dict[str, Quantity] = {
    "temperature": "temperature",
    "humidity": "humidity",
    "co2": "co2",
    "carbondioxide": "co2",
    "pm25": "pm2_5",
    "pm2_5": "pm2_5",
    "pm2.5": "pm2_5",
    "pm10": "pm10",
    "illuminance": "illuminance",
    "illuminance_lux": "illuminance",
    "formaldehyd": "formaldehyde",
    "formaldehyde": "formaldehyde",
    "noise": "noise",
    "battery": "battery",
}


def guess(heard: Heard) -> dict[str, Any] | None:
    """An object with members of known names and numbers in them, at most one object deep."""
    try:
        members = json.loads(heard.payload)
    except (ValueError, RecursionError):
        return None
    if not isinstance(members, dict) or not heard.topic:
        return None
    found: dict[Quantity, str] = {}
    for at, value in _numbers(members):
        quantity = _MEMBERS.get(at.rpartition(".")[2].lower())
        if quantity is not None and MEASURES[quantity].least <= value <= MEASURES[quantity].most:
            found.setdefault(quantity, at)
    if not found or set(found) == {"battery"}:
        return None
    readings = [{"quantity": quantity, "at": at} for quantity, at in found.items()]
    section = {"driver": "site_sensor", "topic": heard.topic, "readings": readings}
    return section if _fits(section) else None


def _fits(section: dict[str, Any]) -> bool:
    """A stranger's long names are no reason to refuse the sections of everybody else."""
    try:
        SiteSensorConfig.model_validate({"id": "sensor-1", **section})
    except ValidationError:
        return False
    return True


def _numbers(members: dict[str, Any], before: str = "") -> Iterator[tuple[str, float | int]]:
    for name, value in members.items():
        if isinstance(value, dict) and name and not before:
            yield from _numbers(value, f"{name}.")
        elif isinstance(value, int | float) and not isinstance(value, bool) and "." not in name:
            yield f"{before}{name}", value


DRIVER = Driver(
    SiteSensorConfig,
    SiteSensor,
    About(
        title="Site sensor over MQTT (air, light, noise, brochure shelf)",
        title_zh="现场环境传感器与资料架（MQTT）",
        kind="sensor",
        transport="mqtt",
        models=("Zigbee2MQTT", "Tasmota", "ESPHome"),
        source="zigbee2mqtt.io (MQTT topics); tasmota.github.io (JSON status responses); esphome.io (MQTT client)",
        wiring="none: the sensor, or its Zigbee bridge, publishes to the office's broker",
        proof="documented",
    ),
    guess=guess,
)
