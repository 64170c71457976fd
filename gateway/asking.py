"""How every arrival asks the database: statements built once in their module, asked with new values each time.

Building a statement anew, and making an object of every row, costs ten times what SQLite needs to answer.
"""

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any, TypeVar, cast

from pydantic_core import PydanticUndefined
from sqlalchemy import BindParameter, Executable, Insert, bindparam, insert, inspect
from sqlalchemy.orm import Mapper
from sqlmodel import Session
from sqlmodel.sql.expression import SelectOfScalar

from gateway.prepared import STATEMENTS, Answer, Columns, prepared
from gateway.tables import Table

__all__ = ["Answer", "Columns", "among", "ask", "ask_stored", "given", "objects", "put", "put_over"]
T = TypeVar("T")

given = bindparam
"""A value that a statement is asked with: `Row.day == given("day")`."""


def among(name: str) -> BindParameter[Any]:
    """Any number of values that a statement is asked with: `col(Row.visit_id).in_(among("visits"))`."""
    return bindparam(name, expanding=True)


def ask(session: Session, statement: Executable, **values: Any) -> Answer:
    """The rows as plain tuples with names, never as objects: what is read so cannot be changed by it.

    What the session holds is written first, as before any other query.
    """
    session.flush()
    return prepared(statement).ask(session, values)


def ask_stored(session: Session, statement: Executable, **values: Any) -> Answer:
    """The same of a table that no unit holds changes of: nothing has to be written before."""
    return prepared(statement).ask(session, values)


def objects(session: Session, statement: SelectOfScalar[T], **values: Any) -> Sequence[T]:
    """What may be changed: the session's own objects where it holds all of them or there are none, else read anew."""
    mapper, keys = _keys_of(statement)
    found = ask(session, keys, **values).all()
    held = [session.identity_map.get(mapper.identity_key_from_primary_key(key)) for key in found]
    return session.exec(statement, params=values).all() if None in held else cast("list[T]", held)


@lru_cache(maxsize=STATEMENTS)
def _keys_of(statement: SelectOfScalar[Any]) -> tuple[Mapper[Any], Executable]:
    """Whose objects a statement reads, and the same statement for their keys alone."""
    mapper: Mapper[Any] = inspect(statement.column_descriptions[0]["entity"])
    return mapper, statement.with_only_columns(*mapper.primary_key)


def put(session: Session, table: type[Table], **values: Any) -> None:
    """Store a row that nobody will change in this unit; what is left out has the table's default."""
    prepared(_insert(table)).ask(session, {**_defaults(table), **values})


def put_over(session: Session, table: type[Table], **values: Any) -> None:
    """The same in place of the row that has its key, if there is one."""
    prepared(_insert_over(table)).ask(session, {**_defaults(table), **values})


@cache
def _insert(table: type[Table]) -> Insert:
    return insert(table)


@cache
def _insert_over(table: type[Table]) -> Insert:
    return insert(table).prefix_with("OR REPLACE")


@cache
def _defaults(table: type[Table]) -> dict[str, Any]:
    fields = table.model_fields.items()
    return {name: field.default for name, field in fields if field.default is not PydanticUndefined}
