"""Milesight VS133 and VS135 people counters over LoRaWAN: TLV inside the uplink of a network server.

Format: github Milesight-IoT/SensorDecoders, VS_Series/VS13x (README and VS13x_Decoder.js): channel, type, value, the
numbers little-endian, on port 85. `03D2` … `0DD2` are running totals of lines 1–4 in and out (u32), `05CC` … `0ECC`
what passed since the last periodic report, in and out (u16 each), `0FE3` people in each of four regions. Totals and
periods may come in frames of their own.

With `counts = "periods"` each frame is told apart by its number; a number that never came is a gap, for the frame may
have held people.
"""

from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import Field

from contracts.events import ZoneOccupancy
from contracts.reasons import Reason, reason
from edge_agent.devices import lorawan
from edge_agent.devices.base import About, Driver, Heard, Host, Received
from edge_agent.devices.lenient import COUNT_MAX, PayloadError
from edge_agent.devices.lorawan import Uplink
from edge_agent.devices.reports import OVERTAKEN_SECONDS, Outcome, ReportsConfig, ReportsDevice
from edge_agent.increments import Interval

PORT = 85
LINES = (1, 2, 3, 4)
_FRAME_MODULUS = 2**16
"""Some servers give 16 bits of the frame number; with all 32 of them this changes nothing."""
_PATIENCE = 3
_TOTAL_IN = {0x03: 1, 0x06: 2, 0x09: 3, 0x0C: 4}
_TOTAL_OUT = {0x04: 1, 0x07: 2, 0x0A: 3, 0x0D: 4}
_PERIOD = {0x05: 1, 0x08: 2, 0x0B: 3, 0x0E: 4}
_LENGTH_OF_TYPE = {0xD2: 4, 0xCC: 4, 0xE3: 4, 0xE4: 5}
"""Also those of children (channels 0x11 to 0x1E), who are in the totals already."""
_LAST_CHANNEL = 0x1E
_ABOUT_ITSELF = {0x01: 1, 0x09: 2, 0x0A: 2, 0x0B: 1, 0x0F: 1, 0x16: 8, 0x1F: 4, 0xFE: 1, 0xFF: 2}
_ANSWERS = {0x03: 2, 0x04: 1, 0x10: 1, 0x40: 1, 0x42: 1, 0x43: 1, 0x44: 1, 0x51: 1}
_OCCLUSION = (0x50, 0xFC, 3)


class Vs13xConfig(ReportsConfig):
    """`dev_eui` tells its uplinks from those of other devices on the topic."""

    driver: Literal["milesight_vs13x"]
    dev_eui: Annotated[str, Field(pattern=r"^[0-9A-Fa-f]{16}$")]
    counts: Literal["totals", "periods"] = "totals"
    silent_seconds: Annotated[float, Field(ge=1, le=86_400)] = 1800.0


@dataclass(slots=True)
class Telemetry:
    """What one frame says: line → in, out, as running totals and of its period; people in each region.

    `whole`: everything of it was understood.
    """

    totals: dict[int, tuple[int, int]] = field(default_factory=dict)
    periods: dict[int, tuple[int, int]] = field(default_factory=dict)
    regions: tuple[int, ...] = ()
    whole: bool = True


def decode(data: bytes) -> Telemetry:
    """Read a frame as far as its channels are known; newer firmware may add some. Raises PayloadError when cut off."""
    found, totals_in, totals_out = Telemetry(), dict[int, int](), dict[int, int]()
    place = 0
    while place < len(data):
        channel, kind = data[place], data[place + 1] if place + 1 < len(data) else -1
        length = _length(channel, kind)
        if length is None:
            found.whole = False
            break
        value = data[place + 2 : place + 2 + length]
        if len(value) != length:
            raise PayloadError("report_cut_off")
        place += 2 + length
        if kind == 0xD2 and channel in _TOTAL_IN:
            totals_in[_TOTAL_IN[channel]] = int.from_bytes(value, "little")
        elif kind == 0xD2 and channel in _TOTAL_OUT:
            totals_out[_TOTAL_OUT[channel]] = int.from_bytes(value, "little")
        elif kind == 0xCC and channel in _PERIOD:
            found.periods[_PERIOD[channel]] = int.from_bytes(value[:2], "little"), int.from_bytes(value[2:], "little")
        elif (channel, kind) == (0x0F, 0xE3):
            found.regions = tuple(value)
    found.totals = {
        line: (totals_in[line], totals_out[line]) for line in LINES if line in totals_in and line in totals_out
    }
    found.whole = found.whole and totals_in.keys() == totals_out.keys()
    return found


