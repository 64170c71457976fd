from datetime import datetime

from sqlalchemy import JSON, BigInteger, Index
from sqlmodel import Field

from central.database import Base, UtcTimestamp, UuidText


class Customer(Base, table=True):
    """A customer file. Name and phone are AES-GCM encrypted; `phone_index` is a keyed HMAC for equality.

    `company_revision` counts the changes of the name made at head office; `name_before` is what the last one replaced.
    """

    __tablename__ = "customer"
    __table_args__ = (
        Index("ix_customer_id", "customer_id"),
        Index("ix_customer_page", "office", "created_at", "customer_id"),
        Index("ix_customer_newest", "created_at", "customer_id"),
        Index("ix_customer_phone", "phone_index"),
    )
    office: str = Field(primary_key=True, max_length=40)
    customer_id: str = Field(primary_key=True, sa_type=UuidText)
    revision: int = Field(sa_type=BigInteger)
    created_at: datetime = Field(sa_type=UtcTimestamp)
    owner_id: str | None = Field(default=None, sa_type=UuidText)
    name_encrypted: bytes
    phone_encrypted: bytes | None = None
    phone_index: bytes | None = None
    company_revision: int = 0
    name_before_encrypted: bytes | None = None


class CustomerMerge(Base, table=True):
    """While `state` is `merged`, `merged_id` is read as `kept_id`."""

    __tablename__ = "customer_merge"
    __table_args__ = (
        Index("ix_customer_merge_merged", "merged_id", "office"),
        Index("ix_customer_merge_kept", "kept_id", "office"),
    )
    office: str = Field(primary_key=True, max_length=40)
    merge_id: str = Field(primary_key=True, sa_type=UuidText)
    revision: int = Field(sa_type=BigInteger)
    kept_id: str = Field(sa_type=UuidText)
    merged_id: str = Field(sa_type=UuidText)
    state: str = Field(max_length=10)
    at: datetime = Field(sa_type=UtcTimestamp)


class Erasure(Base, table=True):
    """A file that was erased, and by whom: what is told of it later is not kept. `by`: a person, or the office."""

    __tablename__ = "customer_erasure"
    office: str = Field(primary_key=True, max_length=40)
    customer_id: str = Field(primary_key=True, sa_type=UuidText)
    at: datetime = Field(sa_type=UtcTimestamp)
    by: str = Field(max_length=60)


class Lookup(Base, table=True):
    """Who searched the files of all offices, and what they were shown: [office, customer] each. No number is kept."""

    __tablename__ = "customer_lookup"
    __table_args__ = (Index("ix_customer_lookup_who", "who", "at"), Index("ix_customer_lookup_at", "at", "lookup_id"))
    lookup_id: str = Field(primary_key=True, sa_type=UuidText)
    at: datetime = Field(sa_type=UtcTimestamp)
    who: str = Field(max_length=40)
    shown: int
    files: list[list[str]] = Field(sa_type=JSON)


class Reveal(Base, table=True):
    """The log of everyone who looked at a customer's name and number."""

    __tablename__ = "customer_reveal"
    reveal_id: str = Field(primary_key=True, sa_type=UuidText)
    at: datetime = Field(sa_type=UtcTimestamp, index=True)
    who: str = Field(max_length=40)
    office: str = Field(max_length=40)
    customer_id: str = Field(sa_type=UuidText, index=True)
