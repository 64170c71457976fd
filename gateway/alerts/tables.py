"""Alerts and how far each came. Ids and times only: who the customer is, the visit says."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field

from gateway.tables import Table, Utc


class AlertRow(Table, table=True):
    """One alert to one recipient: `recipient` is a person's id, or a role when it is for whoever has it.

    `settled_at`: what happened since made it pointless, such as an offer that ended.
    """

    __tablename__ = "alerts"
    __table_args__ = (
        UniqueConstraint("kind", "subject_id", "recipient", name="uq_alerts_once"),
        Index("ix_alerts_recipient", "recipient", "raised_at"),
        Index("ix_alerts_visit", "visit_id"),
        Index("ix_alerts_undelivered", "expires_at", sqlite_where=text("delivered_at IS NULL AND settled_at IS NULL")),
    )
    alert_id: str = Field(primary_key=True)
    kind: str
    subject_id: str
    visit_id: str | None = None
    ticket_number: int | None = None
    recipient: str
    role: str
    person_id: str | None = None
    owner_id: str | None = None
    receiver_id: str | None = None
    silent_days: int | None = None
    step: str | None = None
    raised_at: datetime = Field(sa_type=Utc, index=True)
    expires_at: datetime = Field(sa_type=Utc)
    delivered_at: datetime | None = Field(default=None, sa_type=Utc)
    shown_at: datetime | None = Field(default=None, sa_type=Utc)
    read_at: datetime | None = Field(default=None, sa_type=Utc)
    read_by: str | None = None
    settled_at: datetime | None = Field(default=None, sa_type=Utc)
