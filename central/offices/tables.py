from datetime import date, datetime

from sqlalchemy import JSON
from sqlmodel import Field

from central.database import Base, UtcTimestamp, UuidText


class Office(Base, table=True):
    """`lag_seconds`: how old the newest event of the last batch was when it arrived."""

    __tablename__ = "office"
    office: str = Field(primary_key=True, max_length=40)
    name: str = Field(max_length=60)
    name_en: str = Field(default="", max_length=60)
    city: str = Field(default="", max_length=40)
    city_en: str = Field(default="", max_length=40)
    time_zone: str = Field(max_length=60)
    created_at: datetime = Field(sa_type=UtcTimestamp)
    last_heard_at: datetime | None = Field(default=None, sa_type=UtcTimestamp)
    lag_seconds: float | None = None
    roster_version: int = 0


class StaffMember(Base, table=True):
    """A member of staff. Those taken off the roster stay, unlisted, so that old figures keep their names."""

    __tablename__ = "staff"
    office: str = Field(primary_key=True, max_length=40)
    person_id: str = Field(primary_key=True, sa_type=UuidText)
    staff_no: str = Field(max_length=20)
    name: str
    role: str = Field(max_length=20)
    pin_hash: str
    active: bool
    skills: list[str] = Field(sa_type=JSON)
    team: str
    started_on: date | None = None
    position: int
    listed: bool


class DeviceReport(Base, table=True):
    """The latest state of one device of an office."""

    __tablename__ = "device_state"
    office: str = Field(primary_key=True, max_length=40)
    source: str = Field(primary_key=True, max_length=200)
    state: str = Field(max_length=20)
    reason: str = Field(max_length=200)
    at: datetime = Field(sa_type=UtcTimestamp)
