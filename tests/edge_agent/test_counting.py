"""Running totals become exact increments, whatever the device does to its totals."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.allowance import Limits, Moment
from edge_agent.counting import Totals, advance

STEPS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40), st.booleans()), max_size=60)


def totals(total_in: int, total_out: int = 0, *, at: float = 0.0, reported: float | None = None) -> Totals:
    return Totals(total_in, total_out, Moment(at), reported)


def walk(readings: list[Totals], limits: Limits) -> tuple[int, int, set[str]]:
    """Sums and flags of a series, the state kept as the outbox keeps it."""
    last: Totals | None = None
    counted_in = counted_out = 0
    flags: set[str] = set()
    for reading in readings:
        step = advance(last, reading, limits)
        if step.accepted:
            last = reading
        counted_in, counted_out = counted_in + step.count_in, counted_out + step.count_out
        flags |= set(step.flags)
    return counted_in, counted_out, flags


@given(STEPS, st.integers(0, 2**32 - 1))
def test_resets_and_repeats_lose_nobody(steps: list[tuple[int, int, bool]], start: int) -> None:
    total_in, total_out = start, 0
    readings = [totals(total_in, total_out)]
    for second, (step_in, step_out, restarted) in enumerate(steps, 1):
        if restarted:
            total_in, total_out = 0, 0
            readings.append(totals(0, 0, at=second - 0.5))
        total_in, total_out = total_in + step_in, total_out + step_out
        readings += [totals(total_in, total_out, at=second)] * 2
    counted = walk(readings, Limits())
    assert counted[:2] == (sum(s[0] for s in steps), sum(s[1] for s in steps))
    assert "jump" not in counted[2]


@given(STEPS, st.sampled_from([2**16, 2**32]), st.integers(1, 500))
def test_overflowing_registers_lose_nobody(steps: list[tuple[int, int, bool]], modulus: int, below_top: int) -> None:
    raw_in = raw_out = modulus - below_top
    readings = [totals(raw_in, raw_out)]
    for second, (step_in, step_out, _) in enumerate(steps, 1):
        raw_in, raw_out = raw_in + step_in, raw_out + step_out
        readings.append(totals(raw_in % modulus, raw_out % modulus, at=second))
    counted_in, counted_out, flags = walk(readings, Limits(modulus=modulus))
    assert (counted_in, counted_out) == (sum(s[0] for s in steps), sum(s[1] for s in steps))
    assert flags <= {"wrap"}


@given(st.lists(st.tuples(st.integers(0, 2**32), st.integers(0, 2**32), st.floats(0, 1e9)), max_size=40))
def test_no_series_of_totals_counts_more_than_could_walk(readings: list[tuple[int, int, float]]) -> None:
    limits = Limits(modulus=2**32, overtaken_seconds=600)
    last: Totals | None = None
    for total_in, total_out, at in readings:
        now = totals(total_in, total_out, at=at, reported=at)
        step = advance(last, now, limits)
        assert 0 <= step.count_in <= limits.most and 0 <= step.count_out <= limits.most
        last = now if step.accepted else last


@given(st.lists(st.integers(0, 5), min_size=1, max_size=30), st.data())
def test_reports_that_overtake_one_another_are_counted_once(steps: list[int], data: st.DataObject) -> None:
    total, series = 100, [totals(100, at=0, reported=0)]
    for second, step in enumerate(steps, 1):
        total += step
        series.append(totals(total, at=second, reported=second))
    late = data.draw(st.lists(st.sampled_from(series), max_size=10))
    mixed = list(series)
    for report in late:
        place = data.draw(st.integers(1, len(mixed)))
        if mixed[place - 1].reported_at >= report.reported_at:  # type: ignore[operator]
            mixed.insert(place, replace(report, read_at=mixed[place - 1].read_at))
    assert walk(mixed, Limits(overtaken_seconds=600))[0] == sum(steps)


def test_the_first_total_is_the_base_line() -> None:
    assert advance(None, totals(500, 400), Limits()).silent


def test_a_step_nobody_could_walk_is_kept_out_and_becomes_the_base_line() -> None:
    assert walk([totals(10), totals(5000, at=1), totals(5002, at=2)], Limits()) == (2, 0, {"jump"})


def test_a_long_outage_makes_a_large_step_plausible_and_late() -> None:
    assert walk([totals(10), totals(510, at=3600)], Limits()) == (500, 0, {"late"})


def test_a_reset_far_from_the_top_is_no_overflow_after_a_day_of_silence() -> None:
    assert walk([totals(1000), totals(20, at=86_400)], Limits(modulus=2**16)) == (20, 0, {"reset", "late"})


def test_a_reset_to_an_implausible_total_is_not_counted() -> None:
    assert walk([totals(100_000), totals(60_000, at=1)], Limits()) == (0, 0, {"reset", "jump"})


def test_a_device_that_restarted_with_its_clock_unset_is_a_reset_not_a_late_report() -> None:
    limits = Limits(overtaken_seconds=600)
    series = [totals(300, at=0, reported=1_700_000_000), totals(2, at=60, reported=946_684_800)]
    assert walk(series, limits) == (2, 0, {"reset"})


def test_a_small_step_back_without_a_device_clock_is_an_overtaken_report() -> None:
    limits = Limits(overtaken_seconds=600)
    assert walk([totals(100), totals(103, at=1), totals(100, at=2), totals(104, at=3)], limits) == (4, 0, set())


def test_a_report_delivered_again_within_the_same_second_of_the_devices_clock_counts_nobody_twice() -> None:
    limits = Limits(overtaken_seconds=600)
    series = [totals(100, reported=50), totals(103, at=1, reported=51), totals(102, at=2, reported=51)]
    assert walk([*series, totals(104, at=3, reported=51)], limits) == (4, 0, set())


def test_a_negative_total_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        advance(None, totals(-1), Limits())


def test_a_clock_set_while_the_agent_runs_makes_nothing_late_and_nothing_implausible() -> None:
    before, after = Moment(1_000.0, "b", 50.0), Moment(1_700_000_000.0, "b", 51.0)
    assert advance(Totals(10, 0, before), Totals(12, 0, after), Limits()).flags == ()
    assert advance(Totals(10, 0, after), Totals(12, 0, Moment(1_000.0, "b", 52.0)), Limits()).count_in == 2
    assert advance(Totals(10, 0, before), Totals(500, 0, after), Limits()).flags == ("jump",)


def daily(total: int, day: str, at: float, reported: float | None = None) -> Totals:
    return Totals(total, 0, Moment(at), reported, day)


def test_totals_of_a_new_day_are_counted_from_0_also_when_they_have_passed_yesterdays() -> None:
    evening, morning = daily(500, "2026-11-21", 0.0), daily(600, "2026-11-22", 36_000.0)
    step = advance(evening, morning, Limits())
    assert (step.count_in, step.flags) == (600, ("reset", "gap", "late"))


def test_midnight_seen_at_once_is_a_reset_and_no_gap() -> None:
    step = advance(daily(500, "2026-11-21", 0.0), daily(2, "2026-11-22", 5.0), Limits())
    assert (step.count_in, step.flags) == (2, ("reset",))


def test_yesterdays_report_that_comes_after_todays_is_overtaken() -> None:
    limits = Limits(overtaken_seconds=600)
    step = advance(daily(3, "2026-11-22", 20.0, 1020.0), daily(500, "2026-11-21", 25.0, 990.0), limits)
    assert not step.accepted and step.silent


def test_a_devices_clock_set_back_a_day_is_no_new_day() -> None:
    assert advance(daily(500, "2026-11-22", 0.0), daily(502, "2026-11-21", 5.0), Limits()).count_in == 2


FAULTS = st.sampled_from(["none", "none", "none", "repeat", "restart", "silence", "clock", "overtaken", "lost"])


@given(st.lists(st.tuples(st.integers(0, 9), FAULTS), max_size=60), st.sampled_from([2**16, 2**32]), st.integers(0, 99))
def test_whatever_happens_the_sum_is_the_truth_or_flagged(
    walked: list[tuple[int, str]], modulus: int, below_top: int
) -> None:
    """The model: people walk between two readings; a report may come twice, after a newer one (at most 10 minutes, with
    the device's own time), or never; the device may restart from 0, be silent for a day, or have its clock set while
    it restarts. Every one of these leaves the sum exact or a flag on the crossing. Outside the model, for totals alone
    cannot tell: a restart while the register is about to overflow (flagged `wrap`), and one after which more people
    passed unheard than the totals held before.
    """
    limits = Limits(modulus=modulus, overtaken_seconds=600)
    restarts = any(fault in ("restart", "clock") for _, fault in walked)
    total, at, device_clock = 1000 if restarts else modulus - below_top, 0.0, 1e9
    last = totals(total, at=at, reported=device_clock)
    truth = counted = 0
    flagged = False
    for people, fault in walked:
        seconds = 86_400.0 if fault == "silence" else 10.0
        at, device_clock, truth = at + seconds, device_clock + seconds, truth + people
        before, total = totals(total, at=at, reported=device_clock - 5), (total + people) % modulus
        if fault in ("restart", "clock") and people // 2 < before.total_in:
            total = people // 2
            device_clock = 0.0 if fault == "clock" else device_clock
        newest = totals(total, at=at, reported=device_clock)
        told = {"repeat": [newest, newest], "overtaken": [newest, before], "lost": []}.get(fault, [newest])
        for reading in told:
            step = advance(last, reading, limits)
            last = reading if step.accepted else last
            counted += step.count_in
            flagged |= bool(set(step.flags) & {"reset", "jump", "gap", "late"})
    final = advance(last, totals(total, at=at + 1, reported=device_clock + 1), limits)
    counted, flagged = counted + final.count_in, flagged or bool(set(final.flags) & {"reset", "jump"})
    assert counted == truth or flagged
    assert counted <= truth or flagged
