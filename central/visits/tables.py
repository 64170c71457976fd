from datetime import date, datetime

from sqlalchemy import JSON, BigInteger, Index
from sqlmodel import Field

from central.database import Base, UtcTimestamp, UuidText


class Visit(Base, table=True):
    """A visit as it stands after `revision`. `day` is local to the office."""

    __tablename__ = "visit"
    __table_args__ = (
        Index("ix_visit_day", "office", "day"),
        Index("ix_visit_newest", "opened_at", "visit_id"),
        Index("ix_visit_page", "office", "opened_at", "visit_id"),
        Index("ix_visit_customer", "office", "customer_id"),
        Index("ix_visit_state", "state", "day"),
    )
    office: str = Field(primary_key=True, max_length=40)
    visit_id: str = Field(primary_key=True, sa_type=UuidText)
    revision: int = Field(sa_type=BigInteger)
    day: date
    customer_id: str | None = Field(default=None, sa_type=UuidText)
    kind: str = Field(max_length=20)
    party_size: int
    purpose: str = Field(max_length=200)
    state: str = Field(max_length=20)
    opened_at: datetime = Field(sa_type=UtcTimestamp)
    accepted_at: datetime | None = Field(default=None, sa_type=UtcTimestamp)
    closed_at: datetime | None = Field(default=None, sa_type=UtcTimestamp)
    close_reason: str | None = Field(default=None, max_length=200)
    ticket_number: int | None = None
    source: str = Field(max_length=20)
    owner_id: str | None = Field(default=None, sa_type=UuidText)
    consultant_id: str | None = Field(default=None, sa_type=UuidText)
    project: str = Field(default="", max_length=40)


class Verdict(Base, table=True):
    """An attribution verdict (判客); never edited."""

    __tablename__ = "verdict"
    __table_args__ = (Index("ix_verdict_visit", "office", "visit_id"),)
    office: str = Field(primary_key=True, max_length=40)
    verdict_id: str = Field(primary_key=True, sa_type=UuidText)
    visit_id: str = Field(sa_type=UuidText)
    made_at: datetime = Field(sa_type=UtcTimestamp)
    source: str = Field(max_length=20)
    owner_id: str | None = Field(default=None, sa_type=UuidText)
    rule: str = Field(max_length=200)
    lost_rules: list[dict[str, str]] = Field(sa_type=JSON)
    policy_version: int
    appeal_until: datetime | None = Field(default=None, sa_type=UtcTimestamp)
    channel_id: str | None = Field(default=None, sa_type=UuidText)
    agent_id: str | None = Field(default=None, sa_type=UuidText)
    referrer_id: str | None = Field(default=None, sa_type=UuidText)
    claim_id: str | None = Field(default=None, sa_type=UuidText)


class VerdictClaim(Base, table=True):
    """A claim that a verdict weighed, made `at`, and what became of it."""

    __tablename__ = "verdict_claim"
    __table_args__ = (Index("ix_verdict_claim_claim", "claim_id"),)
    office: str = Field(primary_key=True, max_length=40)
    verdict_id: str = Field(primary_key=True, sa_type=UuidText)
    claim_id: str = Field(primary_key=True, sa_type=UuidText)
    outcome: str = Field(max_length=20)
    reason: str = Field(max_length=200)
    at: datetime = Field(sa_type=UtcTimestamp)
