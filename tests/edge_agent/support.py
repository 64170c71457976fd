"""A gateway that behaves, or does not, and the far ends of serial lines."""

import json
import os
import sys
import threading
import time
import tty
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from contracts.events import Event
from contracts.ids import uuid7
from contracts.messages import Ack, Command, ConfigStatus, NodeStatus, PanelShow, Reply
from contracts.node_config import NodeConfig, checksum
from contracts.reasons import Reason
from contracts.topics import MAX_BATCH_BYTES, Topic
from contracts.values import utc_now
from tests.support.processes import Program, until

OFFICE, NODE = "yunqi", "lobby"


def topic(leaf: Any) -> str:
    return str(Topic(OFFICE, NODE, leaf))


class FakeGateway:
    """Takes contiguous events, acknowledges them, and remembers everything it was sent.

    `committed` and `events` are what a real one would have in its database; `silent` keeps it from answering;
    `safe_lag` holds `safe` that far behind; None means nothing is ever safe.
    """

    def __init__(self, port: int) -> None:
        self.epoch = uuid7()
        self.silent = False
        self.safe_lag: int | None = 0
        self.refuse: set[str] = set()
        self.committed: Counter[str] = Counter()
        self.events: list[Event] = []
        self.received_at: dict[str, float] = {}
        self.payloads: list[bytes] = []
        self.statuses: list[NodeStatus] = []
        self.replies: list[Reply] = []
        self.lock = threading.RLock()
        self.client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=f"gateway-{uuid7()}")
        self.client.max_inflight_messages_set(1000)
        self.client.on_connect = lambda client, *_: [
            client.subscribe(topic(x), 1) for x in ("events", "status", "reply")
        ]
        self.client.on_message = self._on_message
        self.client.reconnect_delay_set(1, 1)
        self.client.connect_async("127.0.0.1", port)
        self.client.loop_start()

    def __enter__(self) -> Self:
        until(self.client.is_connected, seconds=10, what="the fake gateway to connect")
        return self

    def __exit__(self, *error: object) -> None:
        self.client.disconnect()
        self.client.loop_stop()

    def _on_message(self, client: Any, userdata: Any, message: mqtt.MQTTMessage) -> None:
        with self.lock:
            if message.topic == topic("status"):
                self.statuses.append(NodeStatus.model_validate_json(message.payload))
            elif message.topic == topic("reply"):
                self.replies.append(Reply.model_validate_json(message.payload))
            else:
                self._take(bytes(message.payload))

    def _take(self, payload: bytes) -> None:
        self.payloads.append(payload)
        assert len(payload) <= MAX_BATCH_BYTES
        if self.silent:
            return
        stream = ""
        for raw in json.loads(payload):
            event = Event.model_validate(raw)
            stream = event.stream
            begins = event.data["from_sequence"] if event.type == "outbox.tombstone.v1" else event.sequence
            if event.sequence <= self.committed[stream] or begins > self.committed[stream] + 1:
                continue
            if stream in self.refuse:
                continue
            self.committed[stream] = event.sequence
            self.events.append(event)
            self.received_at[event.id] = time.time()
        self.acknowledge(stream)

    def acknowledge(self, stream: str) -> None:
        through = self.committed[stream]
        safe = 0 if self.safe_lag is None else max(through - self.safe_lag, 0)
        refused = "forked" if stream in self.refuse else None
        self.say(Ack(stream=stream, committed=through, safe=safe, epoch=self.epoch, refused=refused))

    def say(self, ack: Ack) -> None:
        self.client.publish(topic("ack"), ack.model_dump_json(), qos=1)

    def command(self, number: int, *, device: str = "panel-1", seconds: float = 30, **more: Any) -> Command:
        from datetime import timedelta

        command = Command(
            id=more.get("id") or uuid7(),
            type="panel.show.v1",
            device=device,
            expires_at=utc_now() + timedelta(seconds=seconds),
            data=PanelShow(number=number).model_dump(),
        )
        self.client.publish(topic("command"), command.model_dump_json(), qos=1)
        return command

    def configure(self, version: int, devices: list[dict[str, Any]], **more: Any) -> None:
        """Ask for these devices, as a gateway does: retained."""
        snapshot = NodeConfig.model_validate(
            {"office": OFFICE, "node": NODE, "version": version, "devices": devices, "checksum": checksum(devices)}
            | more
        )
        self.client.publish(topic("config"), snapshot.model_dump_json(), qos=1, retain=True)

    def wait_config(self, version: int, state: str, *, seconds: float = 10) -> str:
        """Returns the reasons in English, a line for each."""

        def found() -> ConfigStatus | None:
            last = self.statuses[-1].config if self.statuses else None
            return last if last is not None and (last.version, last.state) == (version, state) else None

        last = until(found, seconds=seconds, what=f"configuration {version} to be {state}")
        return "\n".join(map(str, last.reasons))

    # ---- what it saw --------------------------------------------------------------------------------------------
    def of_type(self, kind: str) -> list[Event]:
        with self.lock:
            return [event for event in self.events if event.type == kind]

    @property
    def counted_in(self) -> int:
        return sum(event.data["count_in"] for event in self.of_type("door.crossing.v1"))

    def device_state(self, device: str) -> tuple[str, str]:
        with self.lock:
            for status in reversed(self.statuses[-1:]):
                for entry in status.devices:
                    if entry.device == device:
                        told = Reason(code=entry.reason, facts=entry.facts)
                        return entry.state, str(told) if entry.reason else ""
        return "", ""

    def wait_state(self, device: str, state: str, *, seconds: float = 10) -> str:
        """Returns the reason."""
        until(
            lambda: self.device_state(device)[0] == state, seconds=seconds, what=f"{device} to be {state}", every=0.05
        )
        return self.device_state(device)[1]


