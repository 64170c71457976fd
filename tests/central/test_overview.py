"""The console's page: every office side by side."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from contracts.central_api import OfficeOverview, Overview
from contracts.facts import SaleRecorded
from contracts.ids import uuid7
from tests.central.head_office import NOON, Files, HeadOffice, Outbox, minute, running, visit


@pytest.fixture
async def at_noon(files: Files) -> AsyncIterator[HeadOffice]:
    async with running(files, clock=lambda: NOON) as office:
        yield office


async def shown(head_office: HeadOffice, office: str = "yunqi", days: int = 14) -> OfficeOverview:
    page = Overview.model_validate(await head_office.get("/v1/overview", days=days))
    return next(entry for entry in page.offices if entry.office.office == office)


async def test_todays_figures_and_who_is_there_now(at_noon: HeadOffice) -> None:
    outbox = Outbox()
    ten = NOON - timedelta(hours=2)
    who = {"customer_id": uuid7(), "consultant_id": uuid7()}
    events = [
        minute(ten, count_in=9, count_out=2),
        minute(NOON - timedelta(minutes=3), count_in=4, count_out=1),
        visit(state="closed", opened_at=ten, accepted_at=ten + timedelta(seconds=40), kind="return"),
        visit(state="serving", opened_at=ten, accepted_at=ten + timedelta(seconds=80), party_size=3),
        visit(state="waiting", opened_at=NOON - timedelta(minutes=1)),
        visit(state="offered", opened_at=NOON - timedelta(minutes=1)),
        visit(state="waiting", opened_at=NOON - timedelta(days=1)),
        visit(state="closed", opened_at=ten, accepted_at=ten + timedelta(hours=1), close_reason="mistaken"),
        visit(state="closed", opened_at=ten, close_reason="not_customer", party_size=9),
        SaleRecorded(fact_id=uuid7(), kind="contract", amount_fen=500, at=NOON, **who),
        SaleRecorded(fact_id=uuid7(), kind="payment", amount_fen=200, at=NOON, **who),
        SaleRecorded(fact_id=uuid7(), kind="intent", amount_fen=0, at=NOON, **who),
    ]
    await at_noon.send([outbox.event(data) for data in events])
    found = await shown(at_noon)
    today = found.today
    assert (today.date, today.count_in, today.count_out, found.occupancy) == ("2026-11-18", 13, 3, 10)
    assert (today.visits, today.first_visits, today.return_visits, today.registered_people) == (4, 3, 1, 9)
    assert (today.waiting_median_seconds, found.waiting_now, found.serving_now) == (60, 2, 1)
    assert (today.intents, today.contracts, today.contract_fen, today.payments_fen) == (1, 1, 500, 200)
    assert [point.count_in for point in found.hours] == [0] * 10 + [9, 4, 0]
    assert found.days[-1] == today
    assert [day.date for day in found.days][:2] == ["2026-11-05", "2026-11-06"]
    assert found.days[-2].visits == 1
    assert found.office.last_heard_at == NOON
    assert found.office.lag_seconds == 0


async def test_usual_is_the_mean_of_the_same_weekday_up_to_the_same_time(at_noon: HeadOffice) -> None:
    outbox = Outbox()
    events = []
    for week, people in ((1, 10), (2, 20), (3, 60)):
        then = NOON - timedelta(weeks=week)
        events += [
            minute(then - timedelta(hours=3), count_in=people),
            minute(then + timedelta(minutes=1), count_in=1000),
            minute(then - timedelta(days=1, hours=3), count_in=500),
        ]
    await at_noon.send([outbox.event(data) for data in events])
    assert (await shown(at_noon)).usual_in_by_now == 30


async def test_usual_counts_single_minutes_of_the_hour_under_way(files: Files) -> None:
    async with running(files, clock=lambda: NOON + timedelta(minutes=20)) as head_office:
        outbox, then = Outbox(), NOON - timedelta(weeks=1)
        events = [minute(then + timedelta(minutes=m), count_in=1) for m in range(0, 60, 5)]
        await head_office.send([outbox.event(data) for data in events])
        assert (await shown(head_office)).usual_in_by_now == 4


async def test_an_office_without_history_has_no_usual(at_noon: HeadOffice) -> None:
    await at_noon.admin.put("/v1/offices/linan", json={"name": "L"})
    assert (await shown(at_noon, "linan")).usual_in_by_now is None


async def test_a_visit_moved_to_another_day_leaves_the_old_one(at_noon: HeadOffice) -> None:
    outbox, first = Outbox(), visit(opened_at=NOON - timedelta(days=1))
    await at_noon.send([outbox.event(first)])
    await at_noon.send([outbox.event(first.model_copy(update={"revision": 2, "opened_at": NOON}))])
    assert [day.visits for day in (await shown(at_noon, days=2)).days] == [0, 1]


async def test_usual_of_the_example_that_the_floor_board_shares(files: Files) -> None:
    """12:20:45 local: whole minutes before 12:20 count. (10 + 3), (20 + 0), a quiet morning, and a week unheard of."""
    async with running(files, clock=lambda: NOON + timedelta(minutes=20, seconds=45)) as head_office:
        outbox = Outbox()
        weeks = [NOON - timedelta(weeks=week) for week in (1, 2, 3)]
        events = [
            minute(weeks[0] - timedelta(hours=2), count_in=10),
            minute(weeks[0] + timedelta(minutes=19), count_in=3),
            minute(weeks[0] + timedelta(minutes=20), count_in=100),
            minute(weeks[1] - timedelta(hours=1), count_in=20),
            minute(weeks[1] + timedelta(minutes=40), count_in=100),
            minute(weeks[2] + timedelta(hours=3), count_in=100),
        ]
        await head_office.send([outbox.event(data) for data in events])
        assert (await shown(head_office)).usual_in_by_now == 11.0


async def test_a_morning_nobody_came_in_is_usual_too(at_noon: HeadOffice) -> None:
    await at_noon.send([Outbox().event(minute(NOON - timedelta(weeks=1, hours=-1), count_in=7))])
    assert (await shown(at_noon)).usual_in_by_now == 0
