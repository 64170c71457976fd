"""Hikvision people counting cameras: JSON over MQTT, or pushed by HTTP, also as a part of a multipart body.

Format: enpinfo.hikvision.com, "JSON_Metadata_PeopleCounting": `subType` `PeopleCounting` with running totals
`enterRegionPeopleNum` and `leaveRegionPeopleNum` (totals, not increments), `framesPeopleCounting` with the
`personCount` of a region. The vendor's own example leaves the IP address without quotes; it is read all the same.
Multipart: the vendor's alarm messages (Device Network SDK, Queue Management: `multipart/form-data;
boundary=MIME_boundary`, one part of it `application/json`). The XML alert stream is not read.

Where the camera clears its totals each night, say `resets_daily`: then what was counted while nobody listened at
midnight is not lost.
"""

import re
from dataclasses import dataclass
from email import message_from_bytes
from typing import Annotated, Any, Literal

from pydantic import Field

from contracts.events import ZoneOccupancy
from edge_agent.devices import lenient
from edge_agent.devices.base import About, Driver, Heard, Host, Received
from edge_agent.devices.lenient import COUNT_MAX, PayloadError, child, count
from edge_agent.devices.reports import OVERTAKEN_SECONDS, Outcome, ReportsConfig, ReportsDevice

_BARE_ADDRESS = re.compile(rb"(:\s*)(\d{1,3}(?:\.\d{1,3}){3})(?=\s*[,}\]])")


class HikvisionConfig(ReportsConfig):
    """`channel`: count this channel of a device that has several; `line`: which line of the office's door it is."""

    driver: Literal["hikvision_counter"]
    line: Annotated[int, Field(ge=1, le=16)] = 1
    channel: Annotated[int, Field(ge=1, le=512)] | None = None
    resets_daily: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """`totals` in and out, or `people` in a region; `channel` is None when not told, `day` the camera's own (ISO)."""

    totals: tuple[int, int] | None
    people: int | None
    channel: int | None
    reported_at: float | None
    day: str


def parse(payload: bytes) -> Report:
    """Read one message. Raises PayloadError."""
    metadata = child(_members(payload), "metadata")
    kind = lenient.text(metadata.get("subtype")).lower()
    situation = child(metadata, "situation")
    entered, left = count(situation.get("enterregionpeoplenum")), count(situation.get("leaveregionpeoplenum"))
    people = count(situation.get("personcount"))
    if kind == "peoplecounting" and (entered is None or left is None):
        raise PayloadError("report_both_totals")
    if kind == "framespeoplecounting" and people is None:
        raise PayloadError("report_no_region_people")
    if kind not in ("peoplecounting", "framespeoplecounting"):
        raise PayloadError("report_no_metadata")
    totals = (entered, left) if kind == "peoplecounting" and entered is not None and left is not None else None
    time = metadata.get("time")
    return Report(
        totals,
        None if totals else people,
        count(child(metadata, "devinfo").get("channel")),
        lenient.seconds(time),
        lenient.local_day(time),
    )


def _members(payload: bytes) -> dict[str, Any]:
    try:
        return lenient.members(payload)
    except PayloadError:
        return lenient.members(_BARE_ADDRESS.sub(rb'\1"\2"', payload))


def json_of(report: Received) -> bytes:
    """The JSON of a pushed body: itself, or that part of a multipart one. Raises PayloadError."""
    if not report.media_type.lower().startswith("multipart/"):
        return report.body
    head = b"Content-Type: " + report.media_type.encode("ascii", "replace") + b"\r\n\r\n"
    try:
        for part in message_from_bytes(head + report.body).walk():
            body = part.get_payload(decode=True)
            if part.get_content_type() == "application/json" and isinstance(body, bytes):
                return body
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise PayloadError("report_not_multipart") from error
    raise PayloadError("report_xml")


def guess(heard: Heard) -> dict[str, Any] | None:
    """People counting metadata, on any topic."""
    try:
        report = parse(heard.payload)
    except PayloadError:
        return None
    if not heard.topic:
        return None
    section = {"driver": "hikvision_counter", "topic": heard.topic}
    return section if report.channel is None else {**section, "channel": report.channel}


class HikvisionCounter(ReportsDevice):
    def __init__(self, config: HikvisionConfig) -> None:
        super().__init__(config)
        self._config = config
        self._limits = config.limits(modulus=COUNT_MAX, overtaken_seconds=OVERTAKEN_SECONDS)

    def take(self, host: Host, report: Received) -> Outcome | None:
        found = parse(json_of(report))
        if self._config.channel is not None and found.channel not in (self._config.channel, None):
            return None
        if found.totals is None:
            return Outcome([host.report(ZoneOccupancy(total=found.people or 0))])
        if self._config.resets_daily and not found.day:
            raise PayloadError("report_no_day")
        day = found.day if self._config.resets_daily else ""
        return Outcome([host.count(self._config.line, *found.totals, self._limits, found.reported_at, day)])


DRIVER = Driver(
    HikvisionConfig,
    HikvisionCounter,
    About(
        title="Hikvision people counting camera",
        title_zh="海康威视客流统计摄像机",
        kind="counter",
        transport="mqtt",
        models=("cameras with people counting metadata in JSON",),
        source='enpinfo.hikvision.com, "JSON_Metadata_PeopleCounting"',
        wiring="MQTT: the office's broker, QoS 1; or HTTP listening: the node's address, /devices/ID of this section",
        proof="documented",
    ),
    guess=guess,
)
