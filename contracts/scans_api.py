"""The gateway's API about agents' codes read at its screens: bodies only."""

from typing import Annotated, Literal

from pydantic import StringConstraints

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
    "expired",
    "too_far_in_time",
    "used_before",
]


class ScanRequest(Wire):
    """What the scanner typed. With a visit, the reception adds it to one that was checked in already."""

    code: CodeText
    visit_id: Uuid | None = None


class ScanAnswer(Wire):
    """`refused` is empty for a good code: it belongs to the next check-in at this screen, or to the visit named."""

    scan_id: Uuid
    at: UtcDateTime
    refused: ScanRefusal
    channel_name: str = ""
    agent_name: str = ""
    visit_id: Uuid | None = None
