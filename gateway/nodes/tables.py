"""What the nodes and their devices last said of themselves."""

from datetime import datetime

from sqlmodel import Field

from gateway.tables import Table, Utc


class Node(Table, table=True):
    """`alarms`, `health`, `config_reasons` and `config_running` are JSON as the node's status has them; `config_…`
    what it said of its newest snapshot.
    """

    __tablename__ = "nodes"
    node: str = Field(primary_key=True)
    online: bool
    lag: int = 0
    unsafe: int = 0
    last_seen: datetime | None = Field(default=None, sa_type=Utc)
    version: str = ""
    stream: str | None = None
    clock_synced: bool = True
    alarms: str = "[]"
    health: str | None = None
    refused: int = 0
    config_version: int = 0
    config_state: str = "file"
    config_reasons: str = "[]"
    config_active: int = 0
    config_accepts: bool = False
    config_running: str | None = None


class NodeConfigRow(Table, table=True):
    """One version of the devices asked of a node; `devices` is JSON."""

    __tablename__ = "node_configs"
    node: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    devices: str
    checksum: str
    asked_by: str
    asked_at: datetime = Field(sa_type=Utc)


class Device(Table, table=True):
    """`facts` is the JSON of `reason`. `state_at` orders what status messages and `device.state.v1` events say."""

    __tablename__ = "devices"
    node: str = Field(primary_key=True)
    device: str = Field(primary_key=True)
    driver: str = ""
    state: str
    reason: str = ""
    facts: str = "{}"
    last_seen: datetime | None = Field(default=None, sa_type=Utc)
    state_at: datetime = Field(sa_type=Utc)
    discarded: int = 0
