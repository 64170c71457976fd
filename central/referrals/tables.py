from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from central.database import Base, UtcTimestamp, UuidText


class Referral(Base, table=True):
    """老带新: a customer who had signed by `signed_at` referred a number, which is AES-GCM encrypted."""

    __tablename__ = "referral"
    __table_args__ = (Index("ix_referral_page", "office", "recorded_at", "referral_id"),)
    referral_id: str = Field(primary_key=True, sa_type=UuidText)
    office: str = Field(max_length=40)
    project: str = Field(max_length=40)
    referrer_id: str = Field(sa_type=UuidText)
    number_encrypted: bytes
    recorded_at: datetime = Field(sa_type=UtcTimestamp)
    signed_at: datetime = Field(sa_type=UtcTimestamp)
    owner_present: bool
    entered_by: str = Field(max_length=40)
