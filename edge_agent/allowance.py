"""How many people may have passed: a leaky bucket for each line and direction of a counter. Pure: no clock, no I/O.

Its level is how many were counted beyond what `per_second` explains; it falls by `per_second` and holds `burst`. So in
any time T that begins with a reading no more than burst + per_second · T are counted, however often the counter is
read, and a counter whose people never exceed that loses nobody. Two levels are kept, for two kinds of clock:

- `sure` falls only by time that is proven: measured by the clock nobody can set, or, after a boot, the time the
  machine runs. What does not fit below it is flagged `late`: it may be true, but no clock proves it.
- `believed` falls by what the wall clock says too. What does not fit below it is kept out and flagged `jump`.

A clock set wrongly across a boot therefore makes nothing sure, brings at most `most` people that are flagged, and
locks nothing: both levels fall again with the next second.
"""

from dataclasses import dataclass

_ROUNDING = 0.01
"""People: times are stored in milliseconds, levels as binary fractions."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When the agent read something, in seconds: its wall clock, and the clock nobody can set, counted from `boot`."""

    wall: float
    boot: str = ""
    monotonic: float = 0.0

    def since(self, earlier: "Moment") -> float:
        """Seconds from `earlier`; never less than 0. A wall clock that was set meanwhile matters only across a boot."""
        return max(self.wall - earlier.wall, self.proven_since(earlier)) if self._booted(earlier) else self._on(earlier)

    def proven_since(self, earlier: "Moment") -> float:
        """Seconds that passed since `earlier` whatever the wall clock says: after a boot, those since the boot."""
        if self._booted(earlier):
            return self.monotonic if earlier.boot and self.boot else 0.0
        return self._on(earlier)

    def _booted(self, earlier: "Moment") -> bool:
        return self.boot != earlier.boot

    def _on(self, earlier: "Moment") -> float:
        return max(self.monotonic - earlier.monotonic if self.boot else self.wall - earlier.wall, 0.0)


@dataclass(frozen=True, slots=True)
class Limits:
    """What is possible for one counter.

    `modulus`: 2**16 or 2**32 in the unit of the totals when the register overflows, else None. `burst`: people that may
    pass at once; `per_second`: people a second in the long run; `most`: told by one reading, after any outage.
    `overtaken_seconds`: reports no older than this may arrive after newer ones; 0 where the agent asks itself and the
    answer is always the newest.
    """

    modulus: int | None = None
    burst: int = 50
    per_second: float = 5.0
    most: int = 5000
    overtaken_seconds: float = 0.0

    def plausible(self, step: int, elapsed: float) -> bool:
        """Whether so many can have passed in so many seconds, whatever passed before."""
        return step <= max(self.burst, min(self.most, int(self.per_second * elapsed)))


@dataclass(frozen=True, slots=True)
class Allowance:
    """Both levels after a reading, in people. `believed` below 0 is credit for reports that were held back."""

    sure: float = 0.0
    believed: float = 0.0

    def room(
        self, limits: Limits, now: Moment, before: Moment, *, resumed: bool = False, credit: float = 0.0
    ) -> "Room":
        """What may be counted `now`. `before`: the last reading remembered; `resumed`: there may have been later ones
        that changed nothing, so that only the level has fallen since. `credit`: people of unused time that are kept.
        """
        sure = self.sure - limits.per_second * now.proven_since(before)
        believed = self.believed - limits.per_second * now.since(before)
        return Room(limits, max(sure, 0.0) if resumed else sure, max(believed, -float(limits.most)), credit)


@dataclass(frozen=True, slots=True)
class Room:
    """Both levels before the people of a reading; below 0 by what can have passed since the reading before it."""

    limits: Limits
    sure: float
    believed: float
    credit: float = 0.0

    def plausible(self, step: int) -> bool:
        limits = self.limits
        return step <= max(limits.most, limits.burst) and step + self.believed <= limits.burst + _ROUNDING

    def proven(self, step: int) -> bool:
        return step + self.sure <= self.limits.burst + _ROUNDING

    def after(self, step: int) -> Allowance:
        """The levels once `step` people were counted, 0 when they were kept out."""
        sure = self.sure + step if self.proven(step) else self.sure
        return Allowance(max(sure, 0.0), max(self.believed + step, -self.credit))


Allowances = tuple[Allowance, Allowance]
"""Those of in and of out."""
UNUSED: Allowances = (Allowance(), Allowance())
