"""Milesight VS121-P people counters, JSON over the office's MQTT broker.

Format: milesight.com/products/docs/en/vs121-p … vs121-p-communication-protocol. Firmware versions differ in the case of
member names (`Max_counted`); numbers may come as text; times are local with a zone such as `UTC+8:00`. `occupancy` says
whether a region is occupied, `current_counted` how many people are in it. Running totals of counting lines come as
`line_total_data` (`[{"line": 1, "total": {"in_counted": 3, "out_counted": 1}}]`), as `total_in`/`total_out`, or as
`line_1_total_in`/`line_1_total_out` (github Milesight-IoT/SensorDecoders).
"""

import json
import re
import time
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache, partial
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from contracts.events import ZoneOccupancy
from edge_agent.devices.base import About, CounterConfig, Done, Driver, Heard, Host

_COUNT_MAX = 2**32
_MAX_REGIONS = 64
_MAX_LINES = 16
_TOTAL_NAMES = (("in_counted", "out_counted"), ("total_in", "total_out"), ("in_total", "out_total"), ("in", "out"))
_NUMBERED = re.compile(r"line_?(\d{1,2})_total_(in|out)")
_ZONE = re.compile(r"(?:utc|gmt)\s*([+-])(\d{1,2})(?::?(\d{2}))?", re.IGNORECASE)
_USUAL_TIME = re.compile(r"\d{4}([/-])\d{2}\1\d{2}[ T]\d{2}:\d{2}:\d{2}", re.ASCII)
_TIME_FORMATS = ("%Y/%m/%d %H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S")
_OVERTAKEN_SECONDS = 600.0


class MilesightConfig(CounterConfig):
    """`topic` on the office's broker; `silent_seconds`: longer than the report interval set in the counter."""

    driver: Literal["milesight_vs121"]
    topic: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^#+$]+$")]
    silent_seconds: Annotated[float, Field(ge=1, le=86_400)] = 900.0


class PayloadError(ValueError):
    """The payload cannot be used; the text says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Report:
    """`occupancy` is None when the payload has none; `lines`: line → running totals in, out; `reported_at`: seconds."""

    occupancy: ZoneOccupancy | None
    lines: dict[int, tuple[int, int]] = field(default_factory=dict)
    reported_at: float | None = None


def parse(payload: bytes) -> Report:
    """Read one payload, leniently: a member that is absent or of a wrong type is left out. Raises PayloadError."""
    try:
        members = _lower(json.loads(payload))
    except (ValueError, RecursionError) as error:
        raise PayloadError("not JSON") from error
    if not isinstance(members, dict):
        raise PayloadError("not a JSON object")
    try:
        occupancy = _occupancy(members)
    except ValidationError as error:
        raise PayloadError("not a number of people") from error
    lines = _lines(members)
    if occupancy is None and not lines:
        raise PayloadError("neither current_total nor totals of a line")
    return Report(occupancy, lines, _reported_at(members.get("time_info")))


def _lower(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(name).strip().lower(): _lower(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_lower(member) for member in value]
    return value


def _count(value: Any) -> int | None:
    """A number of people, also as text or as 3.0; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return int(number) if number.is_integer() and 0 <= number <= _COUNT_MAX else None


def _occupancy(members: dict[str, Any]) -> ZoneOccupancy | None:
    numbers, counted = members.get("numbering_regions"), members.get("current_counted")
    regions: dict[str, int] = {}
    if isinstance(numbers, list) and isinstance(counted, list):
        pairs = list(zip(numbers, counted, strict=False))[:_MAX_REGIONS]
        named = [(str(number)[:20], _count(people)) for number, people in pairs]
        regions = {name: count for name, count in named if count is not None and name.isprintable()}
    total = _count(members.get("current_total"))
    if total is None and not regions:
        return None
    return ZoneOccupancy(total=sum(regions.values()) if total is None else total, regions=regions)


def _totals(members: dict[str, Any], names: tuple[tuple[str, str], ...]) -> tuple[int, int] | None:
    for name_in, name_out in names:
        total_in, total_out = _count(members.get(name_in)), _count(members.get(name_out))
        if total_in is not None and total_out is not None:
            return total_in, total_out
    return None