def _length(channel: int, kind: int) -> int | None:
    if channel in (0xFF, 0xFE):
        return _ANSWERS.get(kind) if channel == 0xFE else _ABOUT_ITSELF.get(kind, _ANSWERS.get(kind))
    if (channel, kind) == _OCCLUSION[:2]:
        return _OCCLUSION[2]
    return _LENGTH_OF_TYPE.get(kind) if channel <= _LAST_CHANNEL else None


def guess(heard: Heard) -> dict[str, Any] | None:
    """An uplink on port 85 with lines of this counter."""
    try:
        frame = lorawan.uplink(heard.payload)
        found = decode(frame.data)
    except PayloadError:
        return None
    if not heard.topic or frame.port not in (PORT, None) or not found.whole or not (found.totals or found.periods):
        return None
    section = {"driver": "milesight_vs13x", "topic": heard.topic, "dev_eui": frame.dev_eui}
    return section if found.totals else {**section, "counts": "periods"}


class MilesightVs13x(ReportsDevice):
    """Lines become crossings, regions an occupancy event."""

    def __init__(self, config: Vs13xConfig) -> None:
        super().__init__(config)
        self._dev_eui = config.dev_eui.lower()
        self._by_totals = config.counts == "totals"
        self._limits = config.limits(modulus=COUNT_MAX, overtaken_seconds=OVERTAKEN_SECONDS)
        self._without_totals = 0

    def take(self, host: Host, report: Received) -> Outcome | None:
        frame = lorawan.uplink(report.body)
        if frame.dev_eui != self._dev_eui:
            return None
        found = decode(frame.data) if frame.port in (PORT, None) else Telemetry()
        if not found.whole:
            host.discard("channels that are not known, or half a line")
        accepted: list[Future[Any]] = []
        if found.regions:
            regions = {str(number): people for number, people in enumerate(found.regions, 1)}
            accepted.append(host.report(ZoneOccupancy(total=sum(found.regions), regions=regions)))
        if not self._by_totals:
            return Outcome([*accepted, *self._count_periods(host, frame, found)])
        for line, both in found.totals.items():
            accepted.append(host.count(line, *both, self._limits, frame.received_at))
        return Outcome(accepted, self._complaint(found))

    def _count_periods(self, host: Host, frame: Uplink, found: Telemetry) -> list["Future[Any]"]:
        """Every frame takes a number, also one that has nothing of a line."""
        if frame.frame is None:
            raise PayloadError("report_no_frame")
        serial = f"{frame.session} {frame.frame} {frame.received}" if frame.received else ""
        return [
            host.count_interval(
                line,
                Interval(
                    *found.periods.get(line, (0, 0)),
                    frame.frame,
                    frame.frame + 1,
                    epoch=frame.session,
                    serial=serial,
                    numbered=True,
                    modulus=_FRAME_MODULUS,
                ),
                self._limits,
            )
            for line in LINES
        ]

    def _complaint(self, found: Telemetry) -> Reason | None:
        if found.totals:
            self._without_totals = 0
        elif found.periods:
            self._without_totals += 1
        if self._without_totals < _PATIENCE:
            return None
        return reason("report_switch_on_totals")


DRIVER = Driver(
    Vs13xConfig,
    MilesightVs13x,
    About(
        title="Milesight VS133 / VS135 people counter over LoRaWAN",
        title_zh="Milesight VS133 / VS135 客流统计（LoRaWAN）",
        kind="counter",
        transport="mqtt",
        models=("VS133", "VS135", "over ChirpStack v4, The Things Stack v3 or a Milesight gateway"),
        source="github Milesight-IoT/SensorDecoders, VS_Series/VS13x; the servers' documents on uplink messages",
        wiring="the network server publishes its uplinks to the office's broker, QoS 1; report totals, port 85",
        proof="documented",
    ),
    guess=guess,
)
