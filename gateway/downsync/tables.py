"""How far the office has fetched, which things it has, and where both sides had changed the same thing."""

from datetime import datetime

from sqlalchemy import LargeBinary
from sqlmodel import Field

from gateway.tables import Table, Utc


class DownStateRow(Table, table=True):
    """One row. `whole`: everything is being fetched anew, and what does not come is dropped at the end.

    `offset_ms`: how far the gateway's clock is behind central's, as last measured.
    """

    __tablename__ = "down_state"
    one: int = Field(default=1, primary_key=True)
    cursor: str | None = None
    whole: bool = True
    heard_at: datetime | None = Field(default=None, sa_type=Utc)
    complete_at: datetime | None = Field(default=None, sa_type=Utc)
    offset_ms: int = 0


class DownItemRow(Table, table=True):
    """A thing that central sent. `fault` says why its last revision could not be taken; `seen` is of a whole fetch."""

    __tablename__ = "down_items"
    kind: str = Field(primary_key=True)
    item_id: str = Field(primary_key=True)
    revision: int
    seen: bool
    fault: str = ""


class SyncConflictRow(Table, table=True):
    """Both sides had changed one thing. The values are encrypted, bound to `conflict:{conflict_id}:{side}`."""

    __tablename__ = "sync_conflicts"
    conflict_id: str = Field(primary_key=True)
    at: datetime = Field(sa_type=Utc)
    kind: str
    item_id: str
    field: str
    office_value: bytes = Field(sa_type=LargeBinary)
    company_value: bytes = Field(sa_type=LargeBinary)
    winner: str
    rule: str
