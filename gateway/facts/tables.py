"""Follow-ups and sales."""

from datetime import datetime

from sqlalchemy import LargeBinary
from sqlmodel import Field

from gateway.tables import Table, Utc


class FollowUpRow(Table, table=True):
    """`note` is bound to the record `follow_up:{fact_id}`."""

    __tablename__ = "follow_ups"
    fact_id: str = Field(primary_key=True)
    customer_id: str = Field(index=True)
    consultant_id: str
    channel: str
    reached: bool
    note: bytes | None = Field(default=None, sa_type=LargeBinary)
    at: datetime = Field(sa_type=Utc)


class SaleRow(Table, table=True):
    __tablename__ = "sales"
    fact_id: str = Field(primary_key=True)
    kind: str
    customer_id: str = Field(index=True)
    consultant_id: str
    visit_id: str | None = None
    unit_ref: str = ""
    amount_fen: int
    at: datetime = Field(sa_type=Utc)
