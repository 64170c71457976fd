"""Keeping, listing and expiring dead letters."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, update
from sqlmodel import Session, col, select

from contracts.floor_api import DeadLetterView
from contracts.ids import uuid7
from gateway.deadletters.tables import DeadLetter
from gateway.keys import Keys


@dataclass(frozen=True, slots=True)
class Letter:
    """What is known of a message that could not be taken. `reason` is a code; `detail` has no values of the message."""

    topic: str
    body: bytes
    reason: str
    detail: str = ""
    node: str | None = None
    stream: str | None = None
    sequence: int | None = None
    event_id: str | None = None
    event_type: str | None = None


def keep(session: Session, keys: Keys, letter: Letter, *, now: datetime, days: int) -> None:
    """Store it encrypted. The same bytes on the same topic again only raise `repeats`."""
    digest = keys.digest(letter.topic.encode() + b"\0" + letter.body)
    if _repeat(session, digest, now):
        return
    letter_id = uuid7()
    session.add(
        DeadLetter(
            dead_letter_id=letter_id,
            received_at=now,
            expires_at=now + timedelta(days=days),
            node=letter.node,
            topic=letter.topic,
            stream=letter.stream,
            sequence=letter.sequence,
            event_id=letter.event_id,
            event_type=letter.event_type,
            reason=letter.reason,
            detail=letter.detail[:500],
            size=len(letter.body),
            digest=digest,
            body=keys.encrypt_bytes(letter.body, record=f"dead_letter:{letter_id}"),
        )
    )


def _repeat(session: Session, digest: str, now: datetime) -> bool:
    again = update(DeadLetter).where(col(DeadLetter.digest) == digest)
    result = session.exec(again.values(repeats=DeadLetter.repeats + 1, received_at=now))
    return bool(result.rowcount)


def page(session: Session, *, cursor: str | None, limit: int) -> Sequence[DeadLetterView]:
    """Newest first; `cursor` is the id that the previous page ended with."""
    query = select(DeadLetter).order_by(col(DeadLetter.dead_letter_id).desc()).limit(limit)
    if cursor is not None:
        query = query.where(col(DeadLetter.dead_letter_id) < cursor)
    return [_view(row) for row in session.exec(query)]


def _view(row: DeadLetter) -> DeadLetterView:
    return DeadLetterView(
        dead_letter_id=row.dead_letter_id,
        received_at=row.received_at,
        node=row.node,
        topic=row.topic,
        stream=row.stream,
        sequence=row.sequence,
        event_type=row.event_type,
        reason=row.reason,
        detail=row.detail,
        size=row.size,
    )


def count_since(session: Session, at: datetime) -> int:
    """How many messages were put aside since `at`, for the floor board."""
    return session.exec(select(func.count()).select_from(DeadLetter).where(DeadLetter.received_at >= at)).one()


def expire(session: Session, *, now: datetime, keep_at_most: int) -> None:
    """Forget what has expired, and the oldest beyond `keep_at_most`, so that rubbish cannot fill the disk."""
    session.exec(delete(DeadLetter).where(col(DeadLetter.expires_at) <= now))
    newest = select(DeadLetter.dead_letter_id).order_by(col(DeadLetter.dead_letter_id).desc())
    oldest_kept = session.exec(newest.offset(keep_at_most - 1).limit(1)).one_or_none()
    if oldest_kept is not None:
        session.exec(delete(DeadLetter).where(col(DeadLetter.dead_letter_id) < oldest_kept))
