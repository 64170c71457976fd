"""Whose word about the vault counts: any node may say anything, one node holds the templates."""

import logging
from collections import Counter
from datetime import datetime

from sqlmodel import Session, col, select

from gateway.consents import book
from gateway.consents.tables import FaceAct
from gateway.writer import UnitOfWork

log = logging.getLogger(__name__)
IS_VAULT = "vault.is"
IGNORED: Counter[tuple[str, str]] = Counter()
"""How many events of this process's lifetime were kept and not acted upon, by (type, reason)."""


def holds(session: Session, node: str) -> bool:
    """Whether that node holds the templates now."""
    return book.read(session).vault_node == node


def held(session: Session, node: str, at: datetime) -> bool:
    """Whether that node held them then, as the processing log has it."""
    query = select(FaceAct.by).where(FaceAct.act == IS_VAULT, col(FaceAct.at) <= at)
    by = session.exec(query.order_by(col(FaceAct.at).desc(), col(FaceAct.act_id).desc()).limit(1)).first()
    return by == f"node:{node}"


def ignore(uow: UnitOfWork, event_type: str, node: str, reason: str) -> None:
    """An event whose sender may not say what it says: it stays among the events, and changes nothing."""
    log.warning("a word about faces that does not count", extra={"node": node, "type": event_type, "reason": reason})
    uow.after_commit(lambda: IGNORED.update([(event_type, reason)]))
