"""What the nodes and their devices last said of themselves."""

from datetime import datetime

from sqlmodel import Field

from gateway.tables import Table, Utc


class Node(Table, table=True):
    __tablename__ = "nodes"
    node: str = Field(primary_key=True)
    online: bool
    lag: int = 0
    unsafe: int = 0
    last_seen: datetime | None = Field(default=None, sa_type=Utc)
    version: str = ""
    stream: str | None = None
    clock_synced: bool = True


class Device(Table, table=True):
    """`state_at` orders what status messages and `device.state.v1` events say."""

    __tablename__ = "devices"
    node: str = Field(primary_key=True)
    device: str = Field(primary_key=True)
    driver: str = ""
    state: str
    reason: str = ""
    last_seen: datetime | None = Field(default=None, sa_type=Utc)
    state_at: datetime = Field(sa_type=Utc)
