from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from central.database import Base, UtcTimestamp, UuidText


class Call(Base, table=True):
    """A call (来电) that left a number, taken by a consultant of an office."""

    __tablename__ = "call"
    __table_args__ = (Index("ix_call_customer", "office", "customer_id", "at"),)
    office: str = Field(primary_key=True, max_length=40)
    call_id: str = Field(primary_key=True, sa_type=UuidText)
    customer_id: str = Field(sa_type=UuidText)
    consultant_id: str = Field(sa_type=UuidText)
    at: datetime = Field(sa_type=UtcTimestamp)
    project: str = Field(default="", max_length=40)
