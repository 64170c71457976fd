from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from central.database import Base, UtcTimestamp, UuidText


class FollowUp(Base, table=True):
    """A contact with a customer; the note is AES-GCM encrypted."""

    __tablename__ = "follow_up"
    __table_args__ = (Index("ix_follow_up_customer", "office", "customer_id", "at"),)
    office: str = Field(primary_key=True, max_length=40)
    fact_id: str = Field(primary_key=True, sa_type=UuidText)
    customer_id: str = Field(sa_type=UuidText)
    consultant_id: str = Field(sa_type=UuidText)
    channel: str = Field(max_length=20)
    reached: bool
    at: datetime = Field(sa_type=UtcTimestamp)
    note_encrypted: bytes | None = None
