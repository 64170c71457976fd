"""The gateway's API about agents' codes read at its screens: bodies only."""

from typing import Annotated, Literal, Self

from pydantic import StringConstraints, model_validator

from contracts.ids import Uuid
from contracts.rest import Wire
from contracts.values import UtcDateTime

CodeText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=160)]
ScanRefusal = Literal[
    "",
    "malformed",
    "unknown_agent",
    "inactive_agent",
    "forged",
    "other_office",
    "other_project",
    "expired",
    "too_far_in_time",
    "used_before",
]


class ScanRequest(Wire):
    """What the scanner typed. With a visit, the reception adds it to one that was checked in already.

    `checkin` is the key of the check-in that is being typed: the code belongs to that one and to no other.
    """

    code: CodeText
    visit_id: Uuid | None = None
    checkin: Uuid | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if self.visit_id is not None and self.checkin is not None:
            raise ValueError("`visit_id` and `checkin` say two different things: give one of them")
        return self


class ScanAnswer(Wire):
    """`refused` is empty for a good code: it belongs to the check-in or visit named, or to the next at this screen."""

    scan_id: Uuid
    at: UtcDateTime
    refused: ScanRefusal
    channel_name: str = ""
    agent_name: str = ""
    visit_id: Uuid | None = None
