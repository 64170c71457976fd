"""Bodies about people at the doors who are no customers, and about people who join a party later."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from contracts.ids import Uuid
from contracts.rest import Wire
from contracts.values import UtcDateTime

NonCustomerReason = Literal["agent", "courier", "cleaner", "inspector", "scout", "other"]
"""经纪人, 快递, 保洁, 检查, 踩盘, 其他."""
MarkedBy = Literal["badge", "scan", "note"]
Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]


class NonCustomerRequest(Wire):
    """This party is no customer. The note is kept encrypted."""

    reason: NonCustomerReason
    how: MarkedBy = "note"
    note: Note = ""


class MarkPeopleRequest(Wire):
    """`people` counted at the door so many minutes ago are no customers: they are taken out of the net count."""

    people: Annotated[int, Field(ge=1, le=50)] = 1
    reason: NonCustomerReason | Literal["staff"]
    how: MarkedBy = "note"
    minutes_ago: Annotated[int, Field(ge=0, le=720)] = 0
    note: Note = ""


class MarkedPeople(Wire):
    """`counted`: how many of them the doors had counted and the net count is less by."""

    mark_id: Uuid
    at: UtcDateTime
    people: int
    reason: NonCustomerReason | Literal["staff"]
    how: MarkedBy
    note: str = ""
    counted: int
    undone: bool = False


class JoinersRequest(Wire):
    """More people of a party that is already here. The reason is kept encrypted."""

    people: Annotated[int, Field(ge=1, le=20)] = 1
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
