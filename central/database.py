"""One code path for SQLite and PostgreSQL: engine, sessions, column types and the upsert both understand."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, DateTime, Dialect, MetaData, Table, Uuid, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import registry
from sqlalchemy.types import TypeDecorator
from sqlmodel import SQLModel

Row = Mapping[str, Any]
UuidText = Uuid(as_uuid=False)
"""A UUID in text form for Python; PostgreSQL keeps 16 bytes."""

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(SQLModel, registry=registry(metadata=MetaData(naming_convention=_NAMES))):
    """Base of central's tables; a registry of its own, so that another program's tables never meet these."""


class UtcTimestamp(TypeDecorator[datetime]):
    """An aware time, kept in UTC. SQLite has no time zones, so there it is stored without one and read back as UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("time stamps carry a time zone")
        utc = value.astimezone(UTC)
        return utc if dialect.name == "postgresql" else utc.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Database:
    """Sessions that read and sessions that write; leaving `write()` commits, an exception rolls back."""

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        self.dialect = self.engine.dialect.name
        self._reading = async_sessionmaker(self.engine, expire_on_commit=False)
        self._writing = async_sessionmaker(
            self.engine.execution_options(begin_statement="BEGIN IMMEDIATE"), expire_on_commit=False
        )
        self._one_writer: AbstractAsyncContextManager[Any] = (
            asyncio.Lock() if self.dialect == "sqlite" else nullcontext()
        )

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        async with self._reading() as session:
            yield session

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        async with self._one_writer, self._writing() as session, session.begin():
            yield session

    async def leave_no_copy(self) -> None:
        """Of SQLite: move the log into the file and cut it off, it held what was overwritten. Busy readers leave it for
        later. PostgreSQL's vacuum does the like by itself."""
        if self.dialect == "sqlite" and self.engine.url.database:
            async with self._one_writer:
                await asyncio.to_thread(_cut_log, self.engine.url.database)

    async def ping(self) -> None:
        async with self.read() as session:
            await session.execute(text("SELECT 1"))

    async def close(self) -> None:
        await self.engine.dispose()


def _cut_log(name: str) -> None:
    with closing(sqlite3.connect(name, timeout=0.2)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _engine(url: str) -> AsyncEngine:
    if make_url(url).get_backend_name() != "sqlite":
        return create_async_engine(url, hide_parameters=True, pool_size=10, max_overflow=10, pool_pre_ping=True)
    engine = create_async_engine(url, hide_parameters=True)
    _for_this_user_only(engine.url.database)
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _for_this_user_only(name: str | None) -> None:
    """Close a file that was left open to others. SQLite gives new side files the mode of the main one."""
    if name in (None, "", ":memory:"):
        return
    for file in (Path(name), Path(f"{name}-wal"), Path(f"{name}-shm")):
        if file.exists() and file.stat().st_mode & 0o077:
            file.chmod(0o600)


def _prepare_sqlite(connection: Any, record: Any) -> None:
    connection.isolation_level = None  # transactions begin where _begin_sqlite says, not where the driver guesses
    cursor = connection.cursor()
    for pragma in (
        "busy_timeout=30000",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",
        "cache_size=-32000",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("begin_statement", "BEGIN"))


def table_of(model: type[Base]) -> Table:
    return Base.metadata.tables[str(model.__tablename__)]


def insert_into(session: AsyncSession, model: type[Base]) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that knows ON CONFLICT, for the database this session speaks to."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    return insert(table_of(model))


async def upsert(session: AsyncSession, model: type[Base], rows: Sequence[Row], *, newer: str | None = None) -> None:
    """Insert rows, or replace those with the same primary key; with `newer`, only where that column grows."""
    if not rows:
        return
    table = table_of(model)
    keys = [column.name for column in table.primary_key]
    statement = insert_into(session, model)
    replaced = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    condition = statement.excluded[newer] > table.c[newer] if newer else None
    kept = list(newest(rows, keys, newer)) if newer else list(rows)
    await session.execute(statement.on_conflict_do_update(index_elements=keys, set_=replaced, where=condition), kept)


async def insert_new(session: AsyncSession, model: type[Base], rows: Sequence[Row]) -> None:
    """Insert rows whose primary key is not there yet; the others are left as they are."""
    if rows:
        await session.execute(insert_into(session, model).on_conflict_do_nothing(), list(rows))


def newest(rows: Iterable[Row], keys: Sequence[str], by: str) -> Iterable[Row]:
    """Of rows with the same key the one with the greatest `by`; the first of equals."""
    best: dict[tuple[Any, ...], Row] = {}
    for row in rows:
        key = tuple(row[name] for name in keys)
        if key not in best or row[by] > best[key][by]:
            best[key] = row
    return best.values()
