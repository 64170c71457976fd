"""What the node says of itself on the machine itself, for when no broker carries it: one small file in memory.

`python -m edge_agent status` prints it. The file is written every few seconds, so it belongs on a file system in memory
(/run) and never on the card; where its folder does not exist none is written.
"""

import json
import logging
import os
import time
from datetime import timedelta
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from contracts.messages import DeviceStatus, NodeHealth, NodeStatus
from contracts.reasons import Reason
from contracts.values import UtcDateTime, utc_now

_log = logging.getLogger(__name__)
STALE = timedelta(seconds=45)
WELL, TROUBLE, ABSENT = 0, 1, 3
"""Exit statuses: all is well, something is not, the agent does not run or hangs."""


class BrokerStatus(BaseModel):
    """`code` is stable, `reason` is for people; both empty while connected."""

    model_config = ConfigDict(frozen=True)
    address: str
    connected: bool
    code: str = ""
    reason: str = ""
    certificate_until: UtcDateTime | None = None


class LocalStatus(BaseModel):
    model_config = ConfigDict(frozen=True)
    written_at: UtcDateTime
    monotonic: float
    pid: int
    broker: BrokerStatus
    node: NodeStatus


class StatusFile:
    """Written whole or not at all. A failure is told once: nothing depends on this file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._failed = False

    def write(self, node: NodeStatus, broker: BrokerStatus) -> None:
        if not self._path.parent.is_dir():
            return
        status = LocalStatus(
            written_at=utc_now(), monotonic=time.monotonic(), pid=os.getpid(), broker=broker, node=node
        )
        staged = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        try:
            staged.write_text(status.model_dump_json())
            staged.chmod(0o644)
            staged.replace(self._path)
        except OSError as error:
            if not self._failed:
                _log.warning("the local status cannot be written", extra={"file": str(self._path), "error": str(error)})
            self._failed = True

    def remove(self) -> None:
        try:
            self._path.unlink(missing_ok=True)
        except OSError as error:
            _log.debug("the local status cannot be removed", extra={"error": str(error)})


def show(path: Path) -> tuple[str, int]:
    """The text that a person reads, and the exit status."""
    try:
        status = LocalStatus.model_validate(json.loads(path.read_text()))
    except FileNotFoundError:
        return f"no status at {path}: the agent does not run, or `status_file` is another", ABSENT
    except (OSError, ValueError, ValidationError) as error:
        return f"{path} cannot be read: {error}", ABSENT
    age = max(time.monotonic() - status.monotonic, 0.0)  # the wall clock may have been set meanwhile
    lines = [*_head(status, age), *_devices(status.node)]
    if age > STALE.total_seconds():
        return "\n".join([f"STALE: the agent has said nothing for {age:.0f} s", *lines]), ABSENT
    if not _lives(status.pid):
        return "\n".join([f"ENDED: process {status.pid} runs no more", *lines]), ABSENT
    node = status.node
    well = status.broker.connected and not node.alarms and all(device.state == "ok" for device in node.devices)
    return "\n".join(lines), WELL if well else TROUBLE


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True  # somebody else's: it lives
    return True


def _head(status: LocalStatus, age: float) -> list[str]:
    node, broker = status.node, status.broker
    lines = [
        f"agent    {node.version}, {node.office}/{node.node}, process {status.pid}, {age:.0f} s ago",
        f"broker   {broker.address}: {'connected' if broker.connected else f'{broker.code}: {broker.reason}'}",
        f"events   {node.lag} not yet at the gateway, {node.unsafe} kept, {node.refused} refused",
        f"clock    {'set' if node.clock_synced else 'not set by a time server: times are doubtful'}",
        f"alarms   {', '.join(node.alarms) or 'none'}",
    ]
    if node.health is not None:
        lines.append(f"machine  {_machine(node.health)}")
    if broker.certificate_until is not None:
        lines.insert(2, f"         its certificate ends on {broker.certificate_until:%Y-%m-%d}")
    return lines


def _machine(health: NodeHealth) -> str:
    facts = (
        None if health.temperature is None else f"{health.temperature:.0f} °C",
        ", ".join(health.throttled) or None,
        None if health.disk_free_mb is None else f"{health.disk_free_mb} MB free on the disk",
        None if health.wear is None else f"{health.wear:.0%} of the card's life used at most",
        None if health.memory_free_mb is None else f"{health.memory_free_mb} MB of memory free",
        None if health.agent_mb is None else f"the agent takes {health.agent_mb} MB",
        None if health.starts is None else f"started {health.starts} times since power came",
    )
    return ", ".join(fact for fact in facts if fact)


def _why(device: DeviceStatus) -> str:
    """In English: the machine's own user is its installer."""
    return str(Reason(code=device.reason, facts=device.facts)) if device.reason else ""


def _devices(node: NodeStatus) -> list[str]:
    wide = max((len(device.device) for device in node.devices), default=0)
    return [
        f"device   {device.device:<{wide}}  {device.state:<8}  {device.driver}"
        f"{f', {device.discarded} discarded' if device.discarded else ''}"
        f"{f': {_why(device)}' if device.reason else ''}"
        for device in node.devices
    ]
