"""Models shared by more than one REST API: problems, tokens, acknowledged ingest, rosters.

Errors are RFC 9457 problem documents (`application/problem+json`).
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from contracts.ids import Slug, Uuid
from contracts.values import UtcDateTime

Role = Literal["kiosk", "board", "phone", "consultant", "reception", "manager", "admin", "agent"]
"""What a token may do. `kiosk`, `board` and `phone` (the demo's telephone) belong to devices, the others to people.

`agent` (经纪人) is a person of a channel and is known at central only.
"""

StaffNo = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,20}$")]
Pin = Annotated[str, StringConstraints(pattern=r"^\d{4,8}$")]


class Wire(BaseModel):
    """Base of request and answer bodies: unknown members are refused, so that a typo is told rather than ignored."""

    model_config = ConfigDict(extra="forbid")


class FieldError(Wire):
    field: str
    code: str


class Problem(BaseModel):
    """`code` is stable and translated by the screens; `detail` is for readers of logs; no personal data in either."""

    type: str = "about:blank"
    title: str
    status: int
    code: str
    detail: str = ""
    errors: list[FieldError] = Field(default_factory=list)


class SessionRequest(Wire):
    staff_no: StaffNo
    pin: Pin


class Session(Wire):
    token: str
    role: Role
    person_id: Uuid
    name: str
    expires_at: UtcDateTime


class RosterEntry(Wire):
    """One member of staff of an office. `pin_hash` is `scrypt$n$r$p$salt$hash` (base64), made by `contracts.pins`."""

    person_id: Uuid
    staff_no: StaffNo
    name: str
    role: Literal["consultant", "reception", "manager", "admin"]
    pin_hash: str
    active: bool = True
    skills: list[str] = Field(default_factory=list)
    """As `language:en`, `product:loft`, `school:…`: what may narrow who is called for a visit."""
    team: str = ""
    started_on: date | None = None
    """First day at work: a new starter only watches for a while."""


class Roster(Wire):
    """Who works at an office; central masters it, a gateway keeps its last copy and works on it offline."""

    office: Slug
    version: int
    people: list[RosterEntry]