def _lines(members: dict[str, Any]) -> dict[int, tuple[int, int]]:
    lines: dict[int, tuple[int, int]] = {}
    listed = members.get("line_total_data")
    for place, entry in enumerate(listed if isinstance(listed, list) else [], 1):
        if isinstance(entry, dict):
            inner = entry.get("total")
            totals = _totals(inner if isinstance(inner, dict) else entry, _TOTAL_NAMES)
            number = _count(entry.get("line")) or place
            if totals and number <= _MAX_LINES:
                lines[number] = totals
    for number in {int(match[1]) for name in members if (match := _NUMBERED.fullmatch(name))}:
        totals = _totals(
            {way: members.get(f"line_{number}_total_{way}", members.get(f"line{number}_total_{way}")) for way in _WAYS},
            (("in", "out"),),
        )
        if totals and 1 <= number <= _MAX_LINES:
            lines.setdefault(number, totals)
    plain = _totals(members, _TOTAL_NAMES[1:3])
    if plain and not lines:
        lines[1] = plain
    return lines


_WAYS = ("in", "out")


def _reported_at(info: Any) -> float | None:
    """The counter's own clock, for telling which of two reports is older. An unreadable time is no time."""
    if not isinstance(info, dict):
        return None
    text = next((info[name] for name in ("end_time", "time", "start_time") if isinstance(info.get(name), str)), "")
    zone = info.get("timezone")
    try:
        return _moment(text.strip(), _zone(zone if isinstance(zone, str) else ""))
    except OverflowError:
        return None


def _moment(text: str, zone: timezone) -> float | None:
    if _USUAL_TIME.fullmatch(text):  # forty times as fast as strptime
        try:
            return datetime.fromisoformat(text.replace("/", "-")).replace(tzinfo=zone).timestamp()
        except ValueError:
            return None
    for pattern in _TIME_FORMATS:
        try:
            return datetime.strptime(text, pattern).replace(tzinfo=zone).timestamp()
        except ValueError:
            continue
    return None


@lru_cache(maxsize=16)
def _zone(text: str) -> timezone:
    match = _ZONE.match(text.strip())
    if match is None or int(match[2]) > 14:
        return UTC
    offset = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
    return timezone(offset if match[1] == "+" else -offset)


def guess(heard: Heard) -> dict[str, Any] | None:
    """A report of this counter, from any topic."""
    try:
        parse(heard.payload)
        members = _lower(json.loads(heard.payload))
    except (PayloadError, ValueError):
        return None
    ours = {"report_type", "device_info", "time_info"} <= members.keys()
    return {"driver": "milesight_vs121", "topic": heard.topic} if ours else None


class MilesightVs121:
    """Every report becomes an occupancy event; totals of lines become crossings."""

    def __init__(self, config: MilesightConfig) -> None:
        self._config = config
        self._limits = config.limits(modulus=_COUNT_MAX, overtaken_seconds=_OVERTAKEN_SECONDS)
        self._heard: float | None = None
        self._subscribed = False

    def run(self, host: Host) -> None:
        if not self._subscribed:
            self._subscribed = True
            host.subscribe(self._config.topic, partial(self._on_message, host))
        began = time.monotonic()
        while not host.stopping.wait(0.5):
            silence = time.monotonic() - (self._heard or began)
            if silence > self._config.silent_seconds:
                host.offline(f"no report for {self._config.silent_seconds:g} s")

    def _on_message(self, host: Host, payload: bytes, done: Done) -> None:
        try:
            report = parse(payload)
        except PayloadError as error:
            host.discard(str(error))
            host.degraded(f"unreadable report: {error}")
            done()
            return
        accepted: list[Future[Any]] = []
        if report.occupancy is not None:
            accepted.append(host.report(report.occupancy))
        for line, (total_in, total_out) in report.lines.items():
            accepted.append(host.count(line, total_in, total_out, self._limits, report.reported_at))
        accepted[-1].add_done_callback(lambda _: done())
        self._heard = time.monotonic()
        host.ok()


DRIVER = Driver(
    MilesightConfig,
    MilesightVs121,
    About(
        title="Milesight VS121-P people counter",
        title_zh="Milesight VS121-P 客流统计",
        kind="counter",
        transport="mqtt",
        models=("VS121-P",),
        source="milesight.com/products/docs/en/vs121-p … vs121-p-communication-protocol",
        wiring="MQTT in the counter's own page: the office's broker, QoS 1, the topic of this section",
        proof="documented",
    ),
    guess=guess,
)
