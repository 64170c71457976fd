"""The uplink outbox. Rows stay until central says `safe`, so that a rebuilt central can be given them again."""

from datetime import datetime

from sqlmodel import Field

from gateway.tables import Table, Utc


class UplinkEvent(Table, table=True):
    """One fact for central; `sequence` counts within the current stream, from 1, without gaps."""

    __tablename__ = "uplink_events"
    sequence: int = Field(primary_key=True)
    id: str = Field(unique=True)
    source: str
    type: str
    time: datetime = Field(sa_type=Utc)
    data: str


class UplinkStream(Table, table=True):
    """The one row (`singleton` = 1) that says which stream we send and how far central has it."""

    __tablename__ = "uplink_stream"
    singleton: int = Field(default=1, primary_key=True)
    stream: str
    last_sequence: int = 0
    committed: int = 0
    safe: int = 0
    epoch: str | None = None
    last_ack_at: datetime | None = Field(default=None, sa_type=Utc)
