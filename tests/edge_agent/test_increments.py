"""What passed in an interval is counted once, whatever the device and the line do to its reports."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.allowance import Limits, Moment
from edge_agent.increments import REMEMBERED, Interval, Taken, Verdict, take, trimmed

MINUTE = 60.0


def minute(number: int, count_in: int, count_out: int = 0, *, lasting: int = 1, serial: str = "") -> Interval:
    start = number * MINUTE
    return Interval(count_in, count_out, start, start + lasting * MINUTE, lasting * MINUTE, serial=serial)


def frame(number: int, count_in: int, *, epoch: str = "s1", serial: str = "", modulus: int | None = 2**16) -> Interval:
    return Interval(count_in, 0, number, number + 1, epoch=epoch, serial=serial, numbered=True, modulus=modulus)


def with_it(known: Sequence[Taken], verdict: Verdict) -> tuple[Taken, ...]:
    """What is remembered from now on."""
    if verdict.taken is None:
        return tuple(known)
    return trimmed([*(row for row in known if row.place not in verdict.replaced), verdict.taken])


@dataclass
class Line:
    """One line of a counter, its state kept as the outbox keeps it."""

    limits: Limits = field(default_factory=Limits)
    known: tuple[Taken, ...] = ()
    counted: int = 0
    at: float = 0.0
    flags: tuple[str, ...] = ()
    all_flags: set[str] = field(default_factory=set)

    def hear(self, interval: Interval, *, after: float = MINUTE) -> tuple[int, tuple[str, ...]]:
        self.at += after
        verdict = take(self.known, interval, Moment(self.at), self.limits)
        self.known = with_it(self.known, verdict)
        self.counted += verdict.step.count_in
        self.flags, self.all_flags = verdict.step.flags, self.all_flags | set(verdict.step.flags)
        return verdict.step.count_in, verdict.step.flags


def heard(*intervals: Interval) -> Line:
    line = Line()
    for interval in intervals:
        line.hear(interval)
    return line


# ---- one fault at a time --------------------------------------------------------------------------------------------
def test_intervals_that_follow_one_another_are_summed() -> None:
    line = heard(minute(0, 3), minute(1, 0), minute(2, 4))
    assert (line.counted, line.all_flags) == (7, set())


def test_the_same_report_again_adds_nothing() -> None:
    line = heard(minute(0, 3), minute(0, 3), minute(1, 2), minute(0, 3))
    assert (line.counted, line.all_flags) == (5, set())


def test_the_same_range_hours_later_cannot_be_told_from_a_clock_set_back() -> None:
    line = heard(minute(0, 3), minute(1, 1))
    assert line.hear(minute(0, 3), after=4000) == (0, ("jump",))


def test_a_serial_makes_a_repeat_known_days_later() -> None:
    line = heard(minute(0, 3, serial="a"), minute(1, 1, serial="b"))
    assert line.hear(minute(0, 3, serial="a"), after=200_000) == (0, ())


def test_the_same_range_under_another_serial_is_no_repeat() -> None:
    line = heard(minute(0, 3, serial="a"))
    assert line.hear(minute(0, 3, serial="b")) == (0, ("jump",))


def test_other_numbers_for_the_same_range_are_kept_out() -> None:
    assert heard(minute(0, 3)).hear(minute(0, 5)) == (0, ("jump",))


def test_a_missing_report_is_a_gap_and_may_still_come() -> None:
    line = heard(minute(0, 1))
    assert line.hear(minute(2, 1)) == (1, ("gap",))
    assert line.hear(minute(1, 5)) == (5, ("late",))
    assert line.hear(minute(3, 1)) == (1, ())


def test_a_running_interval_adds_what_is_more() -> None:
    line = heard(Interval(1, 0, 0, 30, 30), Interval(4, 0, 0, 60, 60), minute(1, 2))
    assert (line.counted, line.all_flags) == (6, set())


def test_a_coarser_report_of_counted_minutes_adds_nothing() -> None:
    line = heard(minute(0, 1), minute(1, 2), minute(2, 3))
    assert line.hear(minute(0, 6, lasting=3)) == (0, ())
    assert line.hear(minute(0, 2, lasting=3))[1] == ("jump",)


def test_half_an_overlap_is_kept_out() -> None:
    assert heard(minute(0, 1, lasting=2)).hear(minute(1, 4, lasting=2)) == (0, ("jump",))


def test_intervals_that_end_a_second_early_leave_no_gap() -> None:
    line = heard(Interval(1, 0, 0, 59.999, 60), Interval(1, 0, 60, 119.5, 60), Interval(1, 0, 119, 179, 60))
    assert (line.counted, line.all_flags) == (3, set())


def test_more_people_than_could_walk_are_kept_out() -> None:
    line = heard(minute(0, 1))
    assert line.hear(minute(1, 4000)) == (0, ("jump",))
    assert line.hear(minute(2, 1)) == (1, ())


def test_a_device_silent_for_a_day_is_late_and_leaves_a_gap() -> None:
    line = heard(minute(0, 1))
    assert line.hear(minute(1441, 2), after=86_400) == (2, ("gap", "late"))


@pytest.mark.parametrize("jump", [600, -600, 36 * 526_000, -36 * 526_000])
def test_a_clock_set_by_hours_or_years_is_a_gap_and_counting_goes_on(jump: int) -> None:
    line = heard(minute(0, 1), minute(1, 1))
    line.hear(minute(2 + jump, 3))
    assert line.counted == 5 and "gap" in line.flags
    line.hear(minute(3 + jump, 4))
    assert line.counted == 9 and line.flags == ()


def test_frames_are_told_apart_by_their_numbers_through_a_wrap() -> None:
    line = heard(frame(65_534, 1), frame(65_535, 2), frame(0, 3), frame(0, 3), frame(1, 4))
    assert (line.counted, line.all_flags) == (10, set())


def test_a_frame_overtaken_by_the_next_is_counted() -> None:
    line = heard(frame(7, 1), frame(9, 2), frame(8, 3), frame(10, 4))
    assert line.counted == 10 and line.all_flags == {"gap", "late"}


def test_a_device_that_joins_again_begins_to_number_anew() -> None:
    line = heard(*(frame(n, 1) for n in range(100)), frame(0, 2, epoch="s2"), frame(1, 2, epoch="s2"))
    assert line.counted == 104 and line.all_flags == {"gap"}
    unnamed = heard(*(frame(n, 1) for n in range(100)), frame(0, 2), frame(1, 2))
    assert unnamed.counted == 104 and unnamed.all_flags == {"gap"}


def test_old_frames_delivered_again_after_a_restart_are_known_by_their_serial() -> None:
    frames = [frame(n, 1, serial=f"{n}") for n in range(60)]
    assert heard(*frames, *frames).counted == 60


def test_what_is_remembered_is_bounded_and_old_repeats_still_add_nothing() -> None:
    minutes = [minute(n, 1) for n in range(REMEMBERED * 3)]
    line = heard(*minutes)
    assert len(line.known) == REMEMBERED and line.counted == len(minutes)
    assert line.hear(minutes[5]) == (0, ("jump",))
    assert line.hear(minute(len(minutes), 1)) == (1, ())


@pytest.mark.parametrize("interval", [minute(0, -1), minute(0, 1, -1), replace(minute(0, 1), end=0.0)])
def test_what_is_no_interval_is_refused(interval: Interval) -> None:
    with pytest.raises(ValueError, match="interval"):
        take((), interval, Moment(0.0), Limits())


# ---- all of them together -------------------------------------------------------------------------------------------
@st.composite
def reports(draw: st.DrawFn) -> tuple[list[int], list[Interval]]:
    """People of each minute, and the reports of it: some lost, told twice, told late, or told again more coarsely."""
    people = draw(st.lists(st.integers(0, 9), min_size=1, max_size=40))
    told: list[Interval] = []
    for number, count in enumerate(people):
        fate = draw(st.sampled_from(["told", "told", "told", "lost", "twice", "late", "coarse"]))
        report = minute(number, count)
        if fate == "coarse":
            lasting = draw(st.integers(1, number + 1))
            first = number + 1 - lasting
            report = minute(first, sum(people[first : number + 1]), lasting=lasting)
        place = draw(st.integers(max(len(told) - 5, 0), len(told))) if fate == "late" else len(told)
        told[place:place] = [] if fate == "lost" else [report] * (2 if fate == "twice" else 1)
    return people, told


@given(reports(), st.sampled_from([0, 0, -15, 30_000_000]), st.integers(0, 40))
def test_whatever_happens_the_sum_is_the_truth_or_flagged(
    told: tuple[list[int], list[Interval]], shift: int, from_minute: int
) -> None:
    """The model: reports may be lost, come twice within ten minutes, late, out of order, or tell known minutes again
    more coarsely; the device's clock may be set once, by a quarter of an hour or by years. Only the first minutes,
    before anything was heard, and those after the last report are not seen to be missing.
    """
    people, intervals = told
    line, change = Line(), from_minute * MINUTE
    intervals = [i for i in intervals if not shift or not i.start < change < i.end]
    for interval in intervals:
        moved = shift * MINUTE if interval.start >= change else 0.0
        told_at = max(interval.end, line.at) + 5.0
        line.hear(replace(interval, start=interval.start + moved, end=interval.end + moved), after=told_at - line.at)
    assert line.counted <= sum(people)
    ranges = [range(int(i.start // MINUTE), int(i.end // MINUTE)) for i in intervals]
    seen = people[min((r.start for r in ranges), default=0) : max((r.stop for r in ranges), default=0)]
    assert line.counted == sum(seen) or line.all_flags & {"gap", "jump"}


@given(st.lists(st.tuples(st.floats(0, 1e6), st.floats(0.01, 1e5), st.integers(0, 60), st.booleans()), max_size=30))
def test_no_reports_count_a_stretch_of_time_twice(drawn: Sequence[tuple[float, float, int, bool]]) -> None:
    line = Line(Limits(burst=10**6))
    for start, seconds, count, again in drawn:
        interval = Interval(count, 0, start, start + seconds, seconds)
        for _ in range(1 + again):
            line.hear(interval)
    disjoint: list[Taken] = sorted(line.known, key=lambda row: row.start)
    assert all(
        min(a.end, b.end) - b.start <= min(1.0, (min(a.end - a.start, b.end - b.start)) / 4 + 1e-6)
        for a, b in pairwise(disjoint)
    )
    assert line.counted == sum(row.count_in for row in line.known)
