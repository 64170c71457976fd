"""Minute sums as pure values: each event of a node counts once, however often it comes."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Crossing:
    """People through one line of one device in one minute, as the event at `sequence` of `stream` says."""

    stream: str
    sequence: int
    count_in: int
    count_out: int


@dataclass(frozen=True, slots=True)
class Minute:
    """Absolute sums of one device line in one minute. `through`: per stream, the last sequence that is in them."""

    count_in: int = 0
    count_out: int = 0
    revision: int = 0
    through: dict[str, int] = field(default_factory=dict)


def add(before: Minute, crossings: Iterable[Crossing]) -> Minute:
    """`before` and what it does not hold yet; itself when it holds all. A stream comes in its order."""
    count_in, count_out, through = before.count_in, before.count_out, dict(before.through)
    for crossing in crossings:
        if crossing.sequence > through.get(crossing.stream, 0):
            count_in, count_out = count_in + crossing.count_in, count_out + crossing.count_out
            through[crossing.stream] = crossing.sequence
    return before if through == before.through else Minute(count_in, count_out, before.revision + 1, through)


def rejoin(ours: Minute, theirs: Minute, crossings: Iterable[Crossing]) -> Minute:
    """What a rebuilt gateway counts: what it once told central (`theirs`), and its own events that central lacks.

    `crossings` are all events of that minute that it holds, in the order of their streams. Sums that say more than
    central's get a revision above both, so that central takes them. Counts that came from no stream stay as they are.
    """
    if not theirs.through:
        return ours
    whole = add(theirs, crossings)
    return theirs if whole is theirs else replace(whole, revision=max(ours.revision, theirs.revision) + 1)
