"""How every arrival asks the database: statements built once in their module, asked with new values each time.

Building a statement anew, and making an object of every row, costs ten times what SQLite needs to answer.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, TypeVar

from pydantic_core import PydanticUndefined
from sqlalchemy import BindParameter, Executable, Insert, bindparam, insert
from sqlmodel import Session
from sqlmodel.sql.expression import SelectOfScalar

from gateway.prepared import Answer, Columns, prepared
from gateway.tables import Table

__all__ = ["Answer", "Columns", "among", "ask", "ask_stored", "given", "put", "put_over", "seldom"]
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


def seldom(session: Session, statement: SelectOfScalar[T], **values: Any) -> Sequence[T]:
    """Objects that are seldom there: they are made only when there are rows to make them of."""
    return () if ask(session, statement, **values).first() is None else session.exec(statement, params=values).all()


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
