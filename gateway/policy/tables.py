"""Every policy an office has worked under."""

from datetime import datetime

from sqlmodel import Field

from gateway.tables import Table, Utc


class PolicyVersion(Table, table=True):
    """`body` is `PolicyConfig` as JSON, in force from `since` until the next version."""

    __tablename__ = "policies"
    version: int = Field(primary_key=True)
    since: datetime = Field(sa_type=Utc)
    body: str
