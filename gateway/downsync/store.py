"""The state of the fetch in the database."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import update
from sqlmodel import Session, col, select

from contracts.ids import uuid7
from gateway.downsync.domain import ConflictRule, Side
from gateway.downsync.tables import DownItemRow, DownStateRow, SyncConflictRow
from gateway.keys import Keys
from gateway.writer import UnitOfWork

SHOWN_CONFLICTS = 100
_DELAY_OF_THE_LINE = timedelta(seconds=2)


def state(session: Session) -> DownStateRow:
    """A fresh one before the first page."""
    return session.get(DownStateRow, 1) or DownStateRow()


def behind(session: Session) -> timedelta:
    """How far this gateway's clock is behind head office's: nothing while it may be the line's own delay."""
    measured = timedelta(milliseconds=state(session).offset_ms)
    return measured if abs(measured) > _DELAY_OF_THE_LINE else timedelta()


def begin_again(session: Session) -> None:
    """Fetch everything: whatever comes counts as new, and what does not come is dropped at the end."""
    row = state(session)
    row.cursor, row.whole = None, True
    session.add(row)
    session.exec(update(DownItemRow).values(revision=0, seen=False))


def item(session: Session, kind: str, item_id: str) -> DownItemRow | None:
    return session.get(DownItemRow, (kind, item_id))


def unseen(session: Session) -> Sequence[DownItemRow]:
    return session.exec(select(DownItemRow).where(~col(DownItemRow.seen))).all()


def faults(session: Session) -> Sequence[DownItemRow]:
    return session.exec(select(DownItemRow).where(DownItemRow.fault != "").limit(SHOWN_CONFLICTS)).all()


def conflicts(session: Session) -> Sequence[SyncConflictRow]:
    """Newest first."""
    query = select(SyncConflictRow).order_by(col(SyncConflictRow.conflict_id).desc())
    return session.exec(query.limit(SHOWN_CONFLICTS)).all()


def keep_conflict(
    uow: UnitOfWork,
    keys: Keys,
    *,
    kind: str,
    item_id: str,
    field: str,
    office: str,
    company: str,
    winner: Side,
    rule: ConflictRule,
) -> None:
    conflict_id = uuid7()
    uow.session.add(
        SyncConflictRow(
            conflict_id=conflict_id,
            at=uow.now,
            kind=kind,
            item_id=item_id,
            field=field,
            office_value=keys.encrypt(office, record=f"conflict:{conflict_id}:office"),
            company_value=keys.encrypt(company, record=f"conflict:{conflict_id}:company"),
            winner=winner,
            rule=rule,
        )
    )
