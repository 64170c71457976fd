"""Verdicts, never edited: new evidence makes a new row."""

from datetime import datetime

from sqlmodel import Field

from gateway.tables import Table, Utc


class VerdictRow(Table, table=True):
    """`evidence` and `rules` are JSON of `Evidence` and of the rule notes; together they replay the verdict."""

    __tablename__ = "verdicts"
    verdict_id: str = Field(primary_key=True)
    visit_id: str = Field(index=True)
    made_at: datetime = Field(sa_type=Utc)
    source: str
    owner_id: str | None = None
    rule: str
    evidence: str
    rules: str
    policy_version: int
