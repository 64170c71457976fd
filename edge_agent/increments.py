"""The counting core for devices that tell what passed in an interval: each interval is counted once. Pure.

An interval is a range of the device's own clock, or of its frame numbers. What people did in one range is the sum of
what they did in its parts, and that decides everything:

- a range that touches nothing known is counted; `gap` says that what lies directly before it is not known;
- one made of known ranges and something more (a running interval, a coarser report) adds what is more;
- the same report again (same `serial`, or the same range and numbers soon after) is a repeat and adds nothing;
- what contradicts what is known, or cannot be told from it, is kept out and flagged `jump`: a clock set back into hours
  that were counted, half an overlap, an old repeat, more people than could walk.

So the sum is never more than the truth, and where it may be less a flag says so. Repeats are known within the last
`REMEMBERED` intervals of a line; older ones are remembered as one range, into which nothing is counted any more.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from edge_agent.allowance import UNUSED, Allowance, Allowances, Limits, Moment, Room
from edge_agent.counting import LATE_SECONDS, Flag, Step, in_order

REMEMBERED = 300
REPEAT_SECONDS = 600.0
"""A report without a serial is taken for a repeat when the same one was read so shortly before."""
REORDERED = 16
"""Frames that may overtake one another; a number further back is a device that began to number anew."""
SLACK_SECONDS = 1.0
"""Some devices end an interval at :59.999 and begin the next at :00. Frame numbers have none."""
_BRIDGED = 86_400.0


@dataclass(frozen=True, slots=True)
class Interval:
    """What a device says passed in `start` … `end`: seconds of its clock, or frame numbers where `numbered`.

    `seconds`: how long it lasted, 0 when not told. `epoch`: which life of the numbers (a LoRaWAN session, one run of a
    driver). `serial`: what this report, and no other, is known by. `modulus`: where frame numbers begin anew.
    `unbounded`: it began whenever somebody looked last, so that the first one ever of a line is its base line.
    """

    count_in: int
    count_out: int
    start: float
    end: float
    seconds: float = 0.0
    epoch: str = ""
    serial: str = ""
    numbered: bool = False
    modulus: int | None = None
    unbounded: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """An interval that was counted, as it is stored.

    `place` rises with each one read of its line; `life` when numbers began anew within an epoch.
    """

    place: int
    count_in: int
    count_out: int
    start: float
    end: float
    epoch: str
    life: int
    serial: str
    read_at: Moment
    allowances: Allowances = UNUSED


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an interval adds, and what changes in what is remembered: `taken` comes, the `replaced` places go."""

    step: Step
    taken: Taken | None = None
    replaced: tuple[int, ...] = ()


def take(known: Sequence[Taken], now: Interval, read_at: Moment, limits: Limits) -> Verdict:
    """Judge an interval against those remembered of its line, in the order they were read.

    Needed of them are the one read last, the one with its serial, and those that touch where it lies (`located`).
    Raises ValueError for negative counts or an interval that does not end after its start.
    """
    if now.count_in < 0 or now.count_out < 0 or not now.end > now.start:
        raise ValueError("an interval has counts of 0 or more and ends after its start")
    twin = next((row for row in known if now.serial and row.serial == now.serial), None)
    if twin is not None:
        same = (twin.count_in, twin.count_out) == (now.count_in, now.count_out)
        return _nothing(now, () if same else ("jump",))
    last = known[-1] if known else None
    placed = located(last, now, read_at)
    if now.unbounded and last is None:
        return Verdict(Step(0, 0, ()), placed)
    peers = [row for row in known if (row.epoch, row.life) == (placed.epoch, placed.life)]
    inside = [row for row in peers if _overlap(row, placed)]
    more = _more(inside, placed)
    if more is None:
        return _nothing(now, () if _repeated(inside, placed) else ("jump",))
    elapsed = read_at.since(last.read_at) if last is not None else 0.0
    flags: set[Flag] = set()
    if (
        last is not None
        and not inside
        and not any(abs(placed.start - row.end) <= (0.0 if now.numbered else SLACK_SECONDS) for row in peers)
    ):
        flags.add("gap")
    rooms = _rooms(last, read_at, limits)
    possible = now.seconds or (limits.most / limits.per_second if last is None else elapsed)
    if not all(limits.plausible(n, possible) and room.plausible(n) for n, room in zip(more, rooms, strict=True)):
        flags.add("jump")
        more = 0, 0
    in_time = max(now.seconds, elapsed) <= LATE_SECONDS and not _before(placed, last)
    if any(more) and not (in_time and rooms[0].proven(more[0]) and rooms[1].proven(more[1])):
        flags.add("late")
    placed = replace(placed, allowances=(rooms[0].after(more[0]), rooms[1].after(more[1])))
    return Verdict(Step(*more, in_order(flags)), placed, tuple(row.place for row in inside))


