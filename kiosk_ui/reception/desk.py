"""What the reception's page shows, and in which order. Pure but for what the gateway told."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from contracts.bookings_api import BookingView
from contracts.checkin_api import CheckInForm
from contracts.faces_api import FacesOverview, Greeting, Review, Withdrawal
from contracts.floor_api import Floor
from contracts.gateway_api import VisitView
from contracts.identity_api import MergeView
from contracts.marks_api import MarkedPeople
from contracts.readings_api import Reading
from contracts.rota_api import RotaEntry
from contracts.verdicts_api import ClaimConflict

ListName = Literal["waiting", "serving", "left"]
LISTS: tuple[ListName, ...] = ("waiting", "serving", "left")
SideName = Literal["now", "faces", "open"]
_READY = ("free", "offered", "serving", "away", "signed_out")


@dataclass
class Shown:
    """As the gateway told it last; None until it did. `asked`: of each escalated visit, whom."""

    greetings: list[Greeting] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    merges: list[MergeView] = field(default_factory=list)
    conflicts: list[ClaimConflict] = field(default_factory=list)
    withdrawals: list[Withdrawal] = field(default_factory=list)
    bookings: list[BookingView] = field(default_factory=list)
    cards: list[Reading] = field(default_factory=list)
    faces: FacesOverview | None = None
    form: CheckInForm | None = None
    floor: Floor | None = None
    left: list[VisitView] = field(default_factory=list)
    marked: list[MarkedPeople] = field(default_factory=list)
    asked: dict[str, list[str]] = field(default_factory=dict)

    def visits(self, name: ListName) -> list[VisitView]:
        if name == "left":
            return self.left
        if self.floor is None:
            return []
        return self.floor.waiting if name == "waiting" else self.floor.serving

    def visit(self, visit_id: str) -> VisitView | None:
        return next((v for name in LISTS for v in self.visits(name) if v.visit_id == visit_id), None)

    @property
    def rota(self) -> list[RotaEntry]:
        return [] if self.floor is None else self.floor.rota

    @property
    def names(self) -> dict[str, str]:
        return {entry.consultant_id: entry.name for entry in self.rota}

    def escalated(self) -> list[VisitView]:
        """Whom nobody accepted, longest waiting first; the reception's own before the manager's."""
        calls = [visit for visit in self.visits("waiting") if visit.escalation is not None]
        return sorted(calls, key=lambda v: (v.escalation != "reception", began_waiting(v)))

    def called(self, visit: VisitView) -> str | None:
        """Who is being asked about it now."""
        return next((e.name for e in self.rota if e.visit_id == visit.visit_id and e.state == "offered"), None)


def began_waiting(visit: VisitView) -> datetime:
    return visit.waiting_since or visit.opened_at


def readiest(entries: Iterable[RotaEntry], *, but: str | None = None) -> list[RotaEntry]:
    """Who can be given a party: free ones as the rota would call them, then the others."""
    order = {state: place for place, state in enumerate(_READY)}
    others = [entry for entry in entries if entry.consultant_id != but]
    return sorted(others, key=lambda e: (order[e.state], e.place if e.place is not None else len(others), e.name))


def left_today(visits: Iterable[VisitView], now: datetime, local_date: Callable[[datetime], str]) -> list[VisitView]:
    """Visits that ended on the office's today, latest first."""
    ended = [(v.closed_at, v) for v in visits if v.closed_at is not None and local_date(v.closed_at) == local_date(now)]
    return [visit for _, visit in sorted(ended, key=lambda pair: pair[0], reverse=True)]
