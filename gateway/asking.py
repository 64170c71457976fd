"""How every arrival asks the database: statements built once in their module, asked with new values each time.

Building a statement anew, and making an object of every row, costs SQLAlchemy ten times what SQLite needs to answer.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, TypeVar

from pydantic_core import PydanticUndefined
from sqlalchemy import BindParameter, CursorResult, Executable, Insert, Row, bindparam, insert
from sqlmodel import Session
from sqlmodel.sql.expression import SelectOfScalar

from gateway.tables import Table

T = TypeVar("T")

Columns = Row[*tuple[Any, ...]]
"""One row of an answer: values by the names of its columns."""
given = bindparam
"""A value that a statement is asked with: `Row.day == given("day")`."""


def among(name: str) -> BindParameter[Any]:
    """Any number of values that a statement is asked with: `col(Row.visit_id).in_(among("visits"))`."""
    return bindparam(name, expanding=True)


def ask(session: Session, statement: Executable, **values: Any) -> CursorResult[*tuple[Any, ...]]:
    """The rows as plain tuples with names, never as objects: what is read so cannot be changed by it.

    What the session holds is written first, as before any other query.
    """
    session.flush()
    return session.connection().execute(statement, values)


def ask_stored(session: Session, statement: Executable, **values: Any) -> CursorResult[*tuple[Any, ...]]:
    """The same of a table that no unit holds changes of: nothing has to be written before."""
    return session.connection().execute(statement, values)


def seldom(session: Session, statement: SelectOfScalar[T], **values: Any) -> Sequence[T]:
    """Objects that are seldom there: they are made only when there are rows to make them of."""
    return () if ask(session, statement, **values).first() is None else session.exec(statement, params=values).all()


def put(session: Session, table: type[Table], **values: Any) -> None:
    """Store a row that nobody will change in this unit; what is left out has the table's default."""
    session.connection().execute(_insert(table), {**_defaults(table), **values})


def put_over(session: Session, table: type[Table], **values: Any) -> None:
    """The same in place of the row that has its key, if there is one."""
    session.connection().execute(_insert_over(table), {**_defaults(table), **values})


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
