"""Pages of what several tables hold together: a cursor is the time and the id of the last item shown.

New rows never shift a page; two things of one instant are told apart by their ids.
"""

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, literal, tuple_
from sqlmodel.sql.expression import SelectOfScalar

from contracts.rest import FieldError
from gateway.problems import ProblemError

T = TypeVar("T")


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Of one item in a list that is ordered by time."""

    at: datetime
    item_id: str

    def __str__(self) -> str:
        return base64.urlsafe_b64encode(f"{self.at.isoformat()}|{self.item_id}".encode()).decode()

    @classmethod
    def parse(cls, text: str | None) -> "Place | None":
        """Raises ProblemError 422 for a text that is no cursor of ours."""
        if text is None:
            return None
        try:
            at, _, item_id = base64.urlsafe_b64decode(text).decode("ascii").partition("|")
            place = cls(datetime.fromisoformat(at), item_id)
        except (binascii.Error, ValueError):
            raise _no_cursor() from None
        if place.at.tzinfo is None or not item_id:
            raise _no_cursor()
        return place


def newest(
    query: SelectOfScalar[T], at: ColumnElement[Any], item_id: ColumnElement[Any], before: Place | None, limit: int
) -> SelectOfScalar[T]:
    """At most `limit` rows, newest first, those after the place `before` in that order."""
    if before is not None:
        query = query.where(tuple_(at, item_id) < tuple_(literal(before.at, at.type), literal(before.item_id)))
    return query.order_by(at.desc(), item_id.desc()).limit(limit)


def _no_cursor() -> ProblemError:
    errors = [FieldError(field="cursor", code="invalid_cursor")]
    return ProblemError(422, "invalid", "not a cursor of this list: begin at its first page", errors)