class Wire:
    """A serial line: `path` is what the agent opens, a link that can be pulled and put back."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.master = -1
        self.plug()

    def plug(self) -> None:
        self.master, slave = os.openpty()
        tty.setraw(self.master)
        tty.setraw(slave)
        os.set_blocking(self.master, False)
        self._slave = slave
        staged = self.path.with_suffix(".new")
        staged.symlink_to(os.ttyname(slave))
        staged.replace(self.path)

    def unplug(self) -> None:
        self.path.unlink()
        os.close(self._slave)
        os.close(self.master)
        self.master = -1

    def read(self) -> bytes:
        """What the agent sent and nobody read yet."""
        try:
            return os.read(self.master, 4096)
        except BlockingIOError:
            return b""

    def write(self, data: bytes) -> None:
        os.write(self.master, data)


def crc16(data: bytes) -> bytes:
    """CRC of Modbus-RTU (Modbus over Serial Line V1.02, 6.2.2), low byte first."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc.to_bytes(2, "little")


class AgentProcess:
    """The real program with a configuration of its own."""

    def __init__(self, folder: Path, broker_port: int, devices: str, *, outbox: str = "", env: Any = None) -> None:
        self.folder = folder
        self.config = folder / "agent.toml"
        self.database = folder / "outbox.db"
        self.config.write_text(
            f'office = "{OFFICE}"\nnode = "{NODE}"\n[outbox]\npath = "{self.database}"\n{outbox}\n'
            f"[broker]\nport = {broker_port}\n{devices}\n"
        )
        self.program = Program(
            "edge_agent", ["-m", "edge_agent", "--config", str(self.config)], log=folder / "agent.log"
        )

    def __enter__(self) -> Self:
        self.program.start()
        return self

    def __exit__(self, kind: object, *error: object) -> None:
        self.program.stop()
        if kind is not None:
            print(self.program.tail(60), file=sys.stderr)


def publish_json(port: int, name: str, payloads: list[bytes], *, every: Callable[[int], None] | None = None) -> None:
    """Publish as a device would, QoS 1, and wait until the broker has everything."""
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=f"device-{uuid7()}")
    client.max_inflight_messages_set(1000)
    client.connect("127.0.0.1", port)
    client.loop_start()
    sent = []
    for place, payload in enumerate(payloads):
        sent.append(client.publish(name, payload, qos=1))
        if every is not None:
            every(place)
    for message in sent:
        message.wait_for_publish(20)
    client.disconnect()
    client.loop_stop()
