"""Everything taken from the nodes, and where each of their streams stands."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from gateway.tables import Table, Utc


class TakenEvent(Table, table=True):
    """One event. `time` is its corrected time; `clock_wrong` says that the device's own was not believed."""

    __tablename__ = "events"
    __table_args__ = (UniqueConstraint("stream", "sequence", name="uq_events_stream_sequence"),)
    id: str = Field(primary_key=True)
    stream: str
    sequence: int
    node: str
    device: str
    type: str
    time: datetime = Field(sa_type=Utc)
    device_time: datetime = Field(sa_type=Utc)
    received_at: datetime = Field(sa_type=Utc, index=True)
    late: bool
    clock_wrong: bool
    data: str


class NodeStream(Table, table=True):
    """One outbox of a node. `committed`: all up to it is here; `safe`: and what came of it is at central."""

    __tablename__ = "streams"
    stream: str = Field(primary_key=True)
    node: str
    committed: int = 0
    safe: int = 0
    refused: str | None = None
    first_at: datetime = Field(sa_type=Utc)
    last_at: datetime = Field(sa_type=Utc)


class SafeMark(Table, table=True):
    """Once central has `uplink_sequence`, everything of the stream up to `sequence` is safe."""

    __tablename__ = "safe_marks"
    uplink_sequence: int = Field(primary_key=True)
    stream: str = Field(primary_key=True)
    sequence: int
