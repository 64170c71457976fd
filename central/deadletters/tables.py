from datetime import datetime

from sqlalchemy import BigInteger, Index
from sqlmodel import Field

from central.database import Base, UtcTimestamp, UuidText


class DeadLetter(Base, table=True):
    """A message that could not be taken, with its reason. The payload is encrypted and goes at `expires_at`."""

    __tablename__ = "dead_letter"
    __table_args__ = (Index("ix_dead_letter_newest", "received_at", "dead_letter_id"),)
    dead_letter_id: str = Field(primary_key=True, sa_type=UuidText)
    office: str = Field(max_length=40)
    received_at: datetime = Field(sa_type=UtcTimestamp)
    expires_at: datetime = Field(sa_type=UtcTimestamp, index=True)
    origin: str = Field(max_length=80)
    stream: str | None = Field(default=None, sa_type=UuidText)
    sequence: int | None = Field(default=None, sa_type=BigInteger)
    event_type: str | None = Field(default=None, max_length=60)
    reason: str = Field(max_length=40)
    detail: str = Field(max_length=400)
    size: int
    payload_encrypted: bytes
