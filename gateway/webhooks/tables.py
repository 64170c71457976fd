"""Subscriptions of other systems, the facts for them, and what they did not take."""

from datetime import datetime

from sqlalchemy import JSON, LargeBinary
from sqlmodel import Field

from gateway.tables import Table, Utc


class WebhookRow(Table, table=True):
    """`after`: everything up to that sequence was sent or given up. `secret` is bound to `webhook:{webhook_id}`."""

    __tablename__ = "webhooks"
    webhook_id: str = Field(primary_key=True)
    url: str
    secret: bytes = Field(sa_type=LargeBinary)
    kinds: list[str] = Field(sa_type=JSON)
    created_at: datetime = Field(sa_type=Utc)
    after: int
    failures: int = 0
    failing_since: datetime | None = Field(default=None, sa_type=Utc)
    next_at: datetime = Field(sa_type=Utc)
    last_error: str = ""


class WebhookFactRow(Table, table=True):
    """One fact as it is sent to whoever subscribed to its kind."""

    __tablename__ = "webhook_facts"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012  (SQLAlchemy's own name; a number is never used again)
    sequence: int | None = Field(default=None, primary_key=True)
    message_id: str
    kind: str
    body: str
    at: datetime = Field(sa_type=Utc, index=True)


class WebhookDeadLetterRow(Table, table=True):
    __tablename__ = "webhook_dead_letters"
    dead_letter_id: str = Field(primary_key=True)
    webhook_id: str = Field(index=True)
    sequence: int
    error: str
    given_up_at: datetime = Field(sa_type=Utc)
