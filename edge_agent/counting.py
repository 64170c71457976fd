"""The counting core: a device's running totals become exact increments. Pure: no clock, no I/O.

What it survives: totals that reset to 0 (also every night), wrap at 16 or 32 bits, jump, repeat, arrive late or out of
order, a device or an agent whose clock is wrong. The rules:

- the first total ever seen is the base line; people before it are not ours to count;
- a total that stays is a repeat; one that grows by a plausible step is counted;
- one of a new day, where the totals begin anew each day, is counted from 0;
- one that falls is, in this order: a late report (only where reports can overtake one another), an overflow of the
  register, or a restart of the device from 0, whose new total is counted;
- a step nobody could walk, or one too many in the long run (`edge_agent.allowance`), is kept out of the counts, flagged
  `jump`, and becomes the new base line.

Devices that tell what passed in an interval instead of totals: `edge_agent.increments`.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from contracts.events import CROSSING_FLAGS, CrossingFlag
from edge_agent.allowance import UNUSED, Allowances, Limits, Moment, Room

Flag = CrossingFlag
LATE_SECONDS = 120.0
"""A count read after a longer silence is flagged `late`: late is not live. So is one that no clock proves possible."""


@dataclass(frozen=True, slots=True)
class Totals:
    """The last totals taken, and when: `read_at` on the agent's clocks, `reported_at` on the device's own (seconds).

    `day`: the device's own day (ISO) where its totals begin at 0 each day, else empty. `allowances`: what was counted
    lately beyond the long run. `resumed`: read back from the file, which is not told of readings that changed nothing.
    """

    total_in: int
    total_out: int
    read_at: Moment
    reported_at: float | None = None
    day: str = ""
    allowances: Allowances = UNUSED
    resumed: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """What one reading adds, and what it leaves of the allowances. `accepted` is false for a report that was overtaken:
    the state stays as it was.
    """

    count_in: int
    count_out: int
    flags: tuple[Flag, ...]
    accepted: bool = True
    allowances: Allowances = UNUSED

    @property
    def silent(self) -> bool:
        return not (self.count_in or self.count_out or self.flags)


def in_order(flags: Iterable[Flag]) -> tuple[Flag, ...]:
    found = set(flags)
    if not found:
        return ()
    return tuple(flag for flag in CROSSING_FLAGS if flag in found)


def advance(last: Totals | None, now: Totals, limits: Limits) -> Step:
    """Compare a reading with the last one taken. Raises ValueError for a negative total."""
    if now.total_in < 0 or now.total_out < 0:
        raise ValueError(f"a total cannot be negative: {now.total_in}, {now.total_out}")
    if last is None:
        return Step(0, 0, ())
    if _overtaken(last, now, limits):
        return Step(0, 0, (), accepted=False)
    elapsed = now.read_at.since(last.read_at)
    room_in, room_out = (
        allowance.room(limits, now.read_at, last.read_at, resumed=last.resumed) for allowance in last.allowances
    )
    new_day = "" < last.day < now.day
    way = _from_zero if new_day else _one_way
    count_in, flags_in = way(last.total_in, now.total_in, room_in)
    count_out, flags_out = way(last.total_out, now.total_out, room_out)
    flags = flags_in | flags_out
    if (count_in or count_out) and not (
        elapsed <= LATE_SECONDS and room_in.proven(count_in) and room_out.proven(count_out)
    ):
        flags.add("late")
    if new_day and elapsed > LATE_SECONDS:
        flags.add("gap")
    return Step(count_in, count_out, in_order(flags), allowances=(room_in.after(count_in), room_out.after(count_out)))


def _one_way(last: int, now: int, room: Room) -> tuple[int, set[Flag]]:
    if now >= last:
        step = now - last
        return (step, set()) if room.plausible(step) else (0, {"jump"})
    modulus = room.limits.modulus
    if modulus is not None and last < modulus:
        wrapped = modulus - last + now
        # A register far from its top did not overflow, however long nobody looked.
        if wrapped <= modulus // 8 and room.plausible(wrapped):
            return wrapped, {"wrap"}
    return _from_zero(last, now, room)


def _from_zero(last: int, now: int, room: Room) -> tuple[int, set[Flag]]:
    return (now, {"reset"}) if room.plausible(now) else (0, {"reset", "jump"})


def _overtaken(last: Totals, now: Totals, limits: Limits) -> bool:
    """A report made before the one already taken, or, where its time does not tell, a small step back."""
    ahead = now.total_in >= last.total_in and now.total_out >= last.total_out
    if limits.overtaken_seconds <= 0 or (ahead and last.day <= now.day):
        return False
    if now.reported_at is not None and last.reported_at is not None:
        age = last.reported_at - now.reported_at
        if age != 0:
            # Older by hours is a device that restarted with its clock unset, not a late report.
            return 0 < age <= limits.overtaken_seconds
    recent = now.read_at.since(last.read_at) <= limits.overtaken_seconds
    return recent and all(
        old - new <= limits.burst < new or new >= old
        for old, new in ((last.total_in, now.total_in), (last.total_out, now.total_out))
    )
