"""Signals of fraud, shown to the office's manager: ids and numbers, nothing of a customer."""

from typing import Literal

from pydantic import Field

from contracts.ids import Uuid
from contracts.rest import Wire
from contracts.values import UtcDateTime

FraudCode = Literal[
    "registered_near_arrival",
    "agent_faster_than_others",
    "number_of_many_channels",
    "walk_in_registered_after",
    "masked_behind_rivals",
]


class FraudSignal(Wire):
    """A signal to look at; no verdict reads it. `at`: when it was complete.

    `figures` by `code`, beside the settings they were held against:
    `registered_near_arrival`: `minutes_before` the arrival (negative: after), `within` minutes.
    `walk_in_registered_after`: `minutes_after` the arrival, `hours` looked at. Both: `masked` 1 or 0.
    `number_of_many_channels`: `channels`, `registrations`, `hours` between the first and the last; `at_least`, `days`.
    `agent_faster_than_others`: `n` arrivals with `median_minutes` after registration, `others_n` with
    `others_median_minutes`, their `ratio` with an interval from `ratio_low` to `ratio_high` at `confidence`;
    `at_most`, `at_least` cases.
    `masked_behind_rivals`: `followed` of `masked` registrations, their `share`; `at_least`, `at_least_share`, `hours`.
    """

    signal_id: Uuid
    code: FraudCode
    at: UtcDateTime
    figures: dict[str, float]
    registration_ids: list[Uuid]
    channel_ids: list[Uuid]
    visit_id: Uuid | None = None
    customer_id: Uuid | None = None
    agent_id: Uuid | None = None


class FraudPage(Wire):
    """Newest first. `visits` and `registrations`: how many of the period were looked at, shown signals or not.

    `names`: of the channels and agents of these items, as head office calls them.
    """

    items: list[FraudSignal] = Field(default_factory=list)
    next_cursor: str | None = None
    visits: int
    registrations: int
    policy_version: int
    names: dict[Uuid, str] = Field(default_factory=dict)
