from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index
from sqlmodel import Field

from central.database import Base, UtcTimestamp, UuidText


class Appeal(Base, table=True):
    """An appeal (申诉) in a channel's name, filed here by an agent or at the office. `revision` 0: not yet heard there.

    What was said is AES-GCM encrypted: `text` of those filed here, the decision's `reason` of the same. `result` is
    JSON of `AppealResult`.
    """

    __tablename__ = "appeal"
    __table_args__ = (Index("ix_appeal_verdict", "office", "verdict_id"),)
    appeal_id: str = Field(primary_key=True, sa_type=UuidText)
    office: str = Field(max_length=40)
    verdict_id: str = Field(sa_type=UuidText)
    channel_id: str = Field(sa_type=UuidText)
    agent_id: str | None = Field(default=None, sa_type=UuidText)
    revision: int = Field(default=0, sa_type=BigInteger)
    state: str = Field(max_length=20)
    filed_at: datetime = Field(sa_type=UtcTimestamp)
    decided_at: datetime | None = Field(default=None, sa_type=UtcTimestamp)
    refusal: str = Field(default="", max_length=200)
    text_encrypted: bytes | None = None
    reason_encrypted: bytes | None = None
    result: dict[str, Any] | None = Field(default=None, sa_type=JSON)
