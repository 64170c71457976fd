"""The program behind `python -m edge_agent record`."""

import argparse
import json
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from edge_agent.broker import ConfigError
from edge_agent.config import AgentConfig, load
from edge_agent.devices.base import BaseDeviceConfig, Driver
from edge_agent.devices.factory import DRIVERS
from edge_agent.recording.hosting import Piece, RecordingHost
from edge_agent.recording.scrubbing import Scrubber, personal
from edge_agent.recording.taps import TAPS, RecordError

_PRIVATE = ("badge", "reader", "camera")
_LOGIN = ("username", "password_file", "ca_file")
_SOMEWHERE = re.compile(r"^(\w+://)[^/?#]*")
"""The host of an address, by name or number, with its port."""


def arguments(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="edge_agent record",
        description="Run one device of a configuration by itself and write its traffic, with what its driver made "
        "of it, as a fixture for the tests. Serial numbers, addresses and names are replaced. Stop the agent first "
        "when the device is on a serial line.",
    )
    parser.add_argument("--config", type=Path, required=True, help="the agent's configuration")
    parser.add_argument("--device", required=True, help="the id of the device in it")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long (default 60)")
    parser.add_argument("--out", type=Path, required=True, help="the fixture to write, not there yet")
    return parser.parse_args(argv)


def main(argv: list[str]) -> int:
    """The exit status: 0 when a fixture was written, 1 when nothing was heard, 2 for anything else."""
    options = arguments(argv)
    try:
        fixture = record(load(options.config), options.device, options.seconds)
        if not fixture["recorded"]:
            print(f"{options.device} said nothing in {options.seconds:g} s: {fixture['states']}", file=sys.stderr)
            return 1
        with options.out.open("x", encoding="utf-8") as file:
            json.dump(fixture, file, ensure_ascii=False, indent=1)
            file.write("\n")
    except (ConfigError, RecordError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    print(
        f"{options.out}: {len(fixture['recorded'])} pieces, {len(fixture['made'])} reports. Read it before you keep it."
    )
    return 0


def record(config: AgentConfig, device_id: str, seconds: float) -> dict[str, Any]:
    """The fixture, scrubbed. Raises RecordError."""
    device = next((each for each in config.devices if each.id == device_id), None)
    if device is None:
        raise RecordError(f"no device {device_id!r} in the configuration")
    driver = next((each for each in DRIVERS if isinstance(device, each.config)), None)
    if driver is None or driver.about.kind in _PRIVATE:
        raise RecordError(
            f"{device_id}: what such a device says is a person's, and is not recorded: write its fixture by hand from "
            "the vendor's document"
        )
    tap = TAPS.get(driver.about.transport)
    if tap is None:
        raise RecordError(f"{device_id}: devices over {driver.about.transport} cannot be recorded")
    host = RecordingHost()
    pieces = tap(config, device, driver, host, seconds)
    return _fixture(driver, device, host, pieces)


def _fixture(driver: Driver, device: BaseDeviceConfig, host: RecordingHost, pieces: list[Piece]) -> dict[str, Any]:
    scrub = Scrubber()
    # Payloads first: their members say which values are names, and topics repeat them.
    said = [(at, where, scrub.payload(data)) for at, where, data in pieces]
    serial = driver.about.transport == "serial"
    section = json.loads(scrub.text(device.model_dump_json(exclude={"id", *_LOGIN}, exclude_defaults=True)))
    if "url" in section:
        section["url"] = "/dev/ttyUSB0" if serial else _SOMEWHERE.sub(r"\g<1>192.0.2.1", section["url"])
    fixture = {
        "source": f"recorded {datetime.now(UTC):%Y-%m-%d} with `record`, serial numbers, addresses and names replaced",
        "section": {"driver": driver.name, **section},
        "cases": [],
        "recorded": [{"ms": at, "at": scrub.text(where), **_readable(data, serial=serial)} for at, where, data in said],
        "made": json.loads(scrub.text(json.dumps(host.made, ensure_ascii=False))),
        "states": [scrub.text(state) for state in host.states],
    }
    left = personal(json.dumps(fixture, ensure_ascii=False))
    if left:
        raise RecordError(f"something that looks personal is left ({', '.join(left)}): nothing was written")
    return fixture


def _readable(data: bytes, *, serial: bool) -> dict[str, str]:
    try:
        return {"bytes": data.hex()} if serial else {"payload": data.decode()}
    except UnicodeDecodeError:
        return {"bytes": data.hex()}
