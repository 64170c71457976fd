"""What an office aims at. Data, so that a board can say whether a figure is good."""

from pydantic import BaseModel, ConfigDict, Field


class Targets(BaseModel):
    """What the office aims at; section `[board]` of the configuration. Times in seconds, rates as shares of 1.

    `capture_rate` follows the 漏登 rule of the business: an hour with 20 % or more unregistered people is an alarm, one
    with fewer than `capture_min_people` says nothing.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    wait_seconds: int = Field(default=180, ge=10)
    wait_late_seconds: int = Field(default=300, ge=10)
    capture_rate: float = Field(default=0.8, gt=0, le=1)
    capture_min_people: int = Field(default=10, ge=1)
    serving_long_minutes: int = Field(default=30, ge=1)
    near_usual: float = Field(default=0.1, ge=0, le=1)
