"""Milesight VS121-P people counters: JSON over the office's MQTT broker, or pushed by HTTP.

Format: milesight.com/products/docs/en/vs121-p … vs121-p-communication-protocol. Firmware versions differ in the case of
member names (`Max_counted`); numbers may come as text; times are local with a zone such as `UTC+8:00`, and an hour
ahead of it while `dst_status` is true. `occupancy` says whether a region is occupied, `current_counted` how many people
are in it. Running totals of counting lines come as `line_total_data` (`[{"line": 1, "total": {"in_counted": 3,
"out_counted": 1}}]`), as `total_in`/`total_out`, or as `line_1_total_in`/`line_1_total_out` (github
Milesight-IoT/SensorDecoders). Newer models add `line_periodic_data` (`{"line": 1, "total": {"in": 2, "out": 0}}`): what
passed between `start_time` and `end_time`; and `line_trigger_data`, which the other two contain. `snapshot`, a picture
that some send by HTTP, is never kept.
"""

import re
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import Any, Literal

from pydantic import ValidationError

from contracts.events import ZoneOccupancy
from contracts.reasons import reason
from edge_agent.devices import lenient
from edge_agent.devices.base import About, Driver, Heard, Host, Received
from edge_agent.devices.lenient import COUNT_MAX, PayloadError, count
from edge_agent.devices.reports import OVERTAKEN_SECONDS, Outcome, ReportsConfig, ReportsDevice
from edge_agent.increments import Interval

_MAX_REGIONS = 64
_MAX_LINES = 16
_IN_OUT = ("in", "out")
_TOTAL_NAMES = (("in_counted", "out_counted"), ("total_in", "total_out"), ("in_total", "out_total"), _IN_OUT)
_PERIOD_NAMES = (_IN_OUT, ("period_in", "period_out"), ("in_counted", "out_counted"))
_NUMBERED = re.compile(r"line_?(\d{1,2})_(total|period)_(?:in|out)")
_ZONE = re.compile(r"(?:utc|gmt)\s*([+-])(\d{1,2})(?::?(\d{2}))?", re.IGNORECASE)
_USUAL_TIME = re.compile(r"\d{4}([/-])\d{2}\1\d{2}[ T]\d{2}:\d{2}:\d{2}", re.ASCII)
_TIME_FORMATS = ("%Y/%m/%d %H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S")
Lines = dict[int, tuple[int, int]]


class MilesightConfig(ReportsConfig):
    """`counts`: whether its lines are counted by their running totals, or by what passed in each interval."""

    driver: Literal["milesight_vs121"]
    counts: Literal["totals", "periods"] = "totals"


@dataclass(frozen=True, slots=True)
class Report:
    """`occupancy` is None when the payload has none.

    `lines` and `periods`: line → in, out, as running totals and of the interval `start` … `reported_at` (seconds; None
    when not told).
    """

    occupancy: ZoneOccupancy | None
    lines: Lines = field(default_factory=dict)
    periods: Lines = field(default_factory=dict)
    start: float | None = None
    reported_at: float | None = None


def parse(payload: bytes) -> Report:
    """Read one payload, leniently: a member that is absent or of a wrong type is left out. Raises PayloadError."""
    members = lenient.members(payload)
    try:
        occupancy = _occupancy(members)
    except ValidationError as error:
        raise PayloadError("report_no_people") from error
    told = {name: member for name, member in members.items() if name.startswith("line")}
    lines = _lines(told, "total", _TOTAL_NAMES) if told else {}
    periods = _lines(told, "period", _PERIOD_NAMES) if told else {}
    plain = _pair(members, _TOTAL_NAMES[1:3])
    if plain and not lines:
        lines = {1: plain}
    if occupancy is None and not lines and not periods:
        raise PayloadError("report_no_totals")
    info = lenient.child(members, "time_info")
    return Report(
        occupancy, lines, periods, _time(info, ("start_time",)), _time(info, ("end_time", "time", "start_time"))
    )


def _occupancy(members: dict[str, Any]) -> ZoneOccupancy | None:
    numbers, counted = members.get("numbering_regions"), members.get("current_counted")
    regions: dict[str, int] = {}
    if isinstance(numbers, list) and isinstance(counted, list):
        pairs = list(zip(numbers, counted, strict=False))[:_MAX_REGIONS]
        named = [(str(number)[:20], count(people)) for number, people in pairs]
        regions = {name: people for name, people in named if people is not None and name.isprintable()}
    total = count(members.get("current_total"))
    if total is None and not regions:
        return None
    return ZoneOccupancy(total=sum(regions.values()) if total is None else total, regions=regions)


