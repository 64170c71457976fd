"""Customer files. Phone, name and needs are encrypted; look-up is by keyed HMAC, equality only."""

from datetime import datetime

from sqlalchemy import Index, LargeBinary
from sqlmodel import Field

from gateway.tables import Table, Utc


class CustomerRow(Table, table=True):
    """Values are bound to the record `customer:{customer_id}:{column}`. `details` holds needs and tags as JSON."""

    __tablename__ = "customers"
    customer_id: str = Field(primary_key=True)
    phone: bytes | None = Field(default=None, sa_type=LargeBinary)
    phone_index: str | None = Field(default=None, unique=True)
    phone37_index: str | None = Field(default=None, index=True)
    last4_index: str | None = Field(default=None, index=True)
    name: bytes = Field(sa_type=LargeBinary)
    name_index: str | None = Field(default=None, index=True)
    read_as: str | None = None
    """The `name_index` whose readings are in `name_readings` now."""
    details: bytes = Field(sa_type=LargeBinary)
    provisional: bool = True
    """The id was made here and central has not adopted it yet."""
    owner_id: str | None = Field(default=None, index=True)
    created_at: datetime = Field(sa_type=Utc)
    last_visit_at: datetime | None = Field(default=None, sa_type=Utc)
    visit_count: int = 0
    revision: int = 0


class NameReading(Table, table=True):
    """One way to type a customer's name: the keyed index of a pinyin or of initials."""

    __tablename__ = "name_readings"
    __table_args__ = (Index("ix_name_readings_customer", "customer_id"), {"sqlite_with_rowid": False})
    reading_index: str = Field(primary_key=True)
    customer_id: str = Field(primary_key=True)


class RevealRow(Table, table=True):
    """Who saw a customer's full phone number, and when."""

    __tablename__ = "customer_reveals"
    reveal_id: str = Field(primary_key=True)
    customer_id: str = Field(index=True)
    person_id: str
    at: datetime = Field(sa_type=Utc)
