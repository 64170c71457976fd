"""What nodes say of themselves: retained status messages, last wills, and `device.state.v1` events."""

import json
import logging
from collections.abc import Callable

from pydantic import ValidationError
from sqlalchemy import delete
from sqlmodel import Session, col, select

from contracts.events import Data, DeviceState, Event
from contracts.floor_api import DeviceView, NodeView
from contracts.messages import ConfigStatus, DeviceStatus, NodeHealth, NodeStatus
from contracts.topics import Topic
from gateway.context import Context
from gateway.deadletters import store as deadletters
from gateway.deadletters.store import Letter
from gateway.ingest.handlers import HANDLERS
from gateway.nodes.tables import Device, Node
from gateway.writer import UnitOfWork

log = logging.getLogger(__name__)
_MOST_ALARMS = 50
StatusListener = Callable[[UnitOfWork, Context, NodeStatus], None]
STATUS_LISTENERS: list[StatusListener] = []
"""Features that read more of a status than devices; called in the transaction that stores it."""


def take_status(uow: UnitOfWork, context: Context, topic: Topic, payload: bytes) -> NodeStatus | None:
    """Store a node's status; None, and a dead letter, when it cannot be read or speaks of another node."""
    if not payload:
        return None  # a retained status that was cleared
    try:
        status = NodeStatus.model_validate_json(payload)
    except ValidationError as error:
        _put_aside(uow, context, topic, payload, "bad_status", f"{error.error_count()} errors")
        return None
    if (status.office, status.node) != (topic.office, topic.node):
        _put_aside(uow, context, topic, payload, "wrong_source", "the status speaks of another node than its topic")
        return None
    _store_node(uow, status)
    _forget_removed(uow, status)
    for device in status.devices:
        _store_device(uow, status, device)
    for listener in STATUS_LISTENERS:
        listener(uow, context, status)
    uow.changed("floor")
    return status


def _store_node(uow: UnitOfWork, status: NodeStatus) -> None:
    row = uow.session.get(Node, status.node) or Node(node=status.node, online=status.online)
    row.online = status.online
    if status.online:
        row.lag, row.unsafe, row.version = status.lag, status.unsafe, status.version
        row.stream, row.clock_synced = status.stream, status.clock_synced
        row.alarms, row.refused = json.dumps(status.alarms[:_MOST_ALARMS]), status.refused
        row.health = status.health.model_dump_json() if status.health is not None else None
        _store_config(row, status.config)
        row.last_seen = uow.now
    uow.session.add(row)


def _store_config(row: Node, said: ConfigStatus | None) -> None:
    if said is not None:
        row.config_version, row.config_state, row.config_active = said.version, said.state, said.active
        row.config_accepts = said.accepts
        row.config_running = None if said.running is None else json.dumps(said.running, ensure_ascii=False)
        row.config_reasons = json.dumps([each.model_dump() for each in said.reasons], ensure_ascii=False)


def _forget_removed(uow: UnitOfWork, status: NodeStatus) -> None:
    """A device that its node no longer has is no longer shown; what it counted stays."""
    if not status.online:
        return
    kept = [device.device for device in status.devices]
    uow.session.exec(delete(Device).where(col(Device.node) == status.node, col(Device.device).not_in(kept)))


def _store_device(uow: UnitOfWork, status: NodeStatus, device: DeviceStatus) -> None:
    row = uow.session.get(Device, (status.node, device.device)) or Device(
        node=status.node, device=device.device, state=device.state, state_at=uow.now
    )
    row.driver, row.state, row.reason = device.driver, device.state, device.reason
    row.facts = json.dumps(device.facts, ensure_ascii=False)
    row.last_seen, row.discarded = device.last_seen, device.discarded
    row.state_at = min(status.at, uow.now)
    uow.session.add(row)


def on_device_state(uow: UnitOfWork, context: Context, event: Event, data: Data) -> None:
    """A `device.state.v1` event: the device changed; older news than what is known is ignored."""
    if not isinstance(data, DeviceState):
        raise TypeError(f"expected DeviceState, got {type(data).__name__}")
    _, _, _, _, node, _, device = event.source.split("/")
    row = uow.session.get(Device, (node, device))
    if row is None:
        row = Device(node=node, device=device, state=data.state, reason=data.reason, state_at=event.time)
    elif event.time >= row.state_at:
        if row.reason != data.reason:
            row.facts = "{}"  # the next status has them
        row.state, row.reason, row.state_at = data.state, data.reason, event.time
    uow.session.add(row)
    uow.uplink(data, source=event.source)
    uow.changed("floor")


def register() -> None:
    if on_device_state not in HANDLERS[DeviceState.TYPE]:
        HANDLERS[DeviceState.TYPE].append(on_device_state)


def node_views(session: Session, context: Context) -> list[NodeView]:
    """Every node ever heard, by name. While the broker is away nobody can be heard: all show as offline."""
    devices: dict[str, list[DeviceView]] = {}
    for device in session.exec(select(Device).order_by(Device.node, Device.device)):
        devices.setdefault(device.node, []).append(_device_view(device))
    reachable = context.commands.connected
    return [
        NodeView(
            node=node.node,
            online=node.online and reachable,
            lag=node.lag,
            unsafe=node.unsafe,
            last_seen=node.last_seen,
            version=node.version,
            refused=node.refused,
            clock_synced=node.clock_synced,
            alarms=json.loads(node.alarms),
            health=None if node.health is None else NodeHealth.model_validate_json(node.health),
            config=ConfigStatus.model_validate(
                {
                    "version": node.config_version,
                    "state": node.config_state,
                    "reasons": json.loads(node.config_reasons),
                    "active": node.config_active,
                    "accepts": node.config_accepts,
                }
            ),
            devices=devices.get(node.node, []),
        )
        for node in session.exec(select(Node).order_by(Node.node))
    ]


def _device_view(row: Device) -> DeviceView:
    return DeviceView.model_validate(
        {
            "node": row.node,
            "device": row.device,
            "driver": row.driver,
            "state": row.state,
            "reason": row.reason,
            "facts": json.loads(row.facts),
            "last_seen": row.last_seen,
            "discarded": row.discarded,
        }
    )


def _put_aside(uow: UnitOfWork, context: Context, topic: Topic, body: bytes, reason: str, detail: str) -> None:
    letter = Letter(topic=str(topic), body=body, reason=reason, detail=detail, node=topic.node)
    days = context.config.retention.dead_letter_days
    deadletters.keep(uow.session, context.keys, letter, now=uow.now, days=days)
    uow.changed("floor")
