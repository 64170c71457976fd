from datetime import date, datetime

from sqlalchemy import JSON, BigInteger, Index, Integer
from sqlmodel import Field

from central.database import Base, UtcTimestamp


class FootfallMinuteRow(Base, table=True):
    """People through one line of one device in one minute, absolute; `hour` and `day` are the office's buckets.

    `through`: per stream of a node the last sequence that is counted here, for an office that loses its database.
    """

    __tablename__ = "footfall_minute"
    office: str = Field(primary_key=True, max_length=40)
    minute: datetime = Field(primary_key=True, sa_type=UtcTimestamp)
    device: str = Field(primary_key=True, max_length=200)
    line: int = Field(primary_key=True, sa_type=BigInteger)
    revision: int = Field(sa_type=BigInteger)
    hour: datetime = Field(sa_type=UtcTimestamp)
    day: date
    count_in: int = Field(sa_type=BigInteger)
    count_out: int = Field(sa_type=BigInteger)
    through: dict[str, int] = Field(default_factory=dict, sa_type=JSON)


class FootfallHourRow(Base, table=True):
    """Sum of the minutes of one local hour of an office."""

    __tablename__ = "footfall_hour"
    __table_args__ = (Index("ix_footfall_hour_at", "hour"), Index("ix_footfall_hour_day", "office", "day"))
    office: str = Field(primary_key=True, max_length=40)
    hour: datetime = Field(primary_key=True, sa_type=UtcTimestamp)
    day: date
    count_in: int = Field(sa_type=BigInteger)
    count_out: int = Field(sa_type=BigInteger)


class FootfallDayRow(Base, table=True):
    """Sum of the minutes of one local day of an office."""

    __tablename__ = "footfall_day"
    __table_args__ = (Index("ix_footfall_day_day", "day"),)
    office: str = Field(primary_key=True, max_length=40)
    day: date = Field(primary_key=True)
    count_in: int = Field(sa_type=BigInteger)
    count_out: int = Field(sa_type=BigInteger)


class CopyLine(Base, table=True):
    """A line-protocol line that the time series server has not confirmed yet; `series` names what it replaces."""

    __tablename__ = "timeseries_outbox"
    line_id: int | None = Field(
        default=None,
        primary_key=True,
        sa_type=BigInteger().with_variant(Integer, "sqlite"),
    )
    series: str = Field(max_length=400)
    line: str = Field(max_length=1000)
