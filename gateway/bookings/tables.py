"""Bookings, and how often a screen read codes that are none."""

from datetime import datetime

from sqlalchemy import LargeBinary
from sqlmodel import Field

from gateway.tables import Table, Utc


class BookingRow(Table, table=True):
    """`state`: booked, arrived or cancelled. `person` is a `Person` and `code` the text of the code, both bound to the
    record `booking:{booking_id}`; `day` is the office's day of `at`. `read_*`: the screen that read the code last.
    """

    __tablename__ = "bookings"
    booking_id: str = Field(primary_key=True)
    person: bytes = Field(sa_type=LargeBinary)
    phone_index: str = Field(index=True)
    code: bytes = Field(sa_type=LargeBinary)
    code_index: str = Field(unique=True)
    day: str = Field(index=True)
    at: datetime = Field(sa_type=Utc)
    until: datetime = Field(sa_type=Utc, index=True)
    party_size: int
    project: str = ""
    consultant_id: str | None = None
    origin: str
    booked_at: datetime = Field(sa_type=Utc)
    booked_by: str
    state: str
    read_by: str = ""
    read_at: datetime | None = Field(default=None, sa_type=Utc)
    visit_id: str | None = Field(default=None, index=True)
    arrived_at: datetime | None = Field(default=None, sa_type=Utc)
    cancelled_at: datetime | None = Field(default=None, sa_type=Utc)
    cancelled_by: str = ""


class BookingTryRow(Table, table=True):
    """A well-formed code that is no booking's, read at a screen. What was read is not kept."""

    __tablename__ = "booking_tries"
    try_id: str = Field(primary_key=True)
    screen: str = Field(index=True)
    at: datetime = Field(sa_type=Utc)
