from datetime import datetime

from sqlalchemy import JSON
from sqlmodel import Field

from central.database import Base, UtcTimestamp, UuidText


class Channel(Base, table=True):
    """An agency (渠道). `offices` are those it works for: they hear of its agents."""

    __tablename__ = "channel"
    channel_id: str = Field(primary_key=True, sa_type=UuidText)
    name: str = Field(max_length=60)
    offices: list[str] = Field(sa_type=JSON)
    active: bool
    created_at: datetime = Field(sa_type=UtcTimestamp)


class Agent(Base, table=True):
    """An agent (经纪人). Name and the key of the dynamic QR are AES-GCM encrypted."""

    __tablename__ = "agent"
    agent_id: str = Field(primary_key=True, sa_type=UuidText)
    channel_id: str = Field(sa_type=UuidText, index=True)
    staff_no: str = Field(max_length=20, unique=True)
    name_encrypted: bytes
    pin_hash: str
    code_key_encrypted: bytes
    active: bool
    created_at: datetime = Field(sa_type=UtcTimestamp)


class Project(Base, table=True):
    """A project (项目) that an office sells."""

    __tablename__ = "project"
    office: str = Field(primary_key=True, max_length=40)
    project: str = Field(primary_key=True, max_length=40)
    name: str = Field(max_length=60)
    active: bool
