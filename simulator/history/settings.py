"""What `python -m simulator history` is told."""

from datetime import date
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator

from contracts.ids import Slug, Uuid
from contracts.values import UtcDateTime
from simulator.settings import BrokerSettings, Settings


class HistoryOffice(Settings):
    """`live`: a real gateway runs here, so only days before today are told, and door counts go to that gateway."""

    office: Slug
    live: bool = False
    time_zone: str = "Asia/Shanghai"
    token_file: Path
    seal_key_file: Path
    stream: Uuid
    crossings_stream: Uuid | None = None
    consultants: list[Uuid]
    left: Uuid | None = None
    """A consultant who took part in the first days and has left."""
    parties_per_day: Annotated[float, Field(gt=0, le=600)]
    number_block: Annotated[int, Field(ge=0, le=90_000)]

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"no time zone {name!r}") from None
        return name


class HistorySettings(Settings):
    """`started_at` is the first start of this office-in-a-box: up to then the live office's doors are invented."""

    seed: int = 1
    first_day: date
    started_at: UtcDateTime
    progress_file: Path
    central_url: str
    broker: BrokerSettings = BrokerSettings()
    node: Slug = "history"
    batch: Annotated[int, Field(ge=1, le=1000)] = 250
    offices: list[HistoryOffice]
