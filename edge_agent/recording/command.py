"""The program behind `python -m edge_agent record`."""

import argparse
import json
import sys
import tempfile
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from edge_agent.broker import BrokerConfig, ConfigError
from edge_agent.config import AgentConfig, load
from edge_agent.devices.base import BaseDeviceConfig, DeviceError, Driver
from edge_agent.devices.factory import DRIVERS
from edge_agent.devices.serial_line import missing
from edge_agent.recording.hosting import RecordingHost, Traffic, from_spy
from edge_agent.recording.scrubbing import Scrubber, personal

_PRIVATE = ("badge", "reader", "camera")
_SUBSCRIBED_WITHIN = 5.0
Piece = tuple[int, str, bytes]


class RecordError(RuntimeError):
    """Nothing was recorded; the text says why and what to do."""


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
    taps = {"mqtt": _mqtt, "serial": _serial}
    tap = taps.get(driver.about.transport)
    if tap is None:
        raise RecordError(f"{device_id}: devices over {driver.about.transport} cannot be recorded")
    host = RecordingHost()
    pieces = tap(config.broker, device, driver, host, seconds)
    return _fixture(driver, device, host, pieces)


def _fixture(driver: Driver, device: BaseDeviceConfig, host: RecordingHost, pieces: list[Piece]) -> dict[str, Any]:
    scrub = Scrubber()
    # Payloads first: their members say which values are names, and topics repeat them.
    said = [(at, where, scrub.payload(data)) for at, where, data in pieces]
    section = json.loads(scrub.text(device.model_dump_json(exclude={"id"}, exclude_defaults=True)))
    if "url" in section:
        section["url"] = "/dev/ttyUSB0"
    fixture = {
        "source": f"recorded {datetime.now(UTC):%Y-%m-%d} with `record`, serial numbers, addresses and names replaced",
        "section": {"driver": driver.name, **section},
        "cases": [],
        "recorded": [
            {"ms": at, "at": scrub.text(where), **_readable(data, serial=driver.about.transport == "serial")}
            for at, where, data in said
        ],
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


def _run(driver: Driver, device: BaseDeviceConfig, host: RecordingHost, seconds: float) -> Callable[[], None]:
    """Start the driver; what is returned lets it run its time and stops it. Raises RecordError when it gives up."""
    trouble: list[Exception] = []

    def serve() -> None:
        try:
            driver.device(device).run(host)
        except (DeviceError, OSError) as error:
            trouble.append(error)
            host.stopping.set()

    thread = threading.Thread(target=serve, name="recorded-device", daemon=True)
    thread.start()

    def finish() -> None:
        host.stopping.wait(seconds)
        host.stopping.set()
        thread.join(5)
        if trouble:
            raise RecordError(f"{device.id}: {trouble[0]}")

    return finish


def _serial(
    broker: BrokerConfig, device: BaseDeviceConfig, driver: Driver, host: RecordingHost, seconds: float
) -> list[Piece]:
    url = str(getattr(device, "url", ""))
    if not url.startswith("/"):
        raise RecordError(f"{device.id}: only a port of this machine can be recorded, not {url}")
    if missing(url):
        raise RecordError(f"{device.id}: port {url} is gone")
    with tempfile.TemporaryDirectory() as folder:
        dump = Path(folder) / "traffic"
        spied = device.model_copy(update={"url": f"spy://{url}?file={dump}"})
        _run(driver, spied, host, seconds)()
        return from_spy(dump.read_text(encoding="ascii", errors="replace")) if dump.exists() else []


def _mqtt(
    broker: BrokerConfig, device: BaseDeviceConfig, driver: Driver, host: RecordingHost, seconds: float
) -> list[Piece]:
    traffic = Traffic()
    finish = _run(driver, device, host, seconds)
    client = mqtt.Client(CallbackAPIVersion.VERSION2)
    if broker.username:
        client.username_pw_set(broker.username, broker.password())
    if broker.tls_ca_file:
        client.tls_set(ca_certs=broker.tls_ca_file)

    def connected(client: mqtt.Client, *_: Any) -> None:
        for topic in list(host.handlers):
            client.subscribe(topic, qos=1)

    def message(client: mqtt.Client, userdata: Any, message: mqtt.MQTTMessage) -> None:
        payload = bytes(message.payload)
        traffic.add(message.topic, payload)
        for topic, handler in host.handlers.items():
            if mqtt.topic_matches_sub(topic, message.topic):
                handler(payload, lambda: None)

    client.on_connect, client.on_message = connected, message
    host.listening.wait(_SUBSCRIBED_WITHIN)
    try:
        client.connect(broker.host, broker.port, keepalive=30)
    except OSError as error:
        host.stopping.set()
        raise RecordError(f"the broker {broker.host}:{broker.port}: {error}") from error
    client.loop_start()
    try:
        finish()
    finally:
        client.disconnect()
        client.loop_stop()
    return traffic.pieces
