"""The agent put together: devices → outbox → broker, and orders the other way."""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future

from pydantic import ValidationError

from contracts.events import Data
from contracts.messages import Ack, Reply
from contracts.topics import Leaf
from edge_agent import VERSION
from edge_agent.clock import Clock
from edge_agent.commands import CommandDesk
from edge_agent.config import AgentConfig
from edge_agent.devices.base import BaseDeviceConfig, Device, Done
from edge_agent.devices.factory import build
from edge_agent.devices.running import RunningDevices
from edge_agent.devices.supervisor import Surroundings
from edge_agent.link import Hooks, Link
from edge_agent.listener import Listener
from edge_agent.outbox.sender import Sender
from edge_agent.outbox.transaction import Place
from edge_agent.outbox.writer import Outbox
from edge_agent.remote.desk import RemoteDevices
from edge_agent.reporting import Reporter
from edge_agent.vision.config import FACES_DEVICE, CameraConfig
from edge_agent.vision.host import ORDERS, AgentPorts, FacePart
from edge_agent.watchdog import Watchdog

_log = logging.getLogger(__name__)
STATUS_SECONDS = 10.0
_TIDY_SECONDS = 3600.0
_STATUS_QUIET_SECONDS = 0.2
"""A flapping device changes the status no more often than this."""


class Agent:
    """Everything of one node. `run` blocks until `stop`. `faces` builds the part that has to do with faces, if any."""

    def __init__(
        self,
        config: AgentConfig,
        faces: Callable[[AgentPorts], FacePart] | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._config = config
        self._clock = clock or Clock()
        self._tidy_at = 0.0
        self._beat = time.monotonic()
        self._stopping = threading.Event()
        self._status_due = threading.Event()
        place = Place(config.office, config.node)
        limits = config.outbox
        self._outbox = Outbox(
            limits.path,
            place,
            self._clock,
            max_events=limits.max_events,
            max_bytes=limits.max_mb * 2**20,
            linger=limits.linger_seconds,
        )
        self._outbox.on_fault(lambda fault: self._status_due.set())
        hooks = Hooks(self._on_connect, self._on_disconnect, lambda: self._payload(online=False))
        self._link = Link(config.office, config.node, config.broker, hooks)
        self._sender = Sender(
            self._outbox,
            lambda batch: self._link.publish("events", batch),
            self._clock,
            max_events=limits.max_events,
        )
        self._listener = Listener(config.listener)
        around = Surroundings(
            self._outbox, self._clock, self._link.subscribe, self._status_due.set, self._listener.receive
        )
        self._remote = RemoteDevices(config, self._status_due.set)
        self._reporter = Reporter(
            config,
            self._outbox,
            self._clock,
            lambda: self._link,
            lambda: self._devices.statuses(),
            lambda: self._devices.hanging,
            lambda: self._faces.status() if self._faces is not None else None,
            self._remote.status,
        )
        self._faces = faces(self._ports()) if faces is not None else None
        self._devices = RunningDevices(self._remote.choose(), self._build, around)
        orders = dict.fromkeys(ORDERS, self._faces) if self._faces is not None else {}
        self._desk = CommandDesk(self._outbox, self._clock, self._devices.commanded, self._reply, orders)
        self._watchdog = Watchdog([self._stuck, self._outbox.stuck, self._sender.stuck, self._dead_device])
        self._link.subscribe(self._link.topic("ack"), self._on_ack, unqueued=True)
        self._link.subscribe(self._link.topic("command"), self._desk.on_message)
        self._link.subscribe(self._link.topic("config"), self._remote.on_message)

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
        self._devices.start()
        self._remote.start(self._devices)
        self._watchdog.start()
        while not self._stopping.is_set():
            self._beat = time.monotonic()
            self._outbox.look()
            self._devices.look()
            self._tidy()
            self._tell()
            self._stopping.wait(_STATUS_QUIET_SECONDS)
            self._status_due.wait(STATUS_SECONDS)
            self._status_due.clear()
        self._shut_down()

    def _tidy(self) -> None:
        """At most once an hour; until the clock is set nothing is old, and it is asked again at each report."""
        if time.monotonic() < self._tidy_at or not self._clock.synced or self._outbox.fault is not None:
            return
        self._tidy_at = time.monotonic() + _TIDY_SECONDS
        self._outbox.tidy(self._config.outbox.ages)

    def _tell(self) -> None:
        status = self._reporter.status(online=True)
        self._reporter.tell_here(status)
        self._link.publish("status", status.model_dump_json().encode(), retain=True)

    def _shut_down(self) -> None:
        began = time.monotonic()
        self._watchdog.stop()
        self._outbox.stop_waiting()
        self._listener.stop()
        self._remote.stop()
        self._devices.stop()
        self._desk.stop()
        if self._faces is not None:
            self._faces.stop()
        self._sender.stop()
        self._link.stop(self._payload(online=False))
        self._reporter.gone()
        self._outbox.close()
        _log.info("agent stopped", extra={"seconds": round(time.monotonic() - began, 2)})

    def _stuck(self, seconds: float) -> str:
        return "the agent's own loop" if time.monotonic() - self._beat > max(seconds, STATUS_SECONDS * 2) else ""

    def _dead_device(self, seconds: float) -> str:
        dead = self._devices.dead()
        return f"the thread of {dead} ended" if dead else ""

    def _ports(self) -> AgentPorts:
        def report(data: Data) -> "Future[int]":
            stamp = self._clock.stamp()
            return self._outbox.submit(lambda tx: tx.append(FACES_DEVICE, data, stamp), wait=True)

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

    def _payload(self, *, online: bool) -> bytes:
        return self._reporter.status(online=online).model_dump_json().encode()
