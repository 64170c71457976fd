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
    after = before
    for crossing in crossings:
        if crossing.sequence <= after.through.get(crossing.stream, 0):
            continue
        after = replace(
            after,
            count_in=after.count_in + crossing.count_in,
            count_out=after.count_out + crossing.count_out,
            through=after.through | {crossing.stream: crossing.sequence},
        )
    return after if after is before else replace(after, revision=before.revision + 1)


def rejoin(ours: Minute, theirs: Minute, crossings: Iterable[Crossing]) -> Minute:
    """What a rebuilt gateway counts: what it once told central (`theirs`), and its own events that central lacks.

    `crossings` are all events of that minute that it holds, in the order of their streams. Sums that say more than
    central's get a revision above both, so that central takes them. Counts that came from no stream stay as they are.
    """
    if not theirs.through:
        return ours
    whole = add(theirs, crossings)
    return theirs if whole is theirs else replace(whole, revision=max(ours.revision, theirs.revision) + 1)
