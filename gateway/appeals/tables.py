"""Appeals as they stand."""

from datetime import datetime

from sqlalchemy import Index, LargeBinary
from sqlmodel import Field

from gateway.tables import Table, Utc


class AppealRow(Table, table=True):
    """`text` is bound to the record `appeal:{appeal_id}:text`, `reason` to `appeal:{appeal_id}:reason`."""

    __tablename__ = "appeals"
    __table_args__ = (Index("ix_appeals_state", "state", "appeal_id"),)
    appeal_id: str = Field(primary_key=True)
    revision: int = 0
    visit_id: str = Field(index=True)
    verdict_id: str = Field(index=True)
    party_kind: str
    party_id: str = Field(index=True)
    agent_id: str | None = None
    state: str = "open"
    text: bytes = Field(sa_type=LargeBinary)
    filed_at: datetime = Field(sa_type=Utc)
    filed_by: str
    decided_at: datetime | None = Field(default=None, sa_type=Utc)
    decided_by: str | None = None
    reason: bytes | None = Field(default=None, sa_type=LargeBinary)
    result_verdict_id: str | None = None
