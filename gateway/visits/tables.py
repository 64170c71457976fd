"""Visits as they stand, the signals they are made of, and the decisions that made them."""

from datetime import datetime

from sqlalchemy import Index, LargeBinary, text
from sqlmodel import Field

from gateway.tables import Table, Utc


class VisitRow(Table, table=True):
    """`day` is the local date it was opened on. `waiting_since` orders those who wait; it restarts after a step-out.

    `arrived_at`: the earliest signal of the party, at a door or at a screen. `returning_to` is who served the party
    before it stepped out. `note` is bound to the record `visit:{visit_id}`. `non_customer`: the reason of a mark;
    `before_mark` how the visit had ended then, empty when it had not. `hints` (`GateHint`, with commas): what the desk
    should look for.
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
    arrived_at: datetime = Field(sa_type=Utc)
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
    non_customer: str | None = None
    before_mark: str | None = None
    hints: str = ""
    project: str = ""
    policy_version: int
    revision: int = 0


class CrossingRow(Table, table=True):
    """People who came in through a door at one moment; `free` of them belong to no party yet."""

    __tablename__ = "visit_crossings"
    __table_args__ = ({"sqlite_with_rowid": False},)
    crossing_id: str = Field(primary_key=True)
    at: datetime = Field(sa_type=Utc, index=True)
    people: int
    free: int


class SignalRow(Table, table=True):
    """A signal of a party (`gateway.visits.signals.Signal`), and the people at the doors that it speaks for.

    `day` is the local date of its visit, or its own. `visit_id`: where it was put, `claimed` people who came from
    `doors_from` to `doors_until`, `re_entering` of them not for the first time, `taken` (JSON) the crossings they are.
    `note` is bound to the record `signal:{signal_id}`; `by` is a person's or a device's id, or `badge:` and a
    badge's digest.
    """

    __tablename__ = "visit_signals"
    signal_id: str = Field(primary_key=True)
    day: str = Field(index=True)
    at: datetime = Field(sa_type=Utc, index=True)
    kind: str
    late: bool = False
    party: str | None = None
    about: str | None = None
    people: int = 1
    reason: str = ""
    how: str = ""
    visit_id: str | None = Field(default=None, index=True)
    claimed: int = 0
    re_entering: int = 0
    doors_from: datetime = Field(sa_type=Utc)
    doors_until: datetime = Field(sa_type=Utc)
    taken: str = "[]"
    by: str = ""
    note: bytes | None = Field(default=None, sa_type=LargeBinary)


class VisitDecisionRow(Table, table=True):
    """What one signal did to a visit, by which rule. `inputs` (JSON) is all that the rule read."""

    __tablename__ = "visit_decisions"
    decision_id: str = Field(primary_key=True)
    visit_id: str = Field(index=True)
    decided_at: datetime = Field(sa_type=Utc)
    action: str
    rule: str
    inputs: str
    policy_version: int
