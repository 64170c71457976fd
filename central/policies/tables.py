from datetime import datetime

from sqlmodel import Field

from central.database import Base, UtcTimestamp


class OfficePolicy(Base, table=True):
    """One version of the rules of an office. `body` is `PolicyConfig` as JSON; the highest version is in force."""

    __tablename__ = "office_policy"
    office: str = Field(primary_key=True, max_length=40)
    version: int = Field(primary_key=True)
    since: datetime = Field(sa_type=UtcTimestamp)
    body: str
