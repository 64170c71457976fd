from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from central.database import Base, UtcTimestamp, UuidText


class Registration(Base, table=True):
    """A registration (报备) as accepted; only a withdrawal changes it. The number is AES-GCM encrypted.

    `repeats` names the live one of the same channel that it repeated: it is void. `phone_index` is None when masked.
    """

    __tablename__ = "registration"
    __table_args__ = (
        Index("ix_registration_same_number", "office", "channel_id", "phone37_index"),
        Index("ix_registration_of_agent", "agent_id", "accepted_at", "registration_id"),
        Index("ix_registration_page", "office", "accepted_at", "registration_id"),
    )
    registration_id: str = Field(primary_key=True, sa_type=UuidText)
    office: str = Field(max_length=40)
    project: str = Field(max_length=40)
    channel_id: str = Field(sa_type=UuidText)
    agent_id: str = Field(sa_type=UuidText)
    number_encrypted: bytes
    phone_index: bytes | None = None
    phone37_index: bytes
    accepted_at: datetime = Field(sa_type=UtcTimestamp)
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcTimestamp)
    repeats: str | None = Field(default=None, sa_type=UuidText)
    entered_by: str = Field(max_length=40)
