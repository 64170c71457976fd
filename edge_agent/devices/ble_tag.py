"""Bluetooth tags that staff carry, heard by a receiver at the door that publishes who is how near.

Format: the JSON object of Home Assistant's `mqtt_room` (home-assistant.io/integrations/mqtt_room),
`{"id":"123testid","name":"Test Device","distance":5.678}`, which ESPresense publishes below
`espresense/devices/ID/ROOM`, and OpenMQTTGateway and room-assistant publish too. `distance` is metres, estimated from
the signal: rough, so a tag has come when it is nearer than `near_metres` and has gone after `away_seconds` without.

Receivers hear the telephones of customers as well. Only configured tags are looked at; everything else is dropped here,
neither counted nor kept.
"""

import json
import math
import time
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from edge_agent.devices.badges import UNNAMED, Badges, Held, plain
from edge_agent.devices.base import About, Done, Driver, Heard, Host
from edge_agent.devices.lenient import PayloadError
from edge_agent.devices.reports import Silence
from edge_agent.mistakes import unfit

_LONGEST_PAYLOAD = 4096
_FARTHEST = 1000.0


class BleTagConfig(Held):
    """`topic`: of this door's receiver, for example `espresense/devices/+/door`.

    `silent_seconds`: 0 for a receiver that says nothing while nobody is near.
    """

    driver: Literal["ble_tag"]
    topic: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^#$]+$")]
    near_metres: Annotated[float, Field(gt=0, le=50)] = 2.5
    away_seconds: Annotated[float, Field(ge=5, le=3600)] = 60.0
    silent_seconds: Annotated[float, Field(ge=0, le=86_400)] = 0.0

    @field_validator("staff")
    @classmethod
    def _named(cls, staff: Literal["any"] | list[str]) -> Literal["any"] | list[str]:
        if staff == "any":
            raise unfit("no_tag")
        return staff


def parse(payload: bytes) -> tuple[str, float]:
    """(id, metres). Raises PayloadError."""
    if len(payload) > _LONGEST_PAYLOAD:
        raise PayloadError("report_too_long")
    try:
        members = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise PayloadError("report_not_json") from error
    if not isinstance(members, dict):
        raise PayloadError("report_no_object")
    tag, distance = members.get("id"), members.get("distance")
    if not isinstance(tag, str) or not tag:
        raise PayloadError("tag_no_id")
    if isinstance(distance, bool) or not isinstance(distance, int | float):
        raise PayloadError("tag_no_distance")
    if not math.isfinite(distance) or not 0 <= distance <= _FARTHEST:
        raise PayloadError("tag_distance")
    return tag, float(distance)


@dataclass(slots=True)
class Approach:
    """Device: who came near just now. Time in seconds. Only tags that are asked about are remembered."""

    near_metres: float
    away_seconds: float
    _near: dict[str, float] = field(default_factory=dict)

    def has_come(self, tag: str, metres: float, now: float) -> bool:
        if metres > self.near_metres:
            return False
        before = self._near.get(tag)
        self._near[tag] = now
        return before is None or now - before > self.away_seconds


def guess(heard: Heard) -> dict[str, Any] | None:
    """ESPresense's own topic. The tag that was heard is not offered: it may be a customer's telephone."""
    try:
        parse(heard.payload)
    except PayloadError:
        return None
    parts = heard.topic.split("/")
    if parts[:2] != ["espresense", "devices"] or len(parts) != 4:
        return None
    return {"driver": "ble_tag", "topic": f"espresense/devices/+/{parts[3]}", **UNNAMED}


class BleTag:
    def __init__(self, config: BleTagConfig) -> None:
        self._config = config
        self._known = {plain(tag) for tag in (*config.staff, *config.non_customers)}
        self._approach = Approach(config.near_metres, config.away_seconds)
        self._silence = Silence(config.silent_seconds, "silent_tag")
        self._subscribed = False

    def run(self, host: Host) -> None:
        badges = Badges.open(self._config)
        if not self._subscribed:
            self._subscribed = True
            host.subscribe(self._config.topic, partial(self._on_message, host, badges))
        if not self._config.silent_seconds:
            host.ok()
        self._silence.watch(host)

    def _on_message(self, host: Host, badges: Badges, payload: bytes, done: Done) -> None:
        try:
            tag, metres = parse(payload)
        except PayloadError as mistake:
            done()
            host.discard(str(mistake))
            host.degraded(mistake.reason)
            return
        now = time.monotonic()
        self._silence.broken()
        host.ok()
        if plain(tag) not in self._known or not self._approach.has_come(plain(tag), metres, now):
            done()
            return
        read = badges.read((tag,), now)
        if read is None:
            done()
        else:
            host.report(read).add_done_callback(lambda _: done())


DRIVER = Driver(
    BleTagConfig,
    BleTag,
    About(
        title="Bluetooth tag at a door, over MQTT",
        title_zh="门口蓝牙工牌（MQTT）",
        kind="badge",
        transport="mqtt",
        models=("ESPresense", "OpenMQTTGateway", "room-assistant"),
        source="home-assistant.io/integrations/mqtt_room; espresense.com",
        wiring="none: an ESP32 receiver at the door publishes to the office's broker",
        proof="documented",
    ),
    guess=guess,
)
