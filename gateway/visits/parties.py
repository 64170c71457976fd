"""Which people counted at the doors belong to which party, pure.

The rule (domain.md, Visits): a check-in belongs to door crossings up to 10 minutes before or after it. Parties choose
in the order of their check-ins, each the latest crossings before it first, then the earliest after it; nobody is chosen
twice. What an earlier party chose never depends on a later one, so the answer grows with the day and is not rewritten.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Crossing:
    """`people` came in through a door at `at`."""

    crossing_id: str
    at: datetime
    people: int


@dataclass(frozen=True, slots=True)
class Claim:
    """`people` were here at `at`; they came through a door from `since` to `until`, both included."""

    claim_id: str
    at: datetime
    people: int
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Taken:
    """So many of the people of one crossing."""

    crossing_id: str
    at: datetime
    people: int


class Doors:
    """The people who came in and whom no party has chosen yet."""

    def __init__(self, crossings: Iterable[Crossing]) -> None:
        self._crossings = sorted(crossings, key=lambda c: (c.at, c.crossing_id))
        self._times = [c.at for c in self._crossings]
        self._left = [c.people for c in self._crossings]

    def take(self, claim: Claim) -> tuple[Taken, ...]:
        """At most `claim.people`, in the order of time."""
        first, last = bisect_left(self._times, claim.since), bisect_right(self._times, claim.until)
        here = min(max(bisect_right(self._times, claim.at), first), last)
        taken: list[Taken] = []
        wanted = claim.people
        for place in (*range(here - 1, first - 1, -1), *range(here, last)):
            people = min(wanted, self._left[place])
            if people:
                self._left[place] -= people
                wanted -= people
                crossing = self._crossings[place]
                taken.append(Taken(crossing.crossing_id, crossing.at, people))
            if not wanted:
                break
        return tuple(sorted(taken, key=lambda t: (t.at, t.crossing_id)))

    def free(self) -> dict[str, int]:
        """By crossing: how many of its people nobody has chosen."""
        return {c.crossing_id: left for c, left in zip(self._crossings, self._left, strict=True)}


def earliest(at: datetime, taken: Iterable[Taken]) -> datetime:
    """The earliest signal of the party: its check-in, or who of it came through the door first."""
    return min((at, *(t.at for t in taken)))
