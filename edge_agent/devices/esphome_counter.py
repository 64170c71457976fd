"""People counters made with ESPHome, over MQTT: each total a sensor of its own.

Format: esphome.io, "MQTT Client Component": `<prefix>/sensor/<name>/state` holds a plain number (`nan` when the sensor
has none), `<prefix>/status` says `online`, or `offline` as the last will; both are retained. The totals begin at 0 when
the device starts, unless its firmware keeps them. A sensor of ESPHome is a 32-bit float: above 2²⁴ it rounds, so that a
total which might be rounded is refused. A text sensor has the same topic and rounds nothing: firmware that publishes
its totals as text (firmware_configs/esphome) is read to 32 bits with `totals = "text"`.
"""

import re
import time
from functools import partial
from typing import Annotated, Any, Literal

from pydantic import Field

from contracts.reasons import reason
from edge_agent.devices.base import About, CounterConfig, Done, Driver, Heard, Host
from edge_agent.devices.lenient import COUNT_MAX, PayloadError, count

EXACT = 2**24
"""The largest number below which a float of ESPHome rounds none."""
_LONGEST = 32
_FOUND = re.compile(r"(?P<prefix>[^#+$]{1,150})/sensor/(?P<before>[\w-]*?)in(?P<after>[\w-]*)/state")
Part = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[^#+$/]+$")]


class EsphomeConfig(CounterConfig):
    """`prefix`: the device's `topic_prefix`. `sensor_in`, `sensor_out`: the ids of its totals; a counter of one
    direction has no `sensor_out`. `totals`: how the firmware sends them, as ESPHome's numbers or as text.
    `silent_seconds`: longer than it keeps quiet while nobody passes.
    """

    driver: Literal["esphome_counter"]
    prefix: Annotated[str, Field(min_length=1, max_length=150, pattern=r"^[^#+$]+$")]
    sensor_in: Part = "people_in"
    sensor_out: Part | None = "people_out"
    totals: Literal["numbers", "text"] = "numbers"
    line: Annotated[int, Field(ge=1, le=16)] = 1
    silent_seconds: Annotated[float, Field(ge=1, le=86_400)] = 900.0


def total(payload: bytes, most: int = EXACT) -> int:
    """A total of at most `most`, as ESPHome prints numbers. Raises PayloadError."""
    text = payload[: _LONGEST + 1].decode("ascii", "replace").strip()
    found = count(text) if len(payload) <= _LONGEST and re.fullmatch(r"\d+(\.0*)?", text) else None
    if found is None:
        raise PayloadError("total_no_number")
    if found > most:
        raise PayloadError("total_too_large")
    return found


class EsphomeCounter:
    """The totals come one by one: they are passed on when both were heard, each change at once."""

    def __init__(self, config: EsphomeConfig) -> None:
        self._config = config
        as_text = config.totals == "text"
        self._limits = config.limits(modulus=COUNT_MAX if as_text else None)
        self._most = COUNT_MAX - 1 if as_text else EXACT
        self._totals: dict[str, int] = {} if config.sensor_out else {"out": 0}
        self._heard: float | None = None
        self._away = False
        self._subscribed = False

    def run(self, host: Host) -> None:
        if not self._subscribed:
            self._subscribed = True
            ways = {"in": self._config.sensor_in, "out": self._config.sensor_out}
            for way, sensor in ways.items():
                if sensor:
                    topic = f"{self._config.prefix}/sensor/{sensor}/state"
                    host.subscribe(topic, partial(self._on_total, host, way))
            host.subscribe(f"{self._config.prefix}/status", partial(self._on_status, host))
        began = time.monotonic()
        while not host.stopping.wait(0.5):
            silence = time.monotonic() - (self._heard or began)
            if not self._away and silence > self._config.silent_seconds:
                host.offline(reason("silent_total", seconds=self._config.silent_seconds))

    def _on_total(self, host: Host, way: str, payload: bytes, done: Done) -> None:
        try:
            self._totals[way] = total(payload, self._most)
        except PayloadError as error:
            host.discard(str(error))
            host.degraded(error.reason)
            done()
            return
        self._heard, self._away = time.monotonic(), False
        host.ok()
        if len(self._totals) < 2:
            done()
            return
        counted = host.count(self._config.line, self._totals["in"], self._totals["out"], self._limits)
        counted.add_done_callback(lambda _: done())

    def _on_status(self, host: Host, payload: bytes, done: Done) -> None:
        word = payload[:_LONGEST].strip().lower()
        if word == b"offline":
            self._away = True
            host.offline(reason("left"))
        elif word == b"online":
            self._away = False
        else:
            host.discard("neither online nor offline")
        done()


def guess(heard: Heard) -> dict[str, Any] | None:
    """A total whose name says that it counts people coming in."""
    found = _FOUND.fullmatch(heard.topic)
    if found is None or not re.search(r"people|person|count|visitor|door|entr", found["before"] + found["after"]):
        return None
    try:
        total(heard.payload)
    except PayloadError:
        return None
    names = {way: f"{found['before']}{way}{found['after']}" for way in ("in", "out")}
    section = {"driver": "esphome_counter", "prefix": found["prefix"]}
    return {**section, "sensor_in": names["in"], "sensor_out": names["out"]}


DRIVER = Driver(
    EsphomeConfig,
    EsphomeCounter,
    About(
        title="Counter made with ESPHome",
        title_zh="ESPHome 自制客流计数器",
        kind="counter",
        transport="mqtt",
        models=("any ESPHome firmware with totals as sensors",),
        source='esphome.io, "MQTT Client Component"',
        wiring="mqtt: in the firmware's YAML: the office's broker and a topic_prefix of its own",
        proof="documented",
    ),
    guess=guess,
)
