"""The newest reading of each quantity of each sensor. Anonymous."""

from datetime import datetime

from sqlmodel import Field

from gateway.tables import Table, Utc


class ReadingRow(Table, table=True):
    """`since`: when `level` began; `at`: when `value` was measured."""

    __tablename__ = "readings"
    node: str = Field(primary_key=True)
    device: str = Field(primary_key=True)
    quantity: str = Field(primary_key=True)
    value: float
    level: str
    low: float | None = None
    high: float | None = None
    at: datetime = Field(sa_type=Utc)
    since: datetime = Field(sa_type=Utc)
