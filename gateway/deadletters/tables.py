"""Messages that could not be taken."""

from datetime import datetime

from sqlalchemy import LargeBinary
from sqlmodel import Field

from gateway.tables import Table, Utc


class DeadLetter(Table, table=True):
    """`body` is encrypted: nobody knows what a message that is not ours holds. `digest` (keyed) finds repeats."""

    __tablename__ = "dead_letters"
    dead_letter_id: str = Field(primary_key=True)
    received_at: datetime = Field(sa_type=Utc, index=True)
    expires_at: datetime = Field(sa_type=Utc, index=True)
    node: str | None = None
    topic: str
    stream: str | None = Field(default=None, index=True)
    sequence: int | None = None
    event_id: str | None = None
    event_type: str | None = None
    reason: str
    detail: str
    size: int
    digest: str = Field(index=True)
    repeats: int = 0
    body: bytes = Field(sa_type=LargeBinary)
