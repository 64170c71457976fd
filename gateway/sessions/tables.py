"""People who are signed in, and staff numbers that were tried with wrong PINs."""

from datetime import datetime

from sqlmodel import Field

from gateway.tables import Table, Utc


class SessionRow(Table, table=True):
    """The token itself is never stored, only its SHA-256."""

    __tablename__ = "sessions"
    token_sha256: str = Field(primary_key=True)
    person_id: str = Field(index=True)
    created_at: datetime = Field(sa_type=Utc)
    expires_at: datetime = Field(sa_type=Utc, index=True)


class SignInFailures(Table, table=True):
    """Wrong PINs in a row for one staff number, known or not."""

    __tablename__ = "sign_in_failures"
    staff_no: str = Field(primary_key=True)
    count: int
    last_at: datetime = Field(sa_type=Utc)
    locked_until: datetime | None = Field(default=None, sa_type=Utc)
