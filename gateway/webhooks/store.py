"""Subscriptions, facts and dead letters in the database."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete
from sqlmodel import Session, col, func, select

from gateway.asking import ask_stored
from gateway.webhooks.tables import WebhookDeadLetterRow, WebhookFactRow, WebhookRow

_KINDS = select(WebhookRow.kinds)


def kinds_wanted(session: Session) -> set[str]:
    """Kinds of fact that somebody subscribed to."""
    return {kind for kinds in ask_stored(session, _KINDS).scalars() for kind in kinds}


def all_of(session: Session) -> Sequence[WebhookRow]:
    return session.exec(select(WebhookRow).order_by(col(WebhookRow.webhook_id))).all()


def get(session: Session, webhook_id: str) -> WebhookRow | None:
    return session.get(WebhookRow, webhook_id)


def last_sequence(session: Session) -> int:
    return session.exec(select(func.max(WebhookFactRow.sequence))).one() or 0


def next_fact(session: Session, webhook: WebhookRow) -> WebhookFactRow | None:
    query = select(WebhookFactRow).where(
        col(WebhookFactRow.sequence) > webhook.after, col(WebhookFactRow.kind).in_(webhook.kinds)
    )
    return session.exec(query.order_by(col(WebhookFactRow.sequence)).limit(1)).first()


def waiting(session: Session, webhook: WebhookRow) -> int:
    query = select(func.count()).select_from(WebhookFactRow)
    return session.exec(
        query.where(col(WebhookFactRow.sequence) > webhook.after, col(WebhookFactRow.kind).in_(webhook.kinds))
    ).one()


def dead_count(session: Session, webhook_id: str) -> int:
    query = select(func.count()).select_from(WebhookDeadLetterRow)
    return session.exec(query.where(WebhookDeadLetterRow.webhook_id == webhook_id)).one()


def dead(
    session: Session, webhook_id: str, *, cursor: str | None, limit: int
) -> Sequence[tuple[WebhookDeadLetterRow, WebhookFactRow]]:
    """Newest first, each with its fact."""
    query = (
        select(WebhookDeadLetterRow, WebhookFactRow)
        .join(WebhookFactRow, col(WebhookFactRow.sequence) == col(WebhookDeadLetterRow.sequence))
        .where(WebhookDeadLetterRow.webhook_id == webhook_id)
        .order_by(col(WebhookDeadLetterRow.dead_letter_id).desc())
    )
    if cursor is not None:
        query = query.where(WebhookDeadLetterRow.dead_letter_id < cursor)
    return session.exec(query.limit(limit)).all()


def dead_letter(session: Session, dead_letter_id: str) -> tuple[WebhookDeadLetterRow, WebhookFactRow] | None:
    query = select(WebhookDeadLetterRow, WebhookFactRow).join(
        WebhookFactRow, col(WebhookFactRow.sequence) == col(WebhookDeadLetterRow.sequence)
    )
    return session.exec(query.where(WebhookDeadLetterRow.dead_letter_id == dead_letter_id)).first()


def remove(session: Session, webhook_id: str) -> None:
    session.exec(delete(WebhookDeadLetterRow).where(col(WebhookDeadLetterRow.webhook_id) == webhook_id))
    session.exec(delete(WebhookRow).where(col(WebhookRow.webhook_id) == webhook_id))


def forget_before(session: Session, at: datetime) -> None:
    """Facts and dead letters of facts as old as that."""
    old = select(WebhookFactRow.sequence).where(WebhookFactRow.at < at)
    session.exec(delete(WebhookDeadLetterRow).where(col(WebhookDeadLetterRow.sequence).in_(old)))
    session.exec(delete(WebhookFactRow).where(col(WebhookFactRow.at) < at))
