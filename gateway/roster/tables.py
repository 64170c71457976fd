"""Who works at the office."""

from datetime import date, datetime

from sqlalchemy import JSON, LargeBinary
from sqlmodel import Field

from gateway.tables import Table, Utc


class PersonRow(Table, table=True):
    """`name_encrypted` is bound to the record `person:{person_id}`. People are never deleted, only made inactive.

    `left_at`: when they became so; what they own then goes to the manager's pool.
    """

    __tablename__ = "people"
    person_id: str = Field(primary_key=True)
    staff_no: str = Field(index=True)
    name_encrypted: bytes = Field(sa_type=LargeBinary)
    role: str
    pin_hash: str
    active: bool
    left_at: datetime | None = Field(default=None, sa_type=Utc)
    skills: list[str] = Field(sa_type=JSON)
    team: str
    started_on: date | None = None
