from datetime import datetime

from sqlmodel import Field

from central.database import Base, UtcTimestamp, UuidText


class SignedIn(Base, table=True):
    """Somebody with a token: a person of head office or an agent. Of the token only its SHA-256 is stored.

    `person` is the entry's name in the configuration, empty for an agent. `credential` is the SHA-256 of the PIN's
    hash at sign-in: a session ends when the PIN is changed or the person is taken out.
    """

    __tablename__ = "session"
    token_sha256: str = Field(primary_key=True, max_length=64)
    person: str = Field(max_length=40)
    agent_id: str | None = Field(default=None, sa_type=UuidText)
    credential: str = Field(max_length=64)
    expires_at: datetime = Field(sa_type=UtcTimestamp, index=True)


class SignInFailure(Base, table=True):
    """Wrong PINs in a row for one staff number, known or not."""

    __tablename__ = "sign_in_failure"
    staff_no: str = Field(primary_key=True, max_length=20)
    count: int
    last_at: datetime = Field(sa_type=UtcTimestamp)
    locked_until: datetime | None = Field(default=None, sa_type=UtcTimestamp)
