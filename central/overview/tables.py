from datetime import date

from sqlalchemy import BigInteger, Index
from sqlmodel import Field

from central.database import Base


class DayRow(Base, table=True):
    """Figures of one office and local day, computed anew from visits and sales whenever that day is touched."""

    __tablename__ = "office_day"
    __table_args__ = (Index("ix_office_day_day", "day"),)
    office: str = Field(primary_key=True, max_length=40)
    day: date = Field(primary_key=True)
    visits: int = 0
    first_visits: int = 0
    return_visits: int = 0
    registered_people: int = 0
    waiting_median_seconds: int | None = None
    intents: int = 0
    subscriptions: int = 0
    contracts: int = 0
    contract_fen: int = Field(default=0, sa_type=BigInteger)
    payments_fen: int = Field(default=0, sa_type=BigInteger)
