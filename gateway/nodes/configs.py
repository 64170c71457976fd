"""The devices asked of each node: versions are kept, the newest is retained at the broker, the node says what became of
it. What a device's table may hold only the node knows; here is judged what needs no knowledge of drivers.
"""

import json
import logging
import re
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlmodel import Session, col, select

from contracts.ids import Slug
from contracts.node_config import MAX_SNAPSHOT_BYTES, NodeConfig, checksum
from contracts.nodes_api import NodeConfigRequest, NodeConfigVersion, NodeConfigView
from contracts.rest import FieldError
from gateway.context import Context
from gateway.nodes.tables import Node, NodeConfigRow
from gateway.problems import ProblemError
from gateway.writer import UnitOfWork

log = logging.getLogger(__name__)
_SLUG: TypeAdapter[str] = TypeAdapter(Slug)
_SECRET = re.compile(r"pass(word|wd)?|secret|token|credentials?|(api|private|secret)_?key", re.IGNORECASE)
_VERSIONS_SHOWN = 20
_LAST_VERSION = 2**53 - 1


def ask(uow: UnitOfWork, context: Context, node: str, request: NodeConfigRequest, who: str) -> NodeConfigView:
    """Keep a new version and send it after the commit; the same devices again are the same version.

    Raises ProblemError: `not_found`, `changed_meanwhile`, `invalid`, `too_large`.
    """
    known = _node(uow.session, node)
    newest = _newest(uow.session, node)
    if newest is not None and newest.checksum == checksum(request.devices):
        uow.after_commit(lambda: publish(context, node))
        return _view(known, newest)
    if request.seen != (newest.version if newest else 0):
        raise ProblemError(409, "changed_meanwhile", "another version was asked of this node meanwhile: read it again")
    _judge(request.devices)
    version = min(max(newest.version if newest else 0, known.config_version), _LAST_VERSION) + 1
    row = NodeConfigRow(
        node=node,
        version=version,
        devices=json.dumps(request.devices, ensure_ascii=False),
        checksum=checksum(request.devices),
        asked_by=who,
        asked_at=uow.now,
    )
    if len(_snapshot(context, row).encode()) > MAX_SNAPSHOT_BYTES:
        raise ProblemError(413, "too_large", f"a snapshot may have {MAX_SNAPSHOT_BYTES} bytes")
    uow.session.add(row)
    uow.session.flush()
    uow.after_commit(lambda: publish(context, node))
    log.info("devices asked of a node", extra={"node": node, "version": version, "devices": len(request.devices)})
    return _view(known, row)


def read(session: Session, node: str) -> NodeConfigView:
    """Raises ProblemError `not_found`."""
    return _view(_node(session, node), _newest(session, node))


def versions(session: Session, node: str) -> list[NodeConfigVersion]:
    """The newest first. Raises ProblemError `not_found`."""
    _node(session, node)
    query = select(NodeConfigRow).where(NodeConfigRow.node == node).order_by(col(NodeConfigRow.version).desc())
    return [
        NodeConfigVersion(
            version=row.version, devices=json.loads(row.devices), asked_at=row.asked_at, asked_by=row.asked_by
        )
        for row in session.exec(query.limit(_VERSIONS_SHOWN))
    ]


def publish(context: Context, node: str | None = None) -> None:
    """Hand the newest version of one node, or of every node, to the broker, which keeps it for them."""
    with context.database.read() as session:
        names = [node] if node is not None else sorted(set(session.exec(select(NodeConfigRow.node))))
        rows = [row for name in names if (row := _newest(session, name)) is not None]
        for row in rows:
            if not context.commands.retain(row.node, "config", _snapshot(context, row)):
                log.warning("a node's devices wait for the broker", extra={"node": row.node, "version": row.version})


def _snapshot(context: Context, row: NodeConfigRow) -> str:
    return NodeConfig(
        office=context.config.office,
        node=row.node,
        version=row.version,
        devices=json.loads(row.devices),
        checksum=row.checksum,
    ).model_dump_json()


def _node(session: Session, node: str) -> Node:
    found = session.get(Node, node)
    if found is None:
        raise ProblemError(404, "not_found", "no such node has ever reported")
    return found


def _newest(session: Session, node: str) -> NodeConfigRow | None:
    query = select(NodeConfigRow).where(NodeConfigRow.node == node).order_by(col(NodeConfigRow.version).desc())
    return session.exec(query.limit(1)).first()


def _view(node: Node, row: NodeConfigRow | None) -> NodeConfigView:
    spoken = row is None or node.config_version == row.version
    return NodeConfigView.model_validate(
        {
            "node": node.node,
            "version": row.version if row else node.config_version,
            "devices": json.loads(row.devices) if row else [],
            "asked_at": row.asked_at if row else None,
            "asked_by": row.asked_by if row else "",
            "state": node.config_state if spoken else "asked",
            "reasons": json.loads(node.config_reasons) if spoken else [],
            "active": node.config_active,
            "accepts": node.config_accepts,
            "running": None if node.config_running is None else json.loads(node.config_running),
        }
    )


def _judge(devices: list[dict[str, Any]]) -> None:
    errors: list[FieldError] = []
    seen: set[str] = set()
    for place, device in enumerate(devices):
        name = device.get("id")
        try:
            _SLUG.validate_python(name)
        except ValidationError:
            errors.append(FieldError(field=f"devices.{place}.id", code="invalid"))
            continue
        if name in seen:
            errors.append(FieldError(field=f"devices.{place}.id", code="twice"))
        seen.add(str(name))
        if not isinstance(device.get("driver"), str):
            errors.append(FieldError(field=f"devices.{place}.driver", code="missing"))
        errors += [FieldError(field=f"devices.{place}.{member}", code="secret") for member in _secrets(device)]
    if errors:
        raise ProblemError(422, "invalid", "the devices cannot be asked of a node", errors)


def _secrets(value: Any, place: str = "") -> list[str]:
    if isinstance(value, dict):
        own = [f"{place}{name}" for name in value if _SECRET.fullmatch(name)]
        return own + [found for name, inner in value.items() for found in _secrets(inner, f"{place}{name}.")]
    if isinstance(value, list):
        return [found for number, inner in enumerate(value) for found in _secrets(inner, f"{place}{number}.")]
    return []
