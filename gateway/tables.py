"""What every table of the gateway is built from, and the tables of the kernel itself.

The gateway has a registry of its own, so that its tables and another program's may carry the same name in one process.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import BigInteger, Dialect, LargeBinary
from sqlalchemy.orm import registry
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

REGISTRY = registry()
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_micros(at: datetime) -> int:
    """Microseconds since 1970 UTC, as stored. Raises ValueError for a naive time."""
    if at.tzinfo is None:
        raise ValueError("a stored time needs a time zone")
    return (at - _EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micros)


class Utc(TypeDecorator[datetime]):
    """An aware UTC time, stored as whole microseconds since 1970."""

    impl = BigInteger
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], int | None]:
        return _stored

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[int | None], datetime | None]:
        return _read


def _stored(value: datetime | None) -> int | None:
    return None if value is None else to_micros(value)


def _read(value: int | None) -> datetime | None:
    return None if value is None else _EPOCH + timedelta(microseconds=value)


class Table(SQLModel, registry=REGISTRY):
    """Base of every table: `class Visit(Table, table=True)`; times are `datetime = Field(sa_type=Utc)`."""


METADATA = Table.metadata


class GatewayState(Table, table=True):
    """Facts about this database itself, such as the epoch it was made in."""

    __tablename__ = "gateway_state"
    key: str = Field(primary_key=True)
    value: str


class IdempotencyKey(Table, table=True):
    """The answer given to a request that may be sent again. `answer` is encrypted: it may name a person."""

    __tablename__ = "idempotency_keys"
    scope: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    status: int
    answer: bytes = Field(sa_type=LargeBinary)
    fingerprint: str
    at: datetime = Field(sa_type=Utc, index=True)


class StoredCommand(Table, table=True):
    """A command given to a node, and what it answered."""

    __tablename__ = "commands"
    id: str = Field(primary_key=True)
    node: str
    device: str
    type: str
    sent_at: datetime = Field(sa_type=Utc, index=True)
    expires_at: datetime = Field(sa_type=Utc)
    replied_at: datetime | None = Field(default=None, sa_type=Utc)
    ok: bool | None = None
    error: str = ""
