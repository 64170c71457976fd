"""What `python -m simulator people` is told."""

from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator

from contracts.ids import Slug
from contracts.rest import StaffNo
from simulator.settings import Settings


class ConsultantSettings(Settings):
    staff_no: StaffNo
    pin_file: Path


class RegularFace(Settings):
    """Two portraits of one simulated visitor, by the stem of their files."""

    enrol: str
    live: str
    height: Annotated[float, Field(ge=0.1, le=3)] = 0.95
    """How large the pictures are shown: their faces fill different parts of them."""
    consents: bool = True


class RegularsSettings(Settings):
    """Visitors with a face: they come again and again, past the door's camera. `control` is that of the cameras."""

    control: Path
    door_camera: Slug
    desk_camera: Slug
    faces: list[RegularFace]
    first_seconds: tuple[float, float] = (15.0, 40.0)
    away_seconds: tuple[float, float] = (90.0, 180.0)


class StoriesSettings(Settings):
    """What a first start tells, so that the manager's desk is not empty. At least two consultants are played."""

    reception: ConsultantSettings


class PeopleSettings(Settings):
    """Durations and rates are those at `speed` 1; a speed of 2 doubles the arrivals and halves the stays."""

    gateway_url: str
    kiosk_token_file: Path
    board_token_file: Path
    control: Path
    time_zone: str = "Asia/Shanghai"
    seed: int = 1
    speed: Annotated[float, Field(gt=0, le=100)] = 1.0
    parties_per_hour: Annotated[float, Field(gt=0, le=600)] = 30.0
    first_arrivals_seconds: tuple[float, ...] = (4.0, 9.0, 20.0)
    """The first parties come soon after the start, so that whoever just started it sees it work."""
    walk_seconds: tuple[float, float] = (2.0, 8.0)
    typing_seconds: tuple[float, float] = (1.0, 4.0)
    stay_seconds: tuple[float, float] = (120.0, 270.0)
    reaction_seconds: tuple[float, float] = (2.0, 7.0)
    door: Slug = "door-main"
    hall: Slug = "hall"
    button: Slug = "button-1"
    projects: tuple[Slug, ...] = ()
    """What the office asks visitors to choose from; nothing where it sells one."""
    numbers_from: Annotated[int, Field(ge=0, le=9_000)] = 0
    consultants: list[ConsultantSettings]
    regulars: RegularsSettings | None = None
    stories: StoriesSettings | None = None

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"no time zone {name!r}") from None
        return name
