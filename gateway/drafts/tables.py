"""Check-ins being typed. They hold digits of a phone number: encrypted, and gone after minutes."""

from datetime import datetime

from sqlalchemy import LargeBinary
from sqlmodel import Field

from gateway.tables import Table, Utc


class DraftRow(Table, table=True):
    """`body` is a `Draft` as JSON, bound to the record `draft:{draft_id}`."""

    __tablename__ = "drafts"
    draft_id: str = Field(primary_key=True)
    body: bytes = Field(sa_type=LargeBinary)
    updated_at: datetime = Field(sa_type=Utc, index=True)
