"""The right side of the desk: what there is to do now, recognition, and whatever was opened, one over the other."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from contracts.gateway_api import CustomerView, Explanation, VisitView
from contracts.identity_api import FoundBy, FoundCustomer, PartyMember

Tab = Literal["now", "bookings", "faces"]
Kind = Literal["found", "visit", "file"]


@dataclass(frozen=True)
class Found:
    """What a search found. `complaint`: why there is nothing to show, as a code."""

    items: tuple[FoundCustomer, ...] = ()
    more: bool = False
    complaint: str = ""
    kind: Kind = "found"
    key: str = ""


@dataclass(frozen=True)
class OpenVisit:
    """One visit with its decisions."""

    visit: VisitView
    explanation: Explanation
    kind: Kind = "visit"

    @property
    def key(self) -> str:
        return self.visit.visit_id


@dataclass(frozen=True)
class OpenFile:
    """One customer's file. `beside`: the other files of the search it came from, which may be the same person's.

    `visits` None until they are read.
    """

    customer: CustomerView
    reasons: tuple[FoundBy, ...] = ()
    beside: tuple[FoundCustomer, ...] = ()
    visits: tuple[VisitView, ...] | None = None
    party: tuple[PartyMember, ...] = ()
    kind: Kind = "file"

    @property
    def key(self) -> str:
        return self.customer.customer_id


Opened = Found | OpenVisit | OpenFile


@dataclass
class Side:
    """`opened`: the last one is on top; closing it shows the one below, and at last the tab."""

    tab: Tab = "now"
    opened: list[Opened] = field(default_factory=list)

    @property
    def top(self) -> Opened | None:
        return self.opened[-1] if self.opened else None

    def shows(self, kind: Kind, key: str) -> bool:
        return self.top is not None and (self.top.kind, self.top.key) == (kind, key)

    def put(self, one: Opened) -> None:
        """On top; the same thing opened again takes its own place, and a search begins anew."""
        if one.kind == "found":
            self.opened = []
        below = [each for each in self.opened if (each.kind, each.key) != (one.kind, one.key)]
        self.opened = [*below, one]

    def renew(self, one: Opened) -> bool:
        """The same thing as it is now, where it lies. False when it was closed meanwhile."""
        for place, each in enumerate(self.opened):
            if (each.kind, each.key) == (one.kind, one.key):
                self.opened[place] = one
                return True
        return False

    def close(self) -> bool:
        """False when there was nothing to close."""
        if not self.opened:
            return False
        self.opened.pop()
        return True

    def choose(self, tab: Tab) -> None:
        self.tab, self.opened = tab, []
