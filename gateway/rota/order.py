"""The order of the rota: make-ups, the ring, teams that alternate; and who begins when sign-in times tie."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction

from gateway.policy import PolicyConfig
from gateway.rota.model import Inputs, Seat
from gateway.rota.skips import is_absent_undeclared

_NEVER = datetime.min.replace(tzinfo=UTC)


def in_order(inputs: Inputs, policy: PolicyConfig) -> list[Seat]:
    """Make-ups of those who are free first, by the time of the missed turn; then the ring."""
    ring = _ring(inputs.seats, policy)
    owed = [
        (s.make_up_since, s)
        for s in ring
        if s.make_up_since is not None and s.state == "free" and not is_absent_undeclared(s, inputs, policy)
    ]
    first = [s for _, s in sorted(owed, key=lambda pair: (pair[0], pair[1].place))]
    made_up = {s.consultant_id for s in first}
    return first + [s for s in ring if s.consultant_id not in made_up]


def _ring(seats: Sequence[Seat], policy: PolicyConfig) -> list[Seat]:
    """By place; where teams alternate, the team whose last turn is the longest ago, then whose foremost is earliest."""
    by_place = sorted(seats, key=lambda s: s.place)
    if policy.teams != "alternate":
        return by_place
    last: dict[str, datetime] = {}
    foremost: dict[str, int] = {}
    for seat in by_place:
        last[seat.team] = max(last.get(seat.team, _NEVER), seat.last_turn_at or _NEVER)
        foremost.setdefault(seat.team, seat.place)
    return sorted(by_place, key=lambda s: (last[s.team], foremost[s.team]))


@dataclass(frozen=True, slots=True)
class DayShare:
    """One earlier day of the week: who signed in, and how many turns each was offered."""

    present: frozenset[str]
    offered: Mapping[str, int]


def balances(week: Iterable[DayShare]) -> dict[str, Fraction]:
    """Turns that each is behind (positive) or ahead of an equal share of every day they worked."""
    found: dict[str, Fraction] = {}
    for day in week:
        share = Fraction(sum(day.offered.get(p, 0) for p in day.present), max(len(day.present), 1))
        for person in day.present:
            found[person] = found.get(person, Fraction(0)) + share - day.offered.get(person, 0)
    return found


def carried_on(people: Sequence[str], week: Iterable[DayShare], last_turns: Mapping[str, datetime]) -> list[str]:
    """Who signed in at the same time: furthest behind their share of this week first, then after the last turn offered.

    `people` come in the order they signed in, to the instant, which decides between those who never had a turn.

    With everybody at work every day this is the ring going on where it stopped; for days worked it is pro rata.
    """
    behind = balances(week)
    return sorted(people, key=lambda p: (-behind.get(p, Fraction(0)), last_turns.get(p, _NEVER)))


def tie_window(signed_in: datetime, policy: PolicyConfig) -> int:
    """Which stretch of the local day a sign-in falls into; two in the same stretch tie. `signed_in` is local time."""
    return (signed_in.hour * 60 + signed_in.minute) // policy.sign_in_tie_minutes
