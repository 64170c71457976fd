"""The rota of each day, the make-ups owed, and every decision with what it read."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import Field

from gateway.tables import Table, Utc


class SeatRow(Table, table=True):
    """One consultant's day. `free_since` is when they last became free to be asked."""

    __tablename__ = "rota_seats"
    day: str = Field(primary_key=True)
    person_id: str = Field(primary_key=True)
    signed_in_at: datetime = Field(sa_type=Utc)
    signed_out_at: datetime | None = Field(default=None, sa_type=Utc)
    free_since: datetime = Field(sa_type=Utc)
    away_reason: str | None = None
    away_since: datetime | None = Field(default=None, sa_type=Utc)
    away_until: datetime | None = Field(default=None, sa_type=Utc)


class PlaceRow(Table, table=True):
    """One consultant's place in one order (`turn_order`) of one day; `moved` once a turn came to them or went past."""

    __tablename__ = "rota_places"
    day: str = Field(primary_key=True)
    person_id: str = Field(primary_key=True)
    turn_order: str = Field(primary_key=True)
    place: int
    moved: bool = False


class MakeUpRow(Table, table=True):
    """A turn missed for a good reason (补接); one open at a time each in each order, kept overnight."""

    __tablename__ = "make_ups"
    __table_args__ = (
        Index("uq_make_ups_open", "person_id", "turn_order", unique=True, sqlite_where=text("used_at IS NULL")),
    )
    make_up_id: str = Field(primary_key=True)
    person_id: str
    visit_id: str
    turn_order: str
    missed_at: datetime = Field(sa_type=Utc)
    used_at: datetime | None = Field(default=None, sa_type=Utc)


class TurnDecisionRow(Table, table=True):
    """`inputs` and `decision` are JSON of the rota's `Inputs` and `Decision`, without names."""

    __tablename__ = "turn_decisions"
    decision_id: str = Field(primary_key=True)
    visit_id: str = Field(index=True)
    decided_at: datetime = Field(sa_type=Utc)
    offer_id: str | None = None
    rule: str
    uses_turn: bool
    inputs: str
    decision: str
    policy_version: int
