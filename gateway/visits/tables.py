"""Visits as they stand."""

from datetime import datetime

from sqlalchemy import Index, LargeBinary, text
from sqlmodel import Field

from gateway.tables import Table, Utc


class VisitRow(Table, table=True):
    """`day` is the local date it was opened on. `waiting_since` orders those who wait; it restarts after a step-out.

    `returning_to` is who served the party before it stepped out. `note` is bound to the record `visit:{visit_id}`.
    """

    __tablename__ = "visits"
    __table_args__ = (
        Index("ix_visits_open", "state", "waiting_since", sqlite_where=text("state != 'closed'")),
        Index("ix_visits_customer", "customer_id", "opened_at"),
        Index("ix_visits_consultant", "consultant_id", "opened_at"),
    )
    visit_id: str = Field(primary_key=True)
    day: str = Field(index=True)
    customer_id: str | None = None
    kind: str
    state: str
    party_size: int
    purpose: str
    language: str
    opened_at: datetime = Field(sa_type=Utc)
    waiting_since: datetime = Field(sa_type=Utc)
    accepted_at: datetime | None = Field(default=None, sa_type=Utc)
    closed_at: datetime | None = Field(default=None, sa_type=Utc)
    close_reason: str | None = None
    source: str = "walk_in"
    owner_id: str | None = None
    consultant_id: str | None = None
    asked_for: str | None = None
    returning_to: str | None = None
    note: bytes | None = Field(default=None, sa_type=LargeBinary)
    policy_version: int
    revision: int = 0
