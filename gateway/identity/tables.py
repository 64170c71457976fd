"""Who looked for whom, and the keys by which somebody is known beside their phone number."""

from datetime import datetime

from sqlalchemy import Index, LargeBinary
from sqlmodel import Field

from gateway.tables import Table, Utc

ID_NUMBER = "id_number"


class LookupRow(Table, table=True):
    """One search of the customer files. `found_by`: kinds, separated by commas. `typed_index` is a keyed digest."""

    __tablename__ = "customer_lookups"
    __table_args__ = (Index("ix_customer_lookups_by", "by", "at"),)
    lookup_id: str = Field(primary_key=True)
    at: datetime = Field(sa_type=Utc)
    role: str
    by: str
    found_by: str
    typed_index: str
    shown: int
    refused: bool = False


class StrongKeyRow(Table, table=True):
    """A key beside the phone number that is one person's, by `kind`: `ID_NUMBER`. `key_index` is its keyed HMAC.

    `value` is the number itself, bound to the record `customer:{customer_id}:{kind}`.
    """

    __tablename__ = "strong_keys"
    customer_id: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    key_index: str = Field(index=True)
    value: bytes | None = Field(default=None, sa_type=LargeBinary)
    source: str
    noted_at: datetime = Field(sa_type=Utc)
    noted_by: str
