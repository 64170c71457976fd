"""Counts: whatever the order and however often, minutes, hours and days agree."""

import random
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from central.timeframe import local_hour, zone_of
from contracts.facts import FootfallMinute
from tests.central.head_office import NOON, HeadOffice, Outbox, minute, visit

START = datetime(2026, 11, 17, 15, 0, tzinfo=UTC)
"""23:00 in Shanghai: the hours that follow belong to two days."""


def expected(sent: list[FootfallMinute]) -> tuple[int, int]:
    newest: dict[tuple[datetime, int], FootfallMinute] = {}
    for report in sorted(sent, key=lambda m: m.revision):
        newest[report.minute, report.line] = report
    return sum(m.count_in for m in newest.values()), sum(m.count_out for m in newest.values())


async def totals(head_office: HeadOffice, office: str) -> dict[str, tuple[int, int]]:
    window = {"from": "2026-11-17T00:00:00+08:00", "to": "2026-11-20T00:00:00+08:00"}
    found = {}
    for step in ("minute", "hour", "day"):
        series = await head_office.get("/v1/footfall", office=office, step=step, **window)
        points = series["points"]
        assert [p["at"] for p in points] == sorted({p["at"] for p in points})
        found[step] = (sum(p["count_in"] for p in points), sum(p["count_out"] for p in points))
    return found


async def test_minutes_hours_and_days_agree_in_any_order_and_with_repeats(head_office: HeadOffice) -> None:
    """A property over random reports: revisions shuffled, repeated, split over batches."""
    chance = random.Random(20261118)
    grand: list[FootfallMinute] = []
    outbox = Outbox()
    for case in range(12):
        sent = [
            minute(
                START + timedelta(minutes=chance.randrange(180)),
                device=f"door-{case}",
                line=chance.randint(1, 2),
                revision=revision,
                count_in=chance.randint(0, 50),
                count_out=chance.randint(0, 50),
            )
            for revision in range(1, 25)
        ]
        grand += [report.model_copy(update={"line": report.line + 10 * case}) for report in sent]
        deliveries = sent + chance.choices(sent, k=6)
        chance.shuffle(deliveries)
        events = [outbox.event(report) for report in deliveries]
        for start in range(0, len(events), 7):
            await head_office.send(events[start : start + 7])
        assert set((await totals(head_office, "yunqi")).values()) == {expected(grand)}


async def test_a_correction_lowers_what_was_counted(head_office: HeadOffice) -> None:
    outbox = Outbox()
    await head_office.send([outbox.event(minute(count_in=9, count_out=4))])
    await head_office.send([outbox.event(minute(count_in=2, count_out=1, revision=2))])
    assert set((await totals(head_office, "yunqi")).values()) == {(2, 1)}


async def test_hours_and_days_begin_in_the_offices_time_zone(head_office: HeadOffice) -> None:
    await head_office.admin.put("/v1/offices/yunqi", json={"name": "Y", "time_zone": "Asia/Kolkata"})
    at = datetime(2026, 11, 17, 18, 40, tzinfo=UTC)  # 00:10 on the 18th in Kolkata
    await head_office.send([Outbox().event(minute(at))])
    day = await head_office.get(
        "/v1/footfall", office="yunqi", step="day", **{"from": "2026-11-18", "to": "2026-11-18"}
    )
    assert day["points"] == [{"at": "2026-11-17T18:30:00Z", "count_in": 1, "count_out": 0}]
    hour = await head_office.get("/v1/footfall", office="yunqi", step="hour", **{"from": "2026-11-18"})
    assert hour["points"][0]["at"] == "2026-11-17T18:30:00Z"


async def test_a_changed_time_zone_moves_hours_days_and_figures(head_office: HeadOffice) -> None:
    at = datetime(2026, 11, 17, 16, 30, tzinfo=UTC)  # 00:30 on the 18th in Shanghai, 17:30 on the 17th in Berlin
    outbox = Outbox()
    await head_office.send([outbox.event(minute(at, count_in=5)), outbox.event(visit(opened_at=at))])
    await head_office.admin.put("/v1/offices/yunqi", json={"name": "Y", "time_zone": "Europe/Berlin"})
    window = {"from": "2026-11-17", "to": "2026-11-17"}
    series = await head_office.get("/v1/footfall", office="yunqi", step="day", **window)
    assert [p["count_in"] for p in series["points"]] == [5]
    hours = await head_office.get("/v1/footfall", office="yunqi", step="hour", **window)
    assert [p["at"] for p in hours["points"]] == ["2026-11-17T16:00:00Z"]
    assert len((await head_office.get("/v1/visits", office="yunqi", **window))["items"]) == 1


@given(st.integers(1_577_836_800, 1_893_456_000))
def test_an_hour_holds_its_moment_in_zones_with_odd_offsets_and_clock_changes(moment: int) -> None:
    at = datetime.fromtimestamp(moment, UTC)
    for name in ("Asia/Shanghai", "Asia/Kolkata", "Asia/Kathmandu", "Europe/Berlin", "America/St_Johns"):
        assert timedelta(0) <= at - local_hour(at, zone_of(name)) < timedelta(hours=1)


async def test_a_range_by_minute_is_bounded(head_office: HeadOffice) -> None:
    await head_office.send([Outbox().event(minute(NOON))])
    query = {"office": "yunqi", "step": "minute", "from": "2026-01-01", "to": "2026-11-01"}
    answer = await head_office.admin.get("/v1/footfall", params=query)
    assert (answer.status_code, answer.json()["code"]) == (422, "range_too_long")
