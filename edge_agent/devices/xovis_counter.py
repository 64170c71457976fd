"""Xovis people counters: line counts pushed by HTTP in JSON, each record an interval.

Format, firmware 5: `logics_data.package_info.id`, `logics_data.logics[].records[]` with `from`, `to` (RFC 3339, or Unix
milliseconds) and `counts[]{name: fw|bw, value}` (github xovis-open-sdk/xovis-sdk, MIT: its tests read these members);
one object, or a list of them, to a request; `connection_test` is the sensor's own trial. Older firmware:
`content.element[]{element-name, measurement[]{from, to, value[]{label, value}}}` with `sensor-info` (github
sdu-cfei/xovis-driver). Counts of other logics (occupancy, dwell time) are left out.

A record has no number of its own: package, logic and start together are its serial, so that a push repeated days later
adds nothing. `fw` is in unless `in_is` says otherwise.
"""

from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field

from edge_agent.devices import lenient
from edge_agent.devices.base import About, Driver, Heard, Host, Received
from edge_agent.devices.lenient import PayloadError, child, count, entries, text
from edge_agent.devices.reports import Outcome, ReportsConfig, ReportsDevice
from edge_agent.increments import Interval

_LONGEST_NAME = 100
_MOST_RECORDS = 5000
Line = Annotated[int, Field(ge=1, le=16)]


class XovisConfig(ReportsConfig):
    """`logics`: which of the sensor's line logics, by name or number, is which line; not needed when it has one."""

    driver: Literal["xovis_counter"]
    logics: dict[str, Line] = Field(default_factory=dict)
    in_is: Literal["fw", "bw"] = "fw"


@dataclass(frozen=True, slots=True)
class Record:
    """One interval of one line logic, `start` … `end` in seconds. `serial` is empty without a package id."""

    logic: str
    number: str
    forward: int
    backward: int
    start: float
    end: float
    serial: str


def parse(payload: bytes) -> list[Record]:
    """The line counts of a push; none for a trial, or a push of other logics. Raises PayloadError."""
    found = lenient.value(payload)
    records: list[Record] = []
    for package in found if isinstance(found, list) else [found]:
        if not isinstance(package, dict):
            raise PayloadError("report_no_package")
        records += _package(package)
        if len(records) > _MOST_RECORDS:
            raise PayloadError("report_many_records", records=_MOST_RECORDS)
    return records


def _package(package: dict[str, Any]) -> Iterator[Record]:
    if isinstance(package.get("logics_data"), dict):
        data = package["logics_data"]
        number = count(child(data, "package_info").get("id"))
        for logic in entries(data, "logics"):
            yield from _records(logic, ("name", "id"), "records", "counts", "name", number)
    elif isinstance(package.get("content"), dict):
        for element in entries(package["content"], "element"):
            yield from _records(element, ("element-name", "element-id"), "measurement", "value", "label", None)
    elif not package.keys() & {"connection_test", "live_data", "status_data"}:
        raise PayloadError("report_no_package")


def _records(
    logic: Any, names: tuple[str, str], records: str, counts: str, label: str, package: int | None
) -> Iterator[Record]:
    name, number = (_name(logic.get(key)) if isinstance(logic, dict) else "" for key in names)
    for record in entries(logic, records):
        ways = {text(c.get(label)).lower(): c.get("value") for c in entries(record, counts) if isinstance(c, dict)}
        if not ways.keys() >= {"fw", "bw"}:
            continue
        forward, backward = count(ways["fw"]), count(ways["bw"])
        start, end = lenient.seconds(record.get("from")), lenient.seconds(record.get("to"))
        if forward is None or backward is None or start is None or end is None or end <= start:
            raise PayloadError("report_record")
        serial = "" if package is None else f"{package} {number or name} {start:.0f}"
        yield Record(name, number, forward, backward, start, end, serial)


def _name(found: Any) -> str:
    return str(found) if isinstance(found, int) else text(found, _LONGEST_NAME)


class XovisCounter(ReportsDevice):
    def __init__(self, config: XovisConfig) -> None:
        super().__init__(config)
        self._config = config
        self._limits = config.limits(modulus=None)

    def take(self, host: Host, report: Received) -> Outcome:
        records = parse(report.body)
        lines = {(record.logic, record.number): self._line(record) for record in records}
        if not self._config.logics and len(lines) > 1:
            raise PayloadError("report_logics")
        accepted: list[Future[Any]] = []
        for record in sorted(records, key=lambda record: record.start):
            line = lines[record.logic, record.number]
            if line is not None:
                accepted.append(host.count_interval(line, self._interval(record), self._limits))
        return Outcome(accepted)

    def _line(self, record: Record) -> int | None:
        """None for a logic that is not to be counted."""
        known = self._config.logics
        return (known.get(record.logic) or known.get(record.number)) if known else 1

    def _interval(self, record: Record) -> Interval:
        both = (record.forward, record.backward)
        count_in, count_out = both if self._config.in_is == "fw" else both[::-1]
        return Interval(
            count_in, count_out, record.start, record.end, seconds=record.end - record.start, serial=record.serial
        )


def guess(heard: Heard) -> dict[str, Any] | None:
    """Line counts of this sensor, where they come over MQTT."""
    try:
        records = parse(heard.payload)
    except PayloadError:
        return None
    names = sorted({record.logic or record.number for record in records})
    if not heard.topic or not names:
        return None
    section: dict[str, Any] = {"driver": "xovis_counter", "topic": heard.topic}
    return section if len(names) == 1 else {**section, "logics": {name: n for n, name in enumerate(names[:16], 1)}}


DRIVER = Driver(
    XovisConfig,
    XovisCounter,
    About(
        title="Xovis people counter",
        title_zh="Xovis 客流统计",
        kind="counter",
        transport="http",
        models=("PC series, line counts in JSON",),
        source="github xovis-open-sdk/xovis-sdk; github sdu-cfei/xovis-driver for older firmware",
        wiring="in the sensor, a push of line counts: JSON, a record a minute, to /devices/ID of the node's listener",
        proof="inferred",
    ),
    guess=guess,
)
