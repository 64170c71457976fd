"""Offers of visits to consultants."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import Field

from gateway.tables import Table, Utc


class OfferRow(Table, table=True):
    """The partial unique index holds that nobody has two offers pending."""

    __tablename__ = "offers"
    __table_args__ = (
        Index("uq_offers_pending", "consultant_id", unique=True, sqlite_where=text("state = 'pending'")),
        Index("ix_offers_deadline", "expires_at", sqlite_where=text("state = 'pending'")),
    )
    offer_id: str = Field(primary_key=True)
    visit_id: str = Field(index=True)
    consultant_id: str
    day: str = Field(index=True)
    state: str
    offered_at: datetime = Field(sa_type=Utc)
    expires_at: datetime = Field(sa_type=Utc)
    decided_at: datetime | None = Field(default=None, sa_type=Utc)
    decline_reason: str | None = None
    uses_turn: bool
    turn_order: str
    to_all: bool
    rule: str
    revision: int = 0
