"""Reviews and who it may be."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import Field

from gateway.tables import Table, Utc


class ReviewRow(Table, table=True):
    """`decision` is the customer chosen, None: none of them. `reason` of an expired one says what explained it."""

    __tablename__ = "reviews"
    __table_args__ = (Index("ix_reviews_open", "opened_at", sqlite_where=text("state = 'open'")),)
    review_id: str = Field(primary_key=True)
    kind: str
    state: str
    opened_at: datetime = Field(sa_type=Utc)
    visit_id: str | None = Field(default=None, index=True)
    consent_id: str | None = None
    decided_at: datetime | None = Field(default=None, sa_type=Utc)
    decided_by: str = ""
    decision: str | None = None
    reason: str = ""
    policy_version: int


class CandidateRow(Table, table=True):
    """One person it may be. `evidence` is a JSON list of codes and figures; `greeting_id` that of the face, if any."""

    __tablename__ = "review_candidates"
    review_id: str = Field(primary_key=True)
    customer_id: str = Field(primary_key=True, index=True)
    greeting_id: str | None = None
    evidence: str
