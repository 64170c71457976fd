from datetime import date, datetime

from sqlalchemy import BigInteger, Index
from sqlmodel import Field

from central.database import Base, UtcTimestamp, UuidText


class Sale(Base, table=True):
    """A step of the funnel, amount in fen; from an office's outbox or entered here. Never edited."""

    __tablename__ = "sale"
    __table_args__ = (
        Index("ix_sale_day", "office", "day"),
        Index("ix_sale_newest", "at", "fact_id"),
        Index("ix_sale_page", "office", "at", "fact_id"),
        Index("ix_sale_customer", "office", "customer_id"),
    )
    office: str = Field(primary_key=True, max_length=40)
    fact_id: str = Field(primary_key=True, sa_type=UuidText)
    day: date
    kind: str = Field(max_length=20)
    customer_id: str = Field(sa_type=UuidText)
    consultant_id: str = Field(sa_type=UuidText)
    visit_id: str | None = Field(default=None, sa_type=UuidText)
    unit_ref: str = Field(max_length=200)
    amount_fen: int = Field(sa_type=BigInteger)
    at: datetime = Field(sa_type=UtcTimestamp)
