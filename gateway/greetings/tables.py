"""Greetings, what the cameras saw, which screens were used, and every decision with what it read.

No vector, no picture and no opaque reference of a face lies here: ids, times and figures only.
"""

from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import Field

from gateway.tables import Table, Utc


class GreetingRow(Table, table=True):
    """One recognised arrival of one customer. `how` it met the visit: `new`, `reopen`, `join`, or `ask` (a review).

    `undo_*` is how a reopened visit stood before, so that the link can be taken back.
    """

    __tablename__ = "greetings"
    __table_args__ = (
        Index("ix_greetings_open", "expires_at", sqlite_where=text("state = 'open'")),
        Index("ix_greetings_customer", "customer_id", "opened_at"),
        Index("ix_greetings_opened", "opened_at"),
    )
    greeting_id: str = Field(primary_key=True)
    customer_id: str
    consent_id: str
    visit_id: str | None = Field(default=None, index=True)
    review_id: str | None = Field(default=None, index=True)
    how: str
    state: str
    rule: str
    opened_at: datetime = Field(sa_type=Utc)
    linked_at: datetime = Field(sa_type=Utc)
    """When it met the visit that it stands for now."""
    expires_at: datetime = Field(sa_type=Utc)
    previous_visit_at: datetime | None = Field(default=None, sa_type=Utc)
    undo_closed_at: datetime | None = Field(default=None, sa_type=Utc)
    undo_close_reason: str | None = None
    undo_consultant_id: str | None = None
    decided_at: datetime | None = Field(default=None, sa_type=Utc)
    decided_by: str = ""
    reason: str = ""
    policy_version: int


class SightingRow(Table, table=True):
    """One track of one camera that was recognised as the greeting's customer; figures of its best moment."""

    __tablename__ = "greeting_sightings"
    __table_args__ = (Index("ix_greeting_sightings_camera", "node", "camera", "last_seen_at"),)
    greeting_id: str = Field(primary_key=True)
    node: str = Field(primary_key=True)
    camera: str = Field(primary_key=True)
    track: int = Field(primary_key=True)
    first_seen_at: datetime = Field(sa_type=Utc)
    last_seen_at: datetime = Field(sa_type=Utc)
    score: float
    second: float
    threshold: float
    votes: int
    frames: int
    gallery: int
    engine: str
    model: str


class CheckInMark(Table, table=True):
    """Somebody checked in as `customer_id` (None: without a number) at a screen, `proof` being what they showed."""

    __tablename__ = "checkin_marks"
    __table_args__ = (Index("ix_checkin_marks_camera", "node", "camera", "at"),)
    mark_id: str = Field(primary_key=True)
    visit_id: str = Field(index=True)
    customer_id: str | None = None
    device_id: str | None = None
    node: str | None = None
    camera: str | None = None
    at: datetime = Field(sa_type=Utc, index=True)
    proof: str


class FaceDecisionRow(Table, table=True):
    """What followed from one recognition or one typed number. `inputs` and `decision` are JSON and replay it.

    `trigger` is the event's or the check-in mark's id.
    """

    __tablename__ = "face_decisions"
    decision_id: str = Field(primary_key=True)
    kind: str
    trigger: str = Field(unique=True)
    at: datetime = Field(sa_type=Utc, index=True)
    rule: str
    action: str
    greeting_id: str | None = Field(default=None, index=True)
    inputs: str
    decision: str
    policy_version: int
