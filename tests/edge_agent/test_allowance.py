"""In the long run no counter counts more than it may, whatever it says and whatever happens to agent and clocks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.allowance import Limits, Moment
from edge_agent.counting import Step, Totals, advance
from edge_agent.increments import Interval, Taken, take
from tests.edge_agent.test_increments import with_it

LIMITS = st.builds(
    lambda burst, rate, most: Limits(burst=burst, per_second=rate, most=most),
    *(st.integers(1, 60), st.sampled_from([0.1, 1.0, 5.0]), st.integers(60, 2000)),
)
HAPPENS = st.sampled_from(["nothing", "nothing", "nothing", "kill", "boot", "clock"])
SECONDS = st.sampled_from([0.0, 0.1, 1.0, 10.0, 60.0, 400.0, 30_000.0])
SET_TO = st.sampled_from([-1e9, -3600.0, 0.0, 0.5, 60.0, 119.0, 3600.0, 1e9])
"""How far the wall clock is set, from wherever it stood."""
STORY = st.lists(st.tuples(SECONDS, st.integers(0, 400), HAPPENS, SET_TO), max_size=40)
ROUNDING = 0.05
"""People; each reading may be off by a hundredth."""


@dataclass
class Machine:
    """A node with its true time, and clocks that may be set. A boot takes 20 s."""

    at: float = 1000.0
    boots: int = 0
    booted_at: float = 0.0
    wrong: float = 0.0

    @property
    def moment(self) -> Moment:
        return Moment(1.7e9 + self.at + self.wrong, f"boot-{self.boots}", self.at - self.booted_at)

    def suffer(self, what: str, set_by: float) -> None:
        if what == "boot":
            self.boots, self.booted_at, self.at = self.boots + 1, self.at, self.at + 20
        if what in ("boot", "clock"):
            self.wrong += set_by


@dataclass
class TotalsLine:
    """As the outbox keeps it: only what changed is in the file."""

    limits: Limits
    last: Totals | None = None
    stored: Totals | None = None

    def hear(self, total: int, at: Moment) -> Step:
        now = Totals(total, 0, at)
        step = advance(self.last, now, self.limits)
        now = replace(now, allowances=step.allowances)
        if self.last is None or self.last.total_in != total:
            self.stored = now
        self.last = now
        return step

    def killed(self) -> None:
        self.last = self.stored and replace(self.stored, resumed=True)


@dataclass
class IntervalsLine:
    """A device that tells a fresh interval of its own clock each time, as long as it likes."""

    limits: Limits
    known: tuple[Taken, ...] = ()
    total: int = 0
    clock: float = 0.0

    def hear(self, total: int, at: Moment) -> Step:
        people, self.total = total - self.total, total
        interval = Interval(people, 0, self.clock, self.clock + 60, seconds=60)
        self.clock += 60
        verdict = take(self.known, interval, at, self.limits)
        self.known = with_it(self.known, verdict)
        return verdict.step

    def killed(self) -> None:
        """Everything it took is in the file."""


@dataclass
class Run:
    """What was counted when, in true seconds; apart what carries no `late`."""

    counted: list[tuple[float, int]] = field(default_factory=list)
    sure: list[tuple[float, int]] = field(default_factory=list)
    flags: set[str] = field(default_factory=set)

    def note(self, at: float, step: Step) -> None:
        self.counted.append((at, step.count_in))
        self.sure.append((at, 0 if "late" in step.flags else step.count_in))
        self.flags |= set(step.flags)


Kind = Callable[[Limits], TotalsLine | IntervalsLine]
BOTH = pytest.mark.parametrize("kind", [TotalsLine, IntervalsLine])


def told(kind: Kind, limits: Limits, story: Sequence[tuple[float, int, str, float]], machine: Machine) -> Run:
    line, run, total = kind(limits), Run(), 0
    run.note(machine.at, line.hear(0, machine.moment))
    for seconds, people, happens, set_by in story:
        machine.at += seconds
        machine.suffer(happens, set_by)
        if happens in ("kill", "boot"):
            line.killed()
        total += people
        run.note(machine.at, line.hear(total, machine.moment))
    return run


def beyond(limits: Limits, counted: list[tuple[float, int]]) -> float:
    """By how many people the worst window between two readings exceeds burst + per_second · T; at most 0 is right."""
    worst = 0.0
    for first in range(len(counted) - 1):
        began = counted[first][0]
        for (at, _), people in zip(
            counted[first + 1 :], accumulate(count for _, count in counted[first + 1 :]), strict=True
        ):
            worst = max(worst, people - limits.burst - limits.per_second * (at - began))
    return worst


@BOTH
@given(LIMITS, STORY)
def test_what_is_sure_never_exceeds_burst_and_rate_in_any_window(
    kind: Kind, limits: Limits, story: list[tuple[float, int, str, float]]
) -> None:
    run = told(kind, limits, story, Machine())
    assert beyond(limits, run.sure) <= ROUNDING


@BOTH
@given(LIMITS, STORY)
def test_all_that_is_counted_is_bounded_whatever_the_clocks_say(
    kind: Kind, limits: Limits, story: list[tuple[float, int, str, float]]
) -> None:
    machine = Machine()
    run = told(kind, limits, story, machine)
    at_once = limits.burst + limits.most
    seconds = machine.at - 1000.0
    assert sum(n for _, n in run.counted) <= at_once * (1 + machine.boots) + limits.per_second * seconds + ROUNDING


@given(LIMITS, st.lists(st.tuples(SECONDS, st.floats(0, 1), HAPPENS), max_size=40))
def test_an_honest_counter_loses_nobody_through_kills_boots_and_clocks_set_forward(
    limits: Limits, story: list[tuple[float, float, str]]
) -> None:
    """People come as many as may, or a part of them. A clock set back across a boot is outside: it hides time."""
    machine, line, run, total, level = Machine(), TotalsLine(limits), Run(), 0, 0.0
    line.hear(0, machine.moment)
    for seconds, share, happens in story:
        before = machine.at
        machine.at += seconds
        machine.suffer(happens, 5e8 if happens == "clock" else 0.0)
        if happens in ("kill", "boot"):
            line.killed()
        level -= limits.per_second * (machine.at - before)
        people = int(min((limits.burst - level) * share, max(limits.most, limits.burst)))
        level, total = max(level + people, 0.0), total + people
        run.note(machine.at, line.hear(total, machine.moment))
    assert sum(n for _, n in run.counted) == total and "jump" not in run.flags


@BOTH
@given(LIMITS, STORY)
def test_no_past_locks_a_counter(kind: Kind, limits: Limits, story: list[tuple[float, int, str, float]]) -> None:
    machine, line, total = Machine(), kind(limits), 0
    line.hear(0, machine.moment)
    for seconds, people, happens, set_by in story:
        machine.at += seconds
        machine.suffer(happens, set_by)
        total += people
        line.hear(total, machine.moment)
    machine.at += limits.burst / limits.per_second + 1
    line.hear(total, machine.moment)
    machine.at += 1
    step = line.hear(total + limits.burst, machine.moment)
    assert (step.count_in, step.flags) == (limits.burst, ())


def test_a_counter_that_adds_a_little_at_each_reading_is_stopped_at_the_rate() -> None:
    machine, line, run = Machine(), TotalsLine(Limits()), Run()
    line.hear(0, machine.moment)
    for reading in range(1, 601):
        machine.at += 0.1
        run.note(machine.at, line.hear(reading * 20, machine.moment))
    assert 300 <= sum(n for _, n in run.counted) <= 50 + 5 * 60
    assert run.flags == {"jump"}


def test_what_only_the_wall_clock_explains_is_counted_and_not_called_sure() -> None:
    machine, line = Machine(), TotalsLine(Limits())
    line.hear(0, machine.moment)
    line.killed()
    machine.suffer("boot", set_by=60.0)
    step = line.hear(300, machine.moment)
    assert (step.count_in, step.flags) == (300, ("late",))
