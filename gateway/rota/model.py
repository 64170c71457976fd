"""The values that the rota (轮排) decides with: seats, requests, and decisions stored with all they read."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from contracts.gateway_api import AwayReason, Source, TurnCandidate, TurnOrder
from contracts.values import UtcDateTime

SeatState = Literal["free", "offered", "serving", "away", "signed_out"]
ORDERS: tuple[TurnOrder, ...] = ("walk_in", "channel")


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Absence(_Frozen):
    """A declared absence; without `until` it ends when they say so."""

    reason: AwayReason
    since: UtcDateTime
    until: UtcDateTime | None = None


@dataclass(frozen=True, slots=True)
class Seat:
    """One consultant of the day as the rota sees them. `place` orders the ring (smaller is earlier)."""

    consultant_id: str
    place: int
    state: SeatState
    free_since: datetime | None = None
    seen_at: datetime | None = None
    """Last sign of life of their tablet since they signed in; None when there never was one, which proves nothing."""
    absence: Absence | None = None
    busy_with_return: bool = False
    """The party they serve, or are asked for, is a returning customer."""
    make_up_since: datetime | None = None
    """When the turn that they may still make up was missed."""
    team: str = ""
    skills: tuple[str, ...] = ()
    started_on: date | None = None
    last_turn_at: datetime | None = None
    """When they were last offered a turn of this order today."""


class Ask(_Frozen):
    """A consultant was already offered this visit."""

    consultant_id: str
    at: UtcDateTime
    to_all: bool = False
    declined: bool = False


class Step(_Frozen):
    """The visit was put before the manager, or on the reception's screen."""

    rule: Literal["rota.manager", "rota.reception"]
    at: UtcDateTime


class Request(_Frozen):
    """A visit looking for a consultant. The preferred ones are asked first, in this order, without using a turn."""

    visit_id: str
    source: Source = "walk_in"
    owner_id: str | None = None
    returning_to: str | None = None
    """The consultant who was serving when the party stepped out."""
    asked_for: str | None = None
    needs: tuple[str, ...] = ()
    """Skills that this party asks for, as `language:en`, `product:loft`, `school:…`."""
    asked: tuple[Ask, ...] = ()
    """Who was asked in the present wait."""
    steps: tuple[Step, ...] = ()
    """How far up the ladder the present wait has come."""


class Override(_Frozen):
    """Somebody decided past the rota. `by` is a person, or a device of the reception."""

    kind: Literal["assigned", "handed_over"]
    consultant_id: str
    by: str
    reason: str


class Inputs(_Frozen):
    """Everything `decide` reads, stored (without names) with each decision so that anybody can replay it."""

    request: Request
    order: TurnOrder = "walk_in"
    seats: tuple[Seat, ...]
    now: UtcDateTime
    arrival_time: time
    """When the present wait began, in the office's time of day: it decides whether a turn is used."""
    today: date
    policy_version: int
    override: Override | None = None


class Skip(_Frozen):
    """Why a consultant cannot be offered a turn now; `passed`: the ring goes past them; `make_up`, `lost`: and then."""

    reason: str
    passed: bool = False
    make_up: bool = False
    lost: bool = False
    facts: dict[str, Any] = {}


class Decision(_Frozen):
    """What follows: offers to `chosen`, `to_end` moved to the end of the ring in that order, make-ups opened and used.

    `lost` had no make-up to keep: their turn came while they were away without a word, or longer than declared.
    Nobody chosen means that the visit waits at the head of the queue until somebody is free.
    """

    rule: str
    order: TurnOrder = "walk_in"
    uses_turn: bool
    chosen: tuple[str, ...]
    to_end: tuple[str, ...] = ()
    make_ups_opened: tuple[str, ...] = ()
    make_up_used: str | None = None
    lost: tuple[str, ...] = ()
    candidates: tuple[TurnCandidate, ...] = ()
