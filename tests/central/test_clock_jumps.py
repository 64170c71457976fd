"""Days on which an office's clock jumps, and an office far ahead: nobody is left out of hours, days or totals."""

from datetime import UTC, date, timedelta
from zoneinfo import ZoneInfo

import pytest

from central.timeframe import day_start
from tests.central.head_office import Files, Outbox, minute, running, visit
from tests.central.test_overview import shown

HALF_HOUR = timedelta(minutes=30)


@pytest.mark.parametrize(
    ("zone", "day", "bars", "half_hours"),
    [
        ("America/New_York", date(2026, 3, 8), 23, 46),
        ("America/New_York", date(2026, 11, 1), 25, 50),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24, 49),
        ("Australia/Lord_Howe", date(2026, 10, 4), 24, 47),
        ("Pacific/Kiritimati", date(2026, 3, 8), 24, 48),
    ],
)
async def test_everybody_of_the_day_is_in_its_hours_and_nobody_of_another(
    files: Files, zone: str, day: date, bars: int, half_hours: int
) -> None:
    begin, end = (day_start(each, ZoneInfo(zone)) for each in (day, day + timedelta(days=1)))
    moments = [begin + n * HALF_HOUR for n in range(half_hours)]
    assert moments[-1] + HALF_HOUR == end
    async with running(files, clock=lambda: end - timedelta(seconds=1)) as hq:
        await hq.admin.put("/v1/offices/yunqi", json={"name": "Y", "time_zone": zone})
        outbox = Outbox()
        others = [begin - HALF_HOUR, end]
        counted = [outbox.event(minute(at)) for at in (*moments, *others)]
        visits = [outbox.event(visit(opened_at=at)) for at in (*moments, *others)]
        await hq.send([*counted, *visits])
        found = await shown(hq)
        assert (found.today.date, found.today.count_in, found.today.visits) == (day.isoformat(), half_hours, half_hours)
        assert (len(found.hours), sum(point.count_in for point in found.hours)) == (bars, half_hours)
        assert found.hours[0].at == begin.astimezone(UTC) and all(point.count_in for point in found.hours)
