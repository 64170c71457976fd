"""The agent put together: devices → outbox → broker, and orders the other way."""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future

from pydantic import ValidationError

from contracts.events import Data
from contracts.messages import Ack, NodeStatus, Reply
from contracts.topics import Leaf
from edge_agent import VERSION
from edge_agent.clock import Clock
from edge_agent.commands import CommandDesk
from edge_agent.config import AgentConfig
from edge_agent.devices.base import BaseDeviceConfig, Commanded, Device, Done
from edge_agent.devices.factory import build
from edge_agent.devices.supervisor import SupervisedDevice, Surroundings
from edge_agent.link import Hooks, Link
from edge_agent.outbox.sender import Sender
from edge_agent.outbox.transaction import Place
from edge_agent.outbox.writer import Outbox
from edge_agent.vision.config import FACES_DEVICE, CameraConfig
from edge_agent.vision.host import ORDERS, AgentPorts, FacePart

_log = logging.getLogger(__name__)
STATUS_SECONDS = 10.0
_STATUS_QUIET_SECONDS = 0.2
"""A flapping device changes the status no more often than this."""
_RUNNING_FULL = 0.95


class Agent:
    """Everything of one node. `run` blocks until `stop`. `faces` builds the part that has to do with faces, if any."""

    def __init__(self, config: AgentConfig, faces: Callable[[AgentPorts], FacePart] | None = None) -> None:
        self._config = config
        self._clock = Clock()
        self._stopping = threading.Event()
        self._status_due = threading.Event()
        place = Place(config.office, config.node)
        limits = config.outbox
        self._outbox = Outbox(
            limits.path, place, self._clock, max_events=limits.max_events, linger=limits.linger_seconds
        )
        hooks = Hooks(self._on_connect, self._on_disconnect, lambda: self._status(online=False))
        self._link = Link(config.office, config.node, config.broker, hooks)
        self._sender = Sender(
            self._outbox,
            lambda batch: self._link.publish("events", batch),
            self._clock,
            max_events=limits.max_events,
        )
        around = Surroundings(self._outbox, self._clock, self._link.subscribe, self._status_due.set)
        self._faces = faces(self._ports()) if faces is not None else None
        self._devices = [SupervisedDevice(d.id, d.driver, self._build(d), around) for d in config.devices]
        commanded = {d.name: d.device for d in self._devices if isinstance(d.device, Commanded)}
        orders = dict.fromkeys(ORDERS, self._faces) if self._faces is not None else {}
        self._desk = CommandDesk(self._outbox, self._clock, commanded, self._reply, orders)
        self._link.subscribe(self._link.topic("ack"), self._on_ack)
        self._link.subscribe(self._link.topic("command"), self._desk.on_message)

    def _build(self, config: BaseDeviceConfig) -> Device:
        if not isinstance(config, CameraConfig):
            return build(config)
        from edge_agent.vision.factory import build as build_camera

        return build_camera(config, self._faces.services if self._faces is not None else None)

    def stop(self) -> None:
        """Make `run` return. Safe in a signal handler."""
        self._stopping.set()
        self._status_due.set()

    def run(self) -> None:
        _log.info("agent starts", extra={"version": VERSION, "stream": self._outbox.state.stream})
        self._outbox.start()
        self._sender.start()
        self._desk.start()
        if self._faces is not None:
            self._faces.start()
        self._link.start()
        for device in self._devices:
            device.start()
        while not self._stopping.is_set():
            self._status_due.wait(STATUS_SECONDS)
            self._status_due.clear()
            if not self._stopping.is_set():
                self._link.publish("status", self._status(online=True), retain=True)
                self._stopping.wait(_STATUS_QUIET_SECONDS)
        self._shut_down()

    def _shut_down(self) -> None:
        began = time.monotonic()
        for device in self._devices:
            device.stop()
        for device in self._devices:
            device.join()
        self._desk.stop()
        if self._faces is not None:
            self._faces.stop()
        self._sender.stop()
        self._link.stop(self._status(online=False))
        self._outbox.close()
        _log.info("agent stopped", extra={"seconds": round(time.monotonic() - began, 2)})

    def _ports(self) -> AgentPorts:
        def report(data: Data) -> "Future[int]":
            stamp = self._clock.stamp()
            return self._outbox.submit(lambda tx: tx.append(FACES_DEVICE, data, stamp))

        def subscribe(leaf: Leaf, handler: Callable[[bytes], None]) -> None:
            def take(payload: bytes, done: Done) -> None:
                done()
                handler(payload)

            self._link.subscribe(self._link.topic(leaf), take)

        return AgentPorts(
            report=report,
            publish=self._link.publish,
            subscribe=subscribe,
            subscribe_everywhere=self._link.subscribe_everywhere,
            status_changed=self._status_due.set,
            clock=self._clock,
        )

    # ---- the broker ---------------------------------------------------------------------------------------------
    def _on_connect(self) -> None:
        self._sender.on_connect()
        if self._faces is not None:
            self._faces.connected()
        self._status_due.set()

    def _on_disconnect(self) -> None:
        self._sender.on_disconnect()

    def _on_ack(self, payload: bytes, done: Done) -> None:
        done()
        try:
            ack = Ack.model_validate_json(payload)
        except ValidationError as error:
            _log.warning("not an acknowledgement", extra={"mistakes": error.error_count()})
            return
        self._sender.on_ack(ack)

    def _reply(self, reply: Reply) -> None:
        if not self._link.publish("reply", reply.model_dump_json().encode()):
            _log.warning("a reply could not be sent", extra={"command": reply.command_id})

    def _status(self, *, online: bool) -> bytes:
        stream = self._outbox.state
        return (
            NodeStatus(
                office=self._config.office,
                node=self._config.node,
                online=online,
                at=self._clock.stamp().time,
                version=VERSION,
                stream=stream.stream,
                lag=max(stream.last - stream.committed, 0),
                unsafe=self._outbox.rows,
                clock_synced=self._clock.synced,
                devices=[device.status() for device in self._devices],
                alarms=self._alarms(),
                faces=self._faces.status() if self._faces is not None else None,
            )
            .model_dump_json()
            .encode()
        )

    def _alarms(self) -> list[str]:
        alarms = []
        if self._outbox.rows > self._config.outbox.max_events * _RUNNING_FULL:
            alarms.append("outbox_full")
        if self._outbox.state.dropped:
            alarms.append("events_dropped")
        return alarms
