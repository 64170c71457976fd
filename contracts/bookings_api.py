"""The gateway's API of bookings (预约): made at the office, shown there, and redeemed at a kiosk. Bodies only.

A booking made on a public page (central) will come down as the same booking with another `origin`.
"""

from typing import Literal

from pydantic import Field

from contracts.checkin_api import GateAnswers, PartySize
from contracts.gateway_api import Language, PersonName
from contracts.ids import ProjectName, Uuid
from contracts.rest import Wire
from contracts.scans_api import CodeText
from contracts.values import Phone, UtcDateTime

BookingState = Literal["expected", "arrived", "missed", "cancelled"]
"""`missed`: the code has expired and nobody came with it."""
BookingOrigin = Literal["office"]


class BookingRequest(Wire):
    """Who comes when, for what, to whom. Sent with an `Idempotency-Key` header."""

    phone: Phone
    name: PersonName = ""
    at: UtcDateTime
    party_size: PartySize = 1
    project: ProjectName = ""
    consultant_id: Uuid | None = None


class BookingView(Wire):
    """Name and number are masked. `code` holds nothing personal; until `until` it checks its customer in."""

    booking_id: Uuid
    state: BookingState
    name: str
    phone: str
    at: UtcDateTime
    until: UtcDateTime
    party_size: int
    project: ProjectName = ""
    consultant_id: Uuid | None = None
    consultant_name: str | None = None
    origin: BookingOrigin = "office"
    booked_at: UtcDateTime
    booked_by: str
    code: str
    visit_id: Uuid | None = None
    arrived_at: UtcDateTime | None = None
    cancelled_at: UtcDateTime | None = None


class BookingList(Wire):
    """Of one day, earliest first."""

    items: list[BookingView] = Field(default_factory=list)


class BookingCodeRead(Wire):
    """What the scanner or the visitor typed."""

    code: CodeText


class BookingCheckIn(Wire):
    """Check in by a booking that was read at this screen. Sent with an `Idempotency-Key` header (the draft's id).

    `asked_for`: the booked consultant, where the visitor left it at that.
    """

    booking_id: Uuid
    language: Language = "zh-CN"
    party_size: PartySize = 1
    asked_for: Uuid | None = None
    gate: GateAnswers = GateAnswers()
    project: ProjectName = ""
