"""Badges read at a door, through the real ingest: who is taken out of the net count, and who is not."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from contracts.events import BadgeRead, DoorCrossing
from tests.gateway.facing import Faces
from tests.gateway.visits.test_reception import agree

STAFF, COURIER = "a" * 16, "b" * 16


async def enter(faces: Faces, people: int = 1) -> None:
    await faces.event(DoorCrossing(count_in=people, count_out=0))


async def read(faces: Faces, badge: str = STAFF, **more: Any) -> None:
    kind = "staff" if badge == STAFF else "non_customer"
    at = more.pop("at", None)
    await faces.event(BadgeRead(badge=badge, kind=kind, **more), at=at)  # type: ignore[arg-type]


async def counted(faces: Faces) -> tuple[int, int, int, int]:
    """(counted, staff, non-customers, net)."""
    total = (await faces.house.get("manager", "/v1/capture"))["total"]
    return total["counted"], total["staff"], total["non_customers"], total["net"]


async def test_staff_and_others_with_a_badge_leave_the_net_count_with_the_reason(faces: Faces) -> None:
    await enter(faces, 4)
    await read(faces)
    await read(faces, COURIER, reason="courier")
    assert await counted(faces) == (4, 1, 1, 2)
    marks = await faces.house.get("reception", "/v1/door/non-customers")
    assert {(mark["reason"], mark["how"], mark["counted"]) for mark in marks} == {
        ("staff", "badge", 1),
        ("courier", "badge", 1),
    }
    agree(faces.house)


async def test_the_door_may_count_after_the_badge(faces: Faces) -> None:
    await read(faces)
    faces.clock.forward(seconds=30)
    await enter(faces)
    assert await counted(faces) == (1, 1, 0, 0)


@pytest.mark.parametrize(("seconds", "net"), [(60, 0), (61, 1)])
async def test_it_claims_who_came_in_within_a_minute(faces: Faces, seconds: int, net: int) -> None:
    then = faces.clock.now
    await faces.event(DoorCrossing(count_in=1, count_out=0), at=then)
    faces.clock.forward(seconds=seconds)
    await read(faces, at=then + timedelta(seconds=seconds))
    assert (await counted(faces))[3] == net


async def test_read_twice_it_is_one_passage(faces: Faces) -> None:
    await enter(faces, 2)
    await read(faces)
    faces.clock.forward(seconds=5)
    await read(faces)
    assert await counted(faces) == (2, 1, 0, 1)


async def test_on_the_way_out_it_takes_nobody_out_of_who_came_in(faces: Faces) -> None:
    await enter(faces)
    await read(faces, leaving=True)
    assert await counted(faces) == (1, 0, 0, 1)


async def test_told_late_it_corrects_the_count(faces: Faces) -> None:
    await enter(faces)
    then = faces.clock.now
    faces.clock.forward(minutes=5)
    await read(faces, at=then)
    assert await counted(faces) == (1, 1, 0, 0)


async def test_a_visit_stands_beside_a_badge(faces: Faces) -> None:
    visit = await faces.check_in()
    await enter(faces, 2)
    await read(faces, COURIER, reason="courier")
    assert (await faces.house.get("reception", f"/v1/visits/{visit['visit_id']}"))["non_customer"] is None
    assert (await counted(faces))[2:] == (1, 1)


async def test_the_desk_takes_a_wrong_one_back(faces: Faces) -> None:
    await enter(faces)
    await read(faces)
    (mark,) = await faces.house.get("reception", "/v1/door/non-customers")
    await faces.house.call("reception", "DELETE", f"/v1/door/non-customers/{mark['mark_id']}")
    assert await counted(faces) == (1, 0, 0, 1)


@pytest.mark.parametrize("badge", ["", "0417 4711", "Wang Fang", "G" * 16])
def test_a_badge_is_a_digest_and_no_name(badge: str) -> None:
    with pytest.raises(ValidationError):
        BadgeRead(badge=badge, kind="staff")
