"""Pushes waiting, sent and given up, and what each person wants."""

from datetime import datetime

from sqlalchemy import Index, LargeBinary, UniqueConstraint, text
from sqlmodel import Field

from gateway.tables import Table, Utc


class PushRow(Table, table=True):
    """One push by one channel: to a person, or to the channel's group when `recipient` is empty."""

    __tablename__ = "pushes"
    __table_args__ = (
        UniqueConstraint("channel", "kind", "subject_id", "recipient", name="uq_pushes_once"),
        Index("ix_pushes_pending", "channel", "next_at", sqlite_where=text("state = 'pending'")),
    )
    push_id: str = Field(primary_key=True)
    channel: str
    kind: str
    subject_id: str
    ticket_number: int | None = None
    recipient: str = ""
    state: str
    attempts: int = 0
    error: str = ""
    created_at: datetime = Field(sa_type=Utc, index=True)
    next_at: datetime = Field(sa_type=Utc)
    expires_at: datetime = Field(sa_type=Utc)
    sent_at: datetime | None = Field(default=None, sa_type=Utc)


class PushPreferencesRow(Table, table=True):
    """`body` is gateway.push.domain.Preferences as JSON; `phone` is bound to the record `push:{person_id}:phone`."""

    __tablename__ = "push_preferences"
    person_id: str = Field(primary_key=True)
    body: str
    phone: bytes | None = Field(default=None, sa_type=LargeBinary)
