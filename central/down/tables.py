from datetime import datetime

from sqlalchemy import BigInteger, Index
from sqlmodel import Field

from central.database import Base, UtcTimestamp


class DownChange(Base, table=True):
    """The last change of one thing that an office has to hear of. Changed again, it moves to the end of the order."""

    __tablename__ = "down_change"
    __table_args__ = (Index("ix_down_change_order", "office", "sequence", unique=True),)
    office: str = Field(primary_key=True, max_length=40)
    kind: str = Field(primary_key=True, max_length=20)
    item_id: str = Field(primary_key=True, max_length=40)
    sequence: int = Field(sa_type=BigInteger)
    deleted: bool
    changed_at: datetime = Field(sa_type=UtcTimestamp)


class DownHead(Base, table=True):
    """How far an office's order has come, and through where deletions were forgotten."""

    __tablename__ = "down_head"
    office: str = Field(primary_key=True, max_length=40)
    sequence: int = Field(sa_type=BigInteger)
    forgotten: int = Field(sa_type=BigInteger)
