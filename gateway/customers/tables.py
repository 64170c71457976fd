"""Customer files. Phone, name and needs are encrypted; look-up is by keyed HMAC, equality only."""

from datetime import datetime

from sqlalchemy import Index, LargeBinary, text
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
    company_revision: int = 0
    """The last correction of head office that this file has taken in."""


class MergeRow(Table, table=True):
    """Two files that are one person's: `merged_id` is read as `kept_id` while `state` is `merged`.

    `proposed` waits for a manager, who lets it be `merged` or `refused`; un-merging makes it `ended`. Nothing of
    either file is rewritten, so both are what they were. `kept_owner_id`: who owned the kept file by itself.
    """

    __tablename__ = "customer_merges"
    __table_args__ = (
        Index("uq_customer_merges_live", "merged_id", unique=True, sqlite_where=text("state = 'merged'")),
        Index("ix_customer_merges_kept", "kept_id", sqlite_where=text("state = 'merged'")),
        Index("ix_customer_merges_state", "state", "merge_id"),
    )
    merge_id: str = Field(primary_key=True)
    kept_id: str
    merged_id: str
    state: str
    reason: str
    proposed_at: datetime = Field(sa_type=Utc)
    proposed_by: str
    decided_at: datetime | None = Field(default=None, sa_type=Utc)
    decided_by: str = ""
    decision_reason: str = ""
    ended_at: datetime | None = Field(default=None, sa_type=Utc)
    ended_by: str = ""
    end_reason: str = ""
    kept_owner_id: str | None = None
    revision: int = 1


class ErasureRow(Table, table=True):
    """A file whose person had it erased; what is told of it later is not kept. `by`: a person's id or `head_office`."""

    __tablename__ = "customer_erasures"
    customer_id: str = Field(primary_key=True)
    at: datetime = Field(sa_type=Utc)
    by: str


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
