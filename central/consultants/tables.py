from datetime import date, datetime

from sqlalchemy import BigInteger, Index
from sqlmodel import Field

from central.database import Base, UtcTimestamp, UuidText


class Turn(Base, table=True):
    """A turn of the rota that was offered, as it stands after `revision`."""

    __tablename__ = "turn"
    __table_args__ = (Index("ix_turn_day", "office", "day"),)
    office: str = Field(primary_key=True, max_length=40)
    offer_id: str = Field(primary_key=True, sa_type=UuidText)
    revision: int = Field(sa_type=BigInteger)
    day: date
    visit_id: str = Field(sa_type=UuidText)
    consultant_id: str = Field(sa_type=UuidText)
    uses_turn: bool
    offered_at: datetime = Field(sa_type=UtcTimestamp)
    outcome: str = Field(max_length=20)
    decided_at: datetime | None = Field(default=None, sa_type=UtcTimestamp)
    rule: str = Field(max_length=200)
