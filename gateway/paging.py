"""Pages of what several tables hold together."""

from typing import Any, TypeVar

from sqlalchemy import ColumnElement, literal, tuple_
from sqlmodel.sql.expression import SelectOfScalar

from contracts.cursors import Cursor
from contracts.rest import FieldError
from gateway.problems import ProblemError

T = TypeVar("T")


def cursor_of(text: str | None) -> Cursor | None:
    """Raises ProblemError 422 for a text that is no cursor of ours."""
    try:
        return None if text is None else Cursor.parse(text)
    except ValueError:
        errors = [FieldError(field="cursor", code="invalid_cursor")]
        message = "not a cursor of this list: begin at its first page"
        raise ProblemError(422, "invalid", message, errors) from None


def newest(
    query: SelectOfScalar[T], at: ColumnElement[Any], key: ColumnElement[Any], before: Cursor | None, limit: int
) -> SelectOfScalar[T]:
    """At most `limit` rows, newest first, those after the place `before` in that order."""
    if before is not None:
        query = query.where(tuple_(at, key) < tuple_(literal(before.at, at.type), literal(before.key)))
    return query.order_by(at.desc(), key.desc()).limit(limit)
