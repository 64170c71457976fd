"""A node whose disk takes nothing when power comes: nothing can be accepted, and that is said, until it can."""

import logging
import threading

from contracts.messages import DeviceStatus, NodeStatus
from edge_agent import VERSION
from edge_agent.clock import Clock
from edge_agent.config import AgentConfig
from edge_agent.link import Hooks, Link
from edge_agent.local_status import StatusFile
from edge_agent.outbox.schema import OutboxError, claimed, open_outbox
from edge_agent.outbox.storage import Fault
from edge_agent.reporting import broker_status
from edge_agent.watchdog import Watchdog

_log = logging.getLogger(__name__)
_AGAIN_SECONDS = 2.0


def stranded(config: AgentConfig, fault: Fault, stopping: threading.Event) -> bool:
    """Report `fault` as the node's status until the outbox opens; false when `stopping` came first."""
    _log.error("the outbox cannot be opened, nothing is accepted until it can", extra={"fault": fault})
    clock, file = Clock(), StatusFile(config.status_file)

    def status(*, online: bool) -> NodeStatus:
        return NodeStatus(
            office=config.office,
            node=config.node,
            online=online,
            at=clock.stamp().time,
            version=VERSION,
            clock_synced=clock.synced,
            devices=[
                DeviceStatus(device=device.id, driver=device.driver, state="offline", reason=fault)
                for device in config.devices
            ],
            alarms=[fault],
        )

    def payload(*, online: bool) -> bytes:
        return status(online=online).model_dump_json().encode()

    def connected() -> None:
        link.publish("status", payload(online=True), retain=True)

    link = Link(config.office, config.node, config.broker, Hooks(connected, _nothing, lambda: payload(online=False)))
    watchdog = Watchdog([])
    watchdog.start()
    link.start()
    try:
        while not stopping.wait(_AGAIN_SECONDS):
            file.write(status(online=True), broker_status(config, link))
            if _opens(config):
                return True
        return False
    finally:
        link.stop(payload(online=False))
        watchdog.halt()


def _opens(config: AgentConfig) -> bool:
    try:
        with claimed(config.outbox.path):
            open_outbox(config.outbox.path).close()
    except OutboxError:
        return False
    return True


def _nothing() -> None: ...
