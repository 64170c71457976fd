"""Codes sent by text message, what a right one allows, and the messages of the simulated sender."""

from datetime import datetime

from sqlalchemy import LargeBinary
from sqlmodel import Field

from gateway.tables import Table, Utc


class CodeRow(Table, table=True):
    """One code. Only a keyed digest of it is stored, bound to its own id."""

    __tablename__ = "face_codes"
    code_id: str = Field(primary_key=True)
    phone_index: str = Field(index=True)
    device_id: str = Field(index=True)
    digest: str
    sent_at: datetime = Field(sa_type=Utc, index=True)
    expires_at: datetime = Field(sa_type=Utc)
    wrong: int = 0
    used_at: datetime | None = Field(default=None, sa_type=Utc)
    replaced: bool = False


class GrantRow(Table, table=True):
    """What a right code allows, for a few minutes, at the kiosk that sent it. The grant itself is never stored."""

    __tablename__ = "face_grants"
    grant_sha256: str = Field(primary_key=True)
    phone_index: str
    device_id: str
    expires_at: datetime = Field(sa_type=Utc, index=True)
    withdrawal_id: str | None = None


class SimulatedMessageRow(Table, table=True):
    """A message that was not sent. Values are bound to the record `sms:{message_id}:{column}`."""

    __tablename__ = "simulated_messages"
    message_id: str = Field(primary_key=True)
    at: datetime = Field(sa_type=Utc, index=True)
    to: bytes = Field(sa_type=LargeBinary)
    text: bytes = Field(sa_type=LargeBinary)
