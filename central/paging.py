"""Keyset pages: a cursor is the sort key of the last item shown, so that new rows never shift a page."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, literal, tuple_

from central.problems import ProblemError
from contracts.cursors import Cursor

PAGE = 50
T = TypeVar("T")


def cursor_of(text: str | None) -> Cursor | None:
    """Raises ProblemError 422 for a text that is no cursor of ours: its key is the id of a row."""
    try:
        cursor = Cursor.parse(text) if text else None
        return None if cursor is None else Cursor(cursor.at, str(UUID(cursor.key)))
    except ValueError:
        raise ProblemError(422, "invalid_cursor") from None


def newest_first(
    statement: Select[Any], cursor: Cursor | None, at: ColumnElement[Any], key: ColumnElement[Any]
) -> Select[Any]:
    """Order and cut `statement`; one row more than a page tells whether another follows."""
    if cursor is not None:
        statement = statement.where(tuple_(at, key) < tuple_(_bound(cursor.at, at), _bound(cursor.key, key)))
    return statement.order_by(at.desc(), key.desc()).limit(PAGE + 1)


def _bound(value: Any, like: ColumnElement[Any]) -> ColumnElement[Any]:
    return literal(value, like.type)


def cut(rows: Sequence[T], cursor_of: Callable[[T], Cursor]) -> tuple[list[T], str | None]:
    """The page's rows and the cursor of the next page, if there is one."""
    shown = list(rows[:PAGE])
    return shown, str(cursor_of(shown[-1])) if len(rows) > PAGE else None