def _pair(members: dict[str, Any], names: tuple[tuple[str, str], ...]) -> tuple[int, int] | None:
    for name_in, name_out in names:
        count_in, count_out = count(members.get(name_in)), count(members.get(name_out))
        if count_in is not None and count_out is not None:
            return count_in, count_out
    return None


def _lines(members: dict[str, Any], kind: str, names: tuple[tuple[str, str], ...]) -> Lines:
    lines: Lines = {}
    for place, entry in enumerate(lenient.entries(members, f"line_{'periodic' if kind == 'period' else kind}_data"), 1):
        if isinstance(entry, dict):
            pair = _pair(lenient.child(entry, "total") or entry, names)
            number = count(entry.get("line")) or place
            if pair and number <= _MAX_LINES:
                lines[number] = pair
    numbered = (_NUMBERED.fullmatch(name) for name in members)
    for number in {int(match[1]) for match in numbered if match and match[2] == kind}:
        named = {
            way: members.get(f"line_{number}_{kind}_{way}", members.get(f"line{number}_{kind}_{way}"))
            for way in _IN_OUT
        }
        pair = _pair(named, (_IN_OUT,))
        if pair and 1 <= number <= _MAX_LINES:
            lines.setdefault(number, pair)
    return lines


def _time(info: dict[str, Any], names: tuple[str, ...]) -> float | None:
    """The first of these times there is, in seconds of the counter's own clock. An unreadable time is no time."""
    told = next((info[name] for name in names if isinstance(info.get(name), str)), "")
    if not told:
        return None
    zone = info.get("timezone")
    try:
        return _moment(
            told.strip(), _zone(zone if isinstance(zone, str) else "", summer=info.get("dst_status") is True)
        )
    except OverflowError:
        return None


def _moment(told: str, zone: timezone) -> float | None:
    if _USUAL_TIME.fullmatch(told):  # forty times as fast as strptime
        try:
            return datetime.fromisoformat(told.replace("/", "-")).replace(tzinfo=zone).timestamp()
        except ValueError:
            return None
    for pattern in _TIME_FORMATS:
        try:
            return datetime.strptime(told, pattern).replace(tzinfo=zone).timestamp()
        except ValueError:
            continue
    return None


@lru_cache(maxsize=16)
def _zone(told: str, *, summer: bool) -> timezone:
    match = _ZONE.match(told.strip())
    if match is None or int(match[2]) > 14:
        return UTC
    offset = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
    return timezone((offset if match[1] == "+" else -offset) + timedelta(hours=summer))


def guess(heard: Heard) -> dict[str, Any] | None:
    """A report of this counter, from any topic."""
    try:
        report = parse(heard.payload)
        ours = {"report_type", "device_info", "time_info"} <= lenient.members(heard.payload).keys()
    except PayloadError:
        return None
    if not ours or not heard.topic:
        return None
    section = {"driver": "milesight_vs121", "topic": heard.topic}
    return section if report.lines or not report.periods else {**section, "counts": "periods"}


class MilesightVs121(ReportsDevice):
    """Every report becomes an occupancy event; its lines become crossings."""

    def __init__(self, config: MilesightConfig) -> None:
        super().__init__(config)
        self._by_totals = config.counts == "totals"
        self._limits = config.limits(modulus=COUNT_MAX, overtaken_seconds=OVERTAKEN_SECONDS)

    def take(self, host: Host, report: Received) -> Outcome:
        found = parse(report.body)
        accepted: list[Future[Any]] = []
        if found.occupancy is not None:
            accepted.append(host.report(found.occupancy))
        accepted += self._count_totals(host, found) if self._by_totals else self._count_periods(host, found)
        if not accepted and self._by_totals:
            return Outcome((), reason("report_only_periods"))
        return Outcome(accepted)

    def _count_totals(self, host: Host, found: Report) -> list["Future[Any]"]:
        return [host.count(line, *both, self._limits, found.reported_at) for line, both in found.lines.items()]

    def _count_periods(self, host: Host, found: Report) -> list["Future[Any]"]:
        if not found.periods:
            return []
        start, end = found.start, found.reported_at
        if start is None or end is None or end <= start:
            raise PayloadError("report_periods_without_times")
        return [
            host.count_interval(line, Interval(*both, start, end, seconds=end - start), self._limits)
            for line, both in found.periods.items()
        ]


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
        wiring="in its own page, MQTT: the office's broker, QoS 1, the topic of this section; or an HTTP receiver",
        proof="documented",
    ),
    guess=guess,
)
