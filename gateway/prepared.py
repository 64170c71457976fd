"""Statements as SQLite takes them: SQL compiled once from SQLAlchemy's statement, handed straight to the driver.

SQLAlchemy says what is asked and how each value is stored; its way to the driver costs five to twenty times what
SQLite needs to answer an arrival's small questions, so these go past it, in the session's own transaction.
"""

import re
import sqlite3
from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import Connection, Executable
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import BindParameter
from sqlalchemy.types import TypeEngine
from sqlmodel import Session

DIALECT = sqlite.dialect(paramstyle="named")
STATEMENTS = 1024
"""More than the gateway has: each is a constant of its module."""
_NOBODY = "SELECT NULL WHERE 0"

if TYPE_CHECKING:

    class Columns(tuple[Any, ...]):
        """One row of an answer: values by the names of its columns."""

        def __getattr__(self, name: str) -> Any: ...
        def _asdict(self) -> dict[str, Any]: ...

else:
    Columns = tuple

Converter = Callable[[Any], Any]


class Answer:
    """The rows, read to the last; `rowcount`: how many an update or a deletion touched."""

    __slots__ = ("rowcount", "rows")

    def __init__(self, rows: Sequence[Columns], rowcount: int) -> None:
        self.rows = rows
        self.rowcount = rowcount

    def __iter__(self) -> Iterator[Columns]:
        return iter(self.rows)

    def all(self) -> Sequence[Columns]:
        return self.rows

    def first(self) -> Columns | None:
        return self.rows[0] if self.rows else None

    def scalars(self) -> Iterable[Any]:
        """The first column of each row."""
        return [row[0] for row in self.rows]

    def scalar(self) -> Any:
        """The first column of the first row, None when there is none."""
        return self.rows[0][0] if self.rows else None


class Prepared:
    """One statement, compiled: how it is asked with values, and how its rows are read."""

    def __init__(self, statement: Executable) -> None:
        compiled = cast("SQLCompiler", statement.compile(dialect=DIALECT))  # type: ignore[attr-defined]
        binds = {name: bind for bind, name in compiled.bind_names.items()}
        asked = {name: bind for name, bind in binds.items() if bind.required}
        self.sql = _with_fixed(str(compiled), {name: bind for name, bind in binds.items() if not bind.required})
        self._stored = {name: store for name, bind in asked.items() if (store := _bound(bind)) is not None}
        self._lists = sorted(name for name, bind in asked.items() if bind.expanding)
        self._make, self._read = _reader(statement)
        self._sql_of: dict[tuple[int, ...], str] = {}

    def ask(self, session: Session, values: Mapping[str, Any]) -> Answer:
        """Raises SQLAlchemy's DBAPIError, of the kind that the driver's error is, without the values."""
        sql, given = self._filled(dict(values))
        with _told_as_sqlalchemy(sql):
            cursor = driver(session).execute(sql, given)
            rows = cursor.fetchall()
        return Answer(self._rows(rows), cursor.rowcount)

    def _filled(self, values: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """The SQL for that many values in each list, and the values as SQLite stores them."""
        for name, store in self._stored.items():
            value = values[name]
            values[name] = [store(each) for each in value] if name in self._lists else store(value)
        if not self._lists:
            return self.sql, values
        sizes = tuple(len(values[name]) for name in self._lists)
        sql = self._sql_of.get(sizes) or self._sized(sizes)
        for name in self._lists:
            values.update({f"{name}_{place}": value for place, value in enumerate(values.pop(name))})
        return sql, values

    def _sized(self, sizes: tuple[int, ...]) -> str:
        sql = self.sql
        for name, size in zip(self._lists, sizes, strict=True):
            sql = _with_list(sql, name, [f":{name}_{place}" for place in range(size)])
        if max(sizes) <= _REMEMBERED_SIZE:
            self._sql_of[sizes] = sql
        return sql

    def _rows(self, rows: list[tuple[Any, ...]]) -> Sequence[Columns]:
        make, read = self._make, self._read
        if not read:
            return [make(row) for row in rows]
        made = []
        for row in rows:
            values = list(row)
            for place, converter in read:
                values[place] = converter(values[place])
            made.append(make(values))
        return made


_REMEMBERED_SIZE = 64
"""Values of one list up to which its SQL is kept: families and pages, not whole tables."""


@lru_cache(maxsize=STATEMENTS)
def prepared(statement: Executable) -> Prepared:
    return Prepared(statement)


def driver(session: Session) -> sqlite3.Connection:
    """The driver's connection, in the transaction or the savepoint that the session is in: either begins here."""
    return _driver_of(session.connection())


def run(connection: Connection, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """The rows of plain SQL, as SQLite stores them. Raises DBAPIError as `Prepared.ask` does."""
    with _told_as_sqlalchemy(sql):
        return _driver_of(connection).execute(sql, values).fetchall()


def run_each(connection: Connection, sql: str, rows: Iterable[Sequence[Any]]) -> None:
    """The same statement with each of `rows`. Raises DBAPIError as `Prepared.ask` does."""
    with _told_as_sqlalchemy(sql):
        _driver_of(connection).executemany(sql, rows)


def _driver_of(connection: Connection) -> sqlite3.Connection:
    return cast("sqlite3.Connection", connection.connection.dbapi_connection)


@contextmanager
def _told_as_sqlalchemy(sql: str) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise DBAPIError.instance(sql, None, error, sqlite3.Error, hide_parameters=True) from error


def _with_fixed(sql: str, fixed: Mapping[str, BindParameter[Any]]) -> str:
    """With the values that never change written into it: only so does SQLite use an index of some rows, and for any
    other value that could choose one it would plan the statement anew each time it is asked."""
    for name, bind in fixed.items():
        if bind.expanding:
            sql = _with_list(sql, name, [_literal(bind, each) for each in bind.value or ()])
        else:
            sql = re.sub(rf":{re.escape(name)}\b", lambda _, bind=bind: _literal(bind, bind.value), sql)  # type: ignore[misc]
    return sql


def _with_list(sql: str, name: str, members: Sequence[str]) -> str:
    return sql.replace(f"(__[POSTCOMPILE_{name}])", f"({', '.join(members) or _NOBODY})")


def _literal(bind: BindParameter[Any], value: Any) -> str:
    """As SQL has it. Raises TypeError for what has no short way of writing it."""
    store = _bound(bind)
    stored = value if store is None else store(value)
    if stored is None:
        return "NULL"
    if isinstance(stored, str):
        return "'" + stored.replace("'", "''") + "'"
    if isinstance(stored, int | float):
        return repr(stored if isinstance(stored, float) else int(stored))
    raise TypeError(f"a statement cannot hold {type(stored).__name__} as a constant: ask with it")


def _bound(bind: BindParameter[Any]) -> Converter | None:
    """How a value of that parameter is stored."""
    kind: TypeEngine[Any] = bind.type.dialect_impl(DIALECT)
    return kind.bind_processor(DIALECT)


def _reader(statement: Executable) -> tuple[Callable[[Iterable[Any]], Columns], list[tuple[int, Converter]]]:
    """How a row is made, and which of its values are read as something else than SQLite stores."""
    columns = list(getattr(statement, "exported_columns", ()))
    kinds = [column.type.dialect_impl(DIALECT).result_processor(DIALECT, None) for column in columns]
    names = [column.key for column in columns]
    named: Any = namedtuple("Columns", names, rename=True)  # type: ignore[misc]
    return cast("Callable[[Iterable[Any]], Columns]", partial(tuple.__new__, named)), [
        (n, kind) for n, kind in enumerate(kinds) if kind
    ]
