"""What the node says of itself: to the gateway, to this machine's own user, to systemd."""

import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

from contracts.messages import ConfigStatus, DeviceStatus, FaceStatus, NodeStatus
from edge_agent import VERSION
from edge_agent.clock import Clock
from edge_agent.config import AgentConfig
from edge_agent.health import Machine, alarms, count_start
from edge_agent.link import Link
from edge_agent.local_status import BrokerStatus, StatusFile
from edge_agent.outbox.writer import Outbox
from edge_agent.watchdog import notify

_RUNNING_FULL = 0.95
_CERTIFICATE_NOTICE = timedelta(days=14)


class Reporter:
    """`devices`, `hanging`, `faces` and `remote` are asked at every report."""

    def __init__(
        self,
        config: AgentConfig,
        outbox: Outbox,
        clock: Clock,
        link: Callable[[], Link],
        devices: Callable[[], Sequence[DeviceStatus]],
        hanging: Callable[[], bool],
        faces: Callable[[], FaceStatus | None],
        remote: Callable[[], ConfigStatus],
    ) -> None:
        self._config, self._outbox, self._clock, self._link = config, outbox, clock, link
        self._devices, self._hanging, self._faces, self._remote = devices, hanging, faces, remote
        self._file = StatusFile(config.status_file)
        folder = config.status_file.parent
        self._machine = Machine(Path("/"), config.outbox.path.parent, time.monotonic(), count_start(folder))

    def status(self, *, online: bool) -> NodeStatus:
        stream, health = self._outbox.state, self._machine.read()
        return NodeStatus(
            office=self._config.office,
            node=self._config.node,
            online=online,
            at=self._clock.stamp().time,
            version=VERSION,
            stream=stream.stream,
            lag=max(stream.last - stream.committed, 0),
            unsafe=self._outbox.rows,
            refused=self._outbox.refused,
            clock_synced=self._clock.synced,
            devices=list(self._devices()),
            alarms=[*self._alarms(), *alarms(health)],
            faces=self._faces(),
            config=self._remote(),
            health=health,
        )

    def tell_here(self, status: NodeStatus) -> None:
        """Local status file and systemd's status line."""
        broker = broker_status(self._config, self._link())
        self._file.write(status, broker)
        well = sum(device.state == "ok" for device in status.devices)
        away = "" if broker.connected else f", {broker.code}"
        notify(f"STATUS={well} of {len(status.devices)} devices well, {status.lag} events waiting{away}")

    def gone(self) -> None:
        self._file.remove()

    def _alarms(self) -> list[str]:
        found = {
            "outbox_full": self._outbox.rows > self._config.outbox.max_events * _RUNNING_FULL,
            "events_dropped": self._outbox.state.dropped > 0,
            self._outbox.fault or "": self._outbox.fault is not None,
            "events_refused": self._outbox.refused > 0,
            "device_hangs": self._hanging(),
            "clock_unset": not self._clock.synced,
            "broker_certificate_ends": self._certificate_ends(),
        }
        return [code for code, stands in found.items() if stands]

    def _certificate_ends(self) -> bool:
        until = self._link().certificate_until
        return until is not None and self._clock.synced and until - self._clock.stamp().time < _CERTIFICATE_NOTICE


def broker_status(config: AgentConfig, link: Link) -> BrokerStatus:
    trouble = link.trouble
    return BrokerStatus(
        address=f"{config.broker.host}:{config.broker.port}",
        connected=link.connected,
        code="" if trouble is None else trouble.code,
        reason="" if trouble is None else trouble.reason,
        certificate_until=link.certificate_until,
    )