def _rooms(last: Taken | None, read_at: Moment, limits: Limits) -> tuple[Room, Room]:
    """A device that could not tell for a while tells many intervals at once: what was not used meanwhile is kept, as
    many people as may come after any outage.
    """
    if last is None:
        first = Allowance(believed=-float(limits.most)).room(limits, read_at, read_at, credit=limits.most)
        return first, first
    into, out = (each.room(limits, read_at, last.read_at, credit=limits.most) for each in last.allowances)
    return into, out


def _nothing(now: Interval, flags: tuple[Flag, ...]) -> Verdict:
    return Verdict(Step(0, 0, flags if now.count_in or now.count_out else (), accepted=False))


def located(last: Taken | None, now: Interval, read_at: Moment) -> Taken:
    """Where the interval lies: frame numbers unrolled past their modulus, and in which life of the device."""
    start, life = now.start, 0
    if last is not None and last.epoch == now.epoch:
        life = last.life
        if now.numbered:
            if now.modulus:
                start += round((last.start - start) / now.modulus) * now.modulus
            if start < last.start - REORDERED:
                start, life = now.start, life + 1
    end = start + now.end - now.start
    place = last.place + 1 if last is not None else 1
    return Taken(place, now.count_in, now.count_out, start, end, now.epoch, life, now.serial, read_at)


def _overlap(row: Taken, placed: Taken) -> bool:
    common = min(row.end, placed.end) - max(row.start, placed.start)
    return common > _slack(row, placed)


def _slack(row: Taken, placed: Taken) -> float:
    return min(SLACK_SECONDS, min(row.end - row.start, placed.end - placed.start) / 4)


def _same_range(row: Taken, placed: Taken) -> bool:
    slack = _slack(row, placed)
    return abs(row.start - placed.start) <= slack and abs(row.end - placed.end) <= slack


def _more(inside: Sequence[Taken], placed: Taken) -> tuple[int, int] | None:
    """What the interval adds to known ranges that all lie within it; None when it contradicts them or hides in one."""
    for row in inside:
        slack = _slack(row, placed)
        if row.start < placed.start - slack or row.end > placed.end + slack or _same_range(row, placed):
            return None
    more_in = placed.count_in - sum(row.count_in for row in inside)
    more_out = placed.count_out - sum(row.count_out for row in inside)
    return (more_in, more_out) if min(more_in, more_out) >= 0 else None


def _repeated(inside: Sequence[Taken], placed: Taken) -> bool:
    """The same range with the same counts, read shortly before, by a device that gives its reports no serial."""
    return any(
        _same_range(row, placed)
        and (row.count_in, row.count_out) == (placed.count_in, placed.count_out)
        and not (row.serial and placed.serial)
        and placed.read_at.since(row.read_at) <= REPEAT_SECONDS
        for row in inside
    )


def _before(placed: Taken, last: Taken | None) -> bool:
    if last is None or (last.epoch, last.life) != (placed.epoch, placed.life):
        return False
    return placed.end <= last.start


def trimmed(known: Sequence[Taken]) -> tuple[Taken, ...]:
    """At most REMEMBERED: the two earliest ranges become one, or the earliest goes when its clock was another. The one
    read last stays: it holds the allowances.
    """
    rows = list(known)
    while len(rows) > REMEMBERED:
        first = min(rows[:-1], key=lambda row: (row.epoch == rows[-1].epoch, row.life, row.start))
        rows.remove(first)
        peers = [row for row in rows if (row.epoch, row.life) == (first.epoch, first.life)]
        following = min(peers, key=lambda row: row.start, default=None)
        if following is not None and following.start - first.end <= _BRIDGED:
            rows[rows.index(following)] = replace(
                following,
                count_in=first.count_in + following.count_in,
                count_out=first.count_out + following.count_out,
                start=first.start,
                serial="",
            )
    return tuple(rows)
