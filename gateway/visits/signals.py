"""Signals: everything that says that somebody came, was joined, or left. Visits are made of nothing else.

A signal tells when something happened, never what followed from it. A party is whoever one customer file stands for; a
party that nobody knows is named by the signal that it first gave.
"""

from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict

from contracts.events import Count
from contracts.values import UtcDateTime

ArrivalKind = Literal["kiosk", "reception", "qr", "id_card", "face", "button"]
DepartureKind = Literal["finish", "reception_departure", "exit_face"]
Kind = Literal[
    "crossing",
    ArrivalKind,
    "joiner",
    DepartureKind,
    "named",
    "mark",
    "mistaken",
    "not_back",
    "unmark",
]
ARRIVALS = frozenset(get_args(ArrivalKind))
DEPARTURES = frozenset(get_args(DepartureKind))
_RANKS: dict[str, int] = {"crossing": 0, "joiner": 2, "named": 4, "mark": 5, "mistaken": 5, "not_back": 5, "unmark": 6}

STAFF = "staff"
"""The reason of a mark that takes out somebody who works here; every other reason is a non-customer's."""


class Signal(BaseModel):
    """`at`: when it happened, gateway time. `late`: it was told more than 2 minutes after.

    | kind | what it says |
    |---|---|
    | crossing | `people` came in through a door |
    | kiosk, reception, qr, id_card, face, button | a `party` of `people` is here; without a party nobody knows who |
    | joiner | `people` more belong to the visit that `about` arrived on |
    | finish, reception_departure, exit_face | the party of `about` left; `reason` is the outcome |
    | named | the visit of `about` is that `party`'s; without one it is nobody's we know |
    | mark | the visit of `about`, or without one `people` at the door, are no customers: `reason`, told by `how` |
    | unmark | the mark `about` (of a visit: any of its signals) was wrong |
    | mistaken | the arrival `about` never was: nobody, or somebody of another visit (`reason`) |
    | not_back | the party of `about` had not come back after all |
    """

    model_config = ConfigDict(frozen=True)
    signal_id: str
    at: UtcDateTime
    kind: Kind
    late: bool = False
    party: str | None = None
    about: str | None = None
    people: Count = 1
    reason: str = ""
    how: Literal["", "badge", "scan", "note"] = ""


def in_order(signal: Signal) -> tuple[object, ...]:
    """By time; at one instant who comes before who goes, and what is said of a visit after the visit."""
    rank = 1 if signal.kind in ARRIVALS else 3 if signal.kind in DEPARTURES else _RANKS[signal.kind]
    return signal.at, rank, signal.signal_id
