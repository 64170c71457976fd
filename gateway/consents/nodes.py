"""The nodes with faces: what they last said, which of them holds the templates, and whether a kiosk can enrol."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from contracts.faces_api import FaceNodeView
from contracts.messages import FaceStatus, NodeStatus
from gateway.consents import book
from gateway.consents.domain import Claim, choose_vault
from gateway.consents.tables import FaceNode
from gateway.consents.vault import IS_VAULT
from gateway.context import Context
from gateway.nodes.tables import Node
from gateway.writer import UnitOfWork

STARTING = "starting"
PASSING = {STARTING, "stopped", "no_lease", "no_vault_key"}
"""Reasons of a `FaceStatus` that have an alarm of their own, or none."""


def on_status(uow: UnitOfWork, context: Context, status: NodeStatus) -> None:
    """Keep what a node says of its faces. One that was released and is back is needed again."""
    if status.faces is None:
        return
    row = uow.session.get(FaceNode, status.node)
    if row is None:
        row = FaceNode(node=status.node, status="", vault=False, people=0, first_at=uow.now, last_at=uow.now)
        book.note(uow, "node.seen", by=f"node:{status.node}")
    if row.released_at is not None:
        row.released_at, row.released_by, row.release_reason = None, "", ""
        book.note(uow, "node.returned", by=f"node:{status.node}")
    row.status, row.people = status.faces.model_dump_json(), status.faces.people
    row.vault = status.faces.vault or (row.vault and not status.faces.model)  # one that still starts does not know yet
    row.last_at = uow.now
    uow.session.add(row)
    uow.session.flush()
    remember_vault(uow, context)


def remember_vault(uow: UnitOfWork, context: Context) -> None:
    """Survives restarts; changes only when it is clear who holds the templates (`domain.choose_vault`)."""
    state = book.read(uow.session)
    chosen = choose_vault(state.vault_node, claims(uow.session))
    if chosen is None or (chosen.node, chosen.key) == (state.vault_node, state.vault_key):
        return
    state.vault_node, state.vault_key = chosen.node, chosen.key
    state.version += 1  # nodes hear of it with the next page
    uow.session.add(state)
    book.note(uow, IS_VAULT, by=f"node:{chosen.node}")
    uow.after_commit(lambda: context.consents_changed())


def claims(session: Session) -> list[Claim]:
    return [Claim(row.node, status_of(row).vault_key) for row in needed(session) if row.vault]


def needed(session: Session) -> Sequence[FaceNode]:
    """Every node that ever had faces and was not released, by name."""
    query = select(FaceNode).where(col(FaceNode.released_at).is_(None)).order_by(FaceNode.node)
    return session.exec(query).all()


def status_of(row: FaceNode) -> FaceStatus:
    return FaceStatus.model_validate_json(row.status)


def release(uow: UnitOfWork, context: Context, node: FaceNode, *, by: str, reason: str) -> None:
    """This node will never answer: nothing waits for it any more, until it is heard again."""
    node.released_at, node.released_by, node.release_reason = uow.now, by, reason
    uow.session.add(node)
    uow.session.flush()
    book.note(uow, "node.released", by=by, facts=f"node={node.node}")
    remember_vault(uow, context)


def views(session: Session, context: Context) -> list[FaceNodeView]:
    return [
        FaceNodeView(node=row.node, online=is_online(session, context, row.node), faces=status_of(row))
        for row in needed(session)
    ]


def is_online(session: Session, context: Context, node: str) -> bool:
    row = session.get(Node, node)
    return row is not None and row.online and context.commands.connected


def can_enrol(session: Session, context: Context, device_id: str | None) -> bool:
    """Whether that screen's camera, its engine, and the node of the templates are ready now."""
    device = context.config.devices.get(device_id or "")
    if device is None or device.node is None or device.camera is None:
        return False
    vault = book.read(session).vault_node
    row, keeper = session.get(FaceNode, device.node), session.get(FaceNode, vault or "")
    if row is None or keeper is None or not (status_of(keeper).vault and is_online(session, context, keeper.node)):
        return False
    status = status_of(row)
    return is_online(session, context, device.node) and device.camera in status.cameras and status.matching


def lease_lapsed(view: FaceNodeView, now: datetime) -> bool:
    """Online, and yet not allowed to match: it does not agree with the gateway on the consents."""
    until = view.faces.lease_until
    return view.online and view.faces.reason != STARTING and (until is None or until < now)


def engine_failed(view: FaceNodeView) -> bool:
    """Online and not able to match, for a reason that does not pass by itself."""
    return view.online and not view.faces.matching and view.faces.reason not in PASSING
