from datetime import datetime

from sqlalchemy import BigInteger, Index, text
from sqlmodel import Field

from central.database import Base, UtcTimestamp, UuidText


class Meta(Base, table=True):
    """Facts about this database itself: `epoch` is made with it."""

    __tablename__ = "meta"
    name: str = Field(primary_key=True, max_length=40)
    value: str = Field(max_length=200)


class Stream(Base, table=True):
    """How far one outbox of an office has been taken."""

    __tablename__ = "stream"
    office: str = Field(primary_key=True, max_length=40)
    stream: str = Field(primary_key=True, sa_type=UuidText)
    committed: int = Field(sa_type=BigInteger)
    refused: str | None = Field(default=None, max_length=20)
    first_heard_at: datetime = Field(sa_type=UtcTimestamp)
    last_heard_at: datetime = Field(sa_type=UtcTimestamp)


class LedgerEntry(Base, table=True):
    """One taken sequence. A repeat of an id in another stream has an entry of its own and is marked, not counted."""

    __tablename__ = "ledger"
    __table_args__ = (
        Index(
            "ix_ledger_counted_once",
            "office",
            "event_id",
            unique=True,
            sqlite_where=text("NOT repeated"),
            postgresql_where=text("NOT repeated"),
        ),
    )
    office: str = Field(primary_key=True, max_length=40)
    stream: str = Field(primary_key=True, sa_type=UuidText)
    sequence: int = Field(primary_key=True, sa_type=BigInteger)
    event_id: str = Field(sa_type=UuidText)
    repeated: bool = False
    received_at: datetime = Field(sa_type=UtcTimestamp)
