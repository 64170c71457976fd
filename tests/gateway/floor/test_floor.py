"""The floor board over the API and the live stream."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.footfall import store as footfall
from gateway.footfall.domain import Minute
from gateway.footfall.store import MinuteKey
from gateway.visits.departures import close_forgotten
from tests.gateway.house import House
from tests.gateway.people import uid


async def count(house: House, at: datetime, came: int, left: int) -> None:
    minute = at.replace(second=0, microsecond=0)

    def add(uow: Any) -> None:
        key = MinuteKey(minute=minute, node="lobby", device="door-main", line=1)
        footfall.save(uow.session.connection(), {key: Minute(came, left, revision=1)})

    await house.context.writer.run(add)


async def test_an_empty_office(house: House) -> None:
    floor = await house.get("board", "/v1/floor")
    assert (floor["count_in"], floor["occupancy"], floor["capture_rate"], floor["waiting"]) == (0, 0, None, [])
    assert len(floor["hours"]) == 24
    assert floor["usual_in_by_now"] is None
    assert floor["link"]["configured"] is False
    assert {e["state"] for e in floor["rota"]} == {"signed_out"}


async def test_counts_visits_and_waits_of_today(house: House) -> None:
    now = house.clock.now
    await count(house, now - timedelta(hours=1), 10, 2)
    await count(house, now - timedelta(days=1), 99, 0)
    for weeks in (1, 2):
        await count(house, now - timedelta(weeks=weeks, hours=1), 6 * weeks, 0)
    await house.sign_in("a")
    await house.check_in("13800000001", party_size=3)
    house.clock.forward(seconds=12)
    await house.accept("a")
    await house.check_in("13800000002", party_size=2)
    house.clock.forward(seconds=60)
    floor = await house.get("board", "/v1/floor")
    assert (floor["count_in"], floor["count_out"], floor["occupancy"]) == (10, 2, 8)
    assert (floor["registered_people"], floor["capture_rate"], floor["first_visits"]) == (5, 0.5, 2)
    assert (floor["wait_now_seconds"], floor["wait_median_seconds"]) == (60, 12)
    assert [v["consultant_name"] for v in floor["serving"]] == ["顾问a"]
    hours = {h["hour"]: h for h in floor["hours"]}
    assert (hours[9]["count_in"], hours[9]["usual_in"], hours[10]["visits"]) == (10, 9.0, 2)
    assert floor["usual_in_by_now"] == 9.0
    assert [a["rule"] for a in floor["alarms"]] == ["unregistered"]


async def test_usual_of_the_example_that_central_shares(house: House) -> None:
    """12:20:45 local: whole minutes before 12:20 count. (10 + 3), (20 + 0), a quiet morning, and a week unheard of."""
    noon = house.clock.now.astimezone(house.context.timezone).replace(hour=12, minute=0, second=0, microsecond=0)
    house.clock.now = (noon + timedelta(minutes=20, seconds=45)).astimezone(UTC)
    weeks = [noon.astimezone(UTC) - timedelta(weeks=week) for week in (1, 2, 3)]
    await count(house, weeks[0] - timedelta(hours=2), 10, 0)
    await count(house, weeks[0] + timedelta(minutes=19), 3, 0)
    await count(house, weeks[0] + timedelta(minutes=20), 100, 0)
    await count(house, weeks[1] - timedelta(hours=1), 20, 0)
    await count(house, weeks[1] + timedelta(minutes=40), 100, 0)
    await count(house, weeks[2] + timedelta(hours=3), 100, 0)
    assert (await house.get("board", "/v1/floor"))["usual_in_by_now"] == 11.0


async def test_a_party_that_stepped_out_waits_from_when_it_came_back(house: House) -> None:
    await house.sign_in("a")
    visit = await house.check_in("13800000001")
    house.clock.forward(seconds=20)
    await house.accept("a")
    await house.post("a", f"/v1/visits/{visit['visit_id']}/finish", {"outcome": "toured"})
    await house.post("a", "/v1/rota/sign-out")
    house.clock.forward(minutes=10)
    await house.check_in("13800000001")
    house.clock.forward(seconds=30)
    floor = await house.get("board", "/v1/floor")
    (back,) = floor["waiting"]
    assert back["visit_id"] == visit["visit_id"]
    waited, here = (house.clock.now - datetime.fromisoformat(back[at]) for at in ("waiting_since", "opened_at"))
    assert (round(waited.total_seconds()), round(here.total_seconds())) == (30, 650)
    assert floor["wait_now_seconds"] == 30


async def test_marked_non_customers_are_taken_out_of_the_net_count(house: House) -> None:
    visit = await house.check_in(party_size=4)
    await house.post("manager", f"/v1/visits/{visit['visit_id']}/finish", {"outcome": "not_customer"})
    assert (await house.get("board", "/v1/floor"))["registered_people"] == 0


async def test_forgotten_visits_are_closed_at_closing_time_without_a_dwell(house: House) -> None:
    await house.sign_in("a")
    visit = await house.check_in("13800000001")
    await house.accept("a")
    house.clock.forward(hours=11)
    assert await house.context.writer.run(lambda uow: close_forgotten(uow, house.context)) == 1
    closed = await house.get("manager", f"/v1/visits/{visit['visit_id']}")
    assert (closed["state"], closed["close_reason"]) == ("closed", "office_closed")


async def test_the_board_may_not_read_files_nor_the_kiosk_the_floor(house: House) -> None:
    assert (await house.call("kiosk", "GET", "/v1/floor")).status_code == 403
    assert (await house.call("board", "GET", f"/v1/customers/{uid('a')}")).status_code == 403


@pytest.mark.parametrize("day", ["2026-11-22", "9999-12-31"])
async def test_of_a_day_to_come_nothing_is_counted(house: House, day: str) -> None:
    answer = await house.call("manager", "GET", f"/v1/capture?day={day}")
    assert (answer.status_code, answer.json()["code"]) == (422, "day_to_come")
    assert (await house.get("manager", "/v1/capture?day=0001-01-01"))["total"]["counted"] == 0
