"""Somebody recognised leaving: what a camera at the exit does to their visit, through the real ingest."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.greetings.domain import KnownVisit
from gateway.policy import PolicyConfig
from tests.gateway.facing import Faces, ready_faces
from tests.gateway.greetings.seeing import (
    CHEN,
    Regular,
    decisions,
    open_visits,
    recognise,
    two_regulars,
    visits,
)
from tests.gateway.greetings.test_domain import NOW, TICK, judged, left
from tests.gateway.visits.test_reception import agree

EXIT = "cam-exit"


@pytest.fixture
async def people(tmp_path: Path) -> AsyncIterator[tuple[Faces, Regular]]:
    """The camera `cam-exit` of the lobby sees people leave; Chen, a regular of `a`, has just been recognised."""
    async with ready_faces(tmp_path, policy=PolicyConfig(exit_cameras=(f"lobby/{EXIT}",))) as faces:
        chen, _ = await two_regulars(faces)
        await recognise(faces, chen, camera="cam-door")
        faces.clock.forward(seconds=20)
        yield faces, chen


async def leaves(faces: Faces, who: Regular, **more: Any) -> None:
    await recognise(faces, who, camera=EXIT, track=7, **more)


async def the_visit(faces: Faces) -> Any:
    """The newest."""
    return (await visits(faces))[0]


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


async def test_whoever_waits_and_is_seen_leaving_has_left(people: tuple[Faces, Regular]) -> None:
    faces, chen = people
    offered = await faces.house.offer_of("a")
    await leaves(faces, chen)
    visit = await the_visit(faces)
    assert (visit["state"], visit["close_reason"], visit["dwell_seconds"]) == ("closed", "left", 20)
    assert visit["visit_id"] == offered["visit"]["visit_id"] and await faces.house.offer_of("a") is None
    steps = (await faces.house.get("manager", f"/v1/visits/{visit['visit_id']}/explanation"))["steps"]
    assert steps[-1]["rule"] == "exit_face"
    assert decisions(faces)[-1] == ("leave", "exit_face")
    agree(faces.house)


async def test_they_left_when_they_were_seen_not_when_it_was_told(people: tuple[Faces, Regular]) -> None:
    faces, chen = people
    seen = faces.clock.now
    faces.clock.forward(seconds=90)
    await leaves(faces, chen, seen_at=seen)
    assert moment((await the_visit(faces))["closed_at"]) == seen
    agree(faces.house)


async def test_whoever_came_back_since_they_were_seen_leaving_is_here(people: tuple[Faces, Regular]) -> None:
    faces, chen = people
    seen = faces.clock.now
    faces.clock.forward(seconds=60)
    await faces.check_in(CHEN)
    faces.clock.forward(seconds=30)
    await leaves(faces, chen, seen_at=seen)
    assert decisions(faces)[-1] == ("ignore", "exit_before_arrival")
    assert len(await open_visits(faces)) == 1
    agree(faces.house)


async def test_whoever_is_served_may_be_shown_the_site(people: tuple[Faces, Regular]) -> None:
    faces, chen = people
    await faces.house.accept("a")
    await leaves(faces, chen)
    assert (await the_visit(faces))["state"] == "serving"
    assert decisions(faces)[-1] == ("ignore", "exit_while_served")
    agree(faces.house)


async def test_told_too_late_it_ends_nothing(people: tuple[Faces, Regular]) -> None:
    faces, chen = people
    seen = faces.clock.now
    faces.clock.forward(seconds=121)
    await leaves(faces, chen, seen_at=seen)
    assert decisions(faces)[-1] == ("ignore", "late")
    assert len(await open_visits(faces)) == 1


async def test_seen_leaving_twice_they_left_once_and_no_visit_begins(people: tuple[Faces, Regular]) -> None:
    faces, chen = people
    await leaves(faces, chen)
    gone = await visits(faces)
    faces.clock.forward(seconds=90)
    await recognise(faces, chen, camera=EXIT, track=8)
    assert decisions(faces)[-1] == ("ignore", "exit_without_visit")
    assert await visits(faces) == gone
    agree(faces.house)


async def test_back_within_the_time_of_stepping_out_it_is_the_same_visit(people: tuple[Faces, Regular]) -> None:
    faces, chen = people
    await leaves(faces, chen)
    gone = await the_visit(faces)
    faces.clock.forward(minutes=14)
    await faces.check_in(CHEN)
    visit = await the_visit(faces)
    assert (visit["visit_id"], visit["state"]) == (gone["visit_id"], "offered")
    agree(faces.house)


def here(state: str = "waiting", sign: timedelta = -timedelta(minutes=5)) -> KnownVisit:
    return KnownVisit(visit_id="v", state=state, opened_at=NOW - timedelta(hours=1), last_sign_at=NOW + sign)


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        (None, ("ignore", "exit_without_visit")),
        (left(TICK), ("ignore", "exit_without_visit")),
        (here("serving"), ("ignore", "exit_while_served")),
        (here(), ("leave", "exit_face")),
        (here("offered"), ("leave", "exit_face")),
        (here(sign=timedelta()), ("leave", "exit_face")),
        (here(sign=TICK), ("ignore", "exit_before_arrival")),
    ],
)
def test_what_a_face_at_the_exit_means(last: KnownVisit | None, expected: tuple[str, str]) -> None:
    said = judged(last=last, leaving=True)
    assert (said.action, said.rule) == expected
