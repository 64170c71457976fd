"""Who works at the office."""

from sqlalchemy import JSON, LargeBinary
from sqlmodel import Field

from gateway.tables import Table


class PersonRow(Table, table=True):
    """`name_encrypted` is bound to the record `person:{person_id}`. People are never deleted, only made inactive."""

    __tablename__ = "people"
    person_id: str = Field(primary_key=True)
    staff_no: str = Field(index=True)
    name_encrypted: bytes = Field(sa_type=LargeBinary)
    role: str
    pin_hash: str
    active: bool
    skills: list[str] = Field(sa_type=JSON)
