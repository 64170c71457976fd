"""People through the doors."""

from datetime import datetime

from sqlmodel import Field

from gateway.tables import Table, Utc


class FootfallMinuteRow(Table, table=True):
    """Absolute sums of one device line in the minute that begins at `minute`; `revision` rises with every change.

    `through` is a JSON object: per stream of a node the sequence up to which its events are counted here.
    """

    __tablename__ = "footfall_minutes"
    __table_args__ = ({"sqlite_with_rowid": False},)
    minute: datetime = Field(sa_type=Utc, primary_key=True)
    node: str = Field(primary_key=True)
    device: str = Field(primary_key=True)
    line: int = Field(primary_key=True)
    count_in: int
    count_out: int
    revision: int
    through: str = "{}"
