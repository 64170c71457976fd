"""AXIS People Counter: asked by HTTP for its totals.

Format: developer.axis.com, "People counter API": `GET /local/tvpc/.api?live-sum.json` answers
`{"serial": "00408CAC512B", "name": "Exit south", "timestamp": "20170503112756", "in": 12, "out": 318}`; older versions
of the application answer at `/local/people-counter/.api?live-sum.json`. `timestamp` is the camera's local time without
its zone, so that only its day is used. Where the application begins anew each night, say `resets_daily`.
"""

import re
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from edge_agent.devices import lenient
from edge_agent.devices.base import About, CounterConfig, DeviceError, Driver, Host
from edge_agent.devices.http_poll import HttpPoll
from edge_agent.devices.lenient import COUNT_MAX, PayloadError, count
from edge_agent.mistakes import unfit

FAILURES_BEFORE_FAULT = 3
_STAMP = re.compile(r"(\d{4})(\d{2})(\d{2})\d{6}", re.ASCII)
_RETRY_SECONDS = 0.5


class AxisConfig(CounterConfig):
    """`url`: the whole address, with `/local/tvpc/.api?live-sum.json`. `auth`: basic sends the password as it is, and
    belongs to https. `ca_file`: the certificate an https camera is checked with.
    """

    driver: Literal["axis_counter"]
    url: Annotated[str, Field(max_length=300, pattern=r"^https?://[^/@\s]+/\S*$")]
    username: Annotated[str, Field(max_length=64)] = ""
    password_file: Path | None = None
    auth: Literal["digest", "basic"] = "digest"
    ca_file: Path | None = None
    line: Annotated[int, Field(ge=1, le=16)] = 1
    poll_seconds: Annotated[float, Field(ge=0.05, le=60)] = 2.0
    timeout_seconds: Annotated[float, Field(ge=0.05, le=10)] = 3.0
    resets_daily: bool = False

    @model_validator(mode="after")
    def _a_password_has_its_user(self) -> Self:
        if (self.password_file is None) != (not self.username):
            raise unfit("user_and_password")
        return self


@dataclass(frozen=True, slots=True)
class Reading:
    """`day`: the camera's own (ISO), empty when it told none."""

    total_in: int
    total_out: int
    day: str


def parse(payload: bytes) -> Reading:
    """Read one answer. Raises PayloadError."""
    members = lenient.members(payload)
    total_in, total_out = count(members.get("in")), count(members.get("out"))
    if total_in is None or total_out is None:
        raise PayloadError("report_both_totals")
    return Reading(total_in, total_out, _day(members.get("timestamp")))


def _day(stamp: Any) -> str:
    found = _STAMP.fullmatch(lenient.text(stamp))
    try:
        return date(int(found[1]), int(found[2]), int(found[3])).isoformat() if found else ""
    except ValueError:
        return ""


class AxisCounter:
    """One unreadable answer is an accident, three in a row are a fault."""

    def __init__(self, config: AxisConfig) -> None:
        self._config = config
        self._limits = config.limits(modulus=COUNT_MAX)
        self._camera = HttpPoll(
            config.url,
            username=config.username,
            password_file=config.password_file,
            basic=config.auth == "basic",
            ca_file=config.ca_file,
            timeout=config.timeout_seconds,
        )

    def run(self, host: Host) -> None:
        failures = 0
        while not host.stopping.is_set():
            began = time.monotonic()
            try:
                self._count(host, parse(self._camera.ask()))
            except (DeviceError, PayloadError) as error:
                failures += 1
                host.discard(str(error))
                if failures >= FAILURES_BEFORE_FAULT:
                    raise DeviceError(error.reason) from error
                host.stopping.wait(_RETRY_SECONDS)
                continue
            failures = 0
            host.ok()
            host.stopping.wait(max(self._config.poll_seconds - (time.monotonic() - began), 0.0))

    def _count(self, host: Host, reading: Reading) -> None:
        if self._config.resets_daily and not reading.day:
            raise PayloadError("report_no_day")
        day = reading.day if self._config.resets_daily else ""
        host.count(self._config.line, reading.total_in, reading.total_out, self._limits, None, day).result()


DRIVER = Driver(
    AxisConfig,
    AxisCounter,
    About(
        title="AXIS People Counter",
        title_zh="AXIS 客流统计",
        kind="counter",
        transport="http",
        models=("AXIS People Counter (tvpc) on an Axis camera",),
        source='developer.axis.com, "People counter API"',
        wiring="network; a viewer account of its own, its password in a file of the node",
        proof="documented",
    ),
)
