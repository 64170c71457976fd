"""A greeting ends with its visit, on every screen at once; what was answered stays on record."""

from typing import Any

import pytest

from contracts.gateway_api import FinishRequest
from tests.gateway.facing import Faces
from tests.gateway.greetings.seeing import (
    Regular,
    answer,
    decisions,
    greetings,
    open_visits,
    recognise,
    thats_me,
    the_greeting,
)

LEFT = FinishRequest(outcome="left").model_dump()


@pytest.fixture
async def greeted(faces: Faces, people: tuple[Regular, Regular]) -> Any:
    """Chen's greeting, on the kiosk, at the reception and on the owner's tablet."""
    await recognise(faces, people[0])
    return await the_greeting(faces)


async def shown(faces: Faces) -> list[int]:
    return [len(await greetings(faces, who)) for who in ("kiosk", "reception", "a")]


async def leave(faces: Faces, greeting: Any, path: str = "departure", who: str = "reception", body: Any = None) -> None:
    await faces.house.post(who, f"/v1/visits/{greeting['visit_id']}/{path}", body)


@pytest.mark.parametrize(
    ("path", "who", "body"),
    [
        ("departure", "reception", None),
        ("finish", "manager", LEFT),
        ("non-customer", "reception", {"reason": "courier"}),
    ],
)
async def test_nobody_is_greeted_any_more_once_the_visit_is_over(
    faces: Faces, greeted: Any, path: str, who: str, body: Any
) -> None:
    assert await shown(faces) == [1, 1, 1]
    await leave(faces, greeted, path, who, body)
    assert await shown(faces) == [0, 0, 0]
    assert (await thats_me(faces, greeted["greeting_id"])).json()["code"] == "greeting_over"


async def test_a_confirmed_one_leaves_the_tablet_too_and_keeps_who_confirmed_it(faces: Faces, greeted: Any) -> None:
    await answer(faces, "kiosk", greeted["greeting_id"], "confirm")
    await leave(faces, greeted)
    assert await shown(faces) == [0, 0, 0]
    assert faces.rows("SELECT state, decided_by FROM greetings") == [("expired", "kiosk")]


async def test_another_visits_greeting_stays(faces: Faces, greeted: Any, people: tuple[Regular, Regular]) -> None:
    await recognise(faces, people[1])
    await leave(faces, greeted)
    (other,) = await greetings(faces)
    assert other["customer"]["customer_id"] == people[1].customer_id


async def test_the_camera_that_saw_them_a_moment_ago_does_not_call_them_back(
    faces: Faces, greeted: Any, people: tuple[Regular, Regular]
) -> None:
    await leave(faces, greeted)
    faces.clock.forward(seconds=2)
    await recognise(faces, people[0])
    assert (await open_visits(faces), len(decisions(faces))) == ([], 1)


async def test_who_comes_back_is_greeted_anew(faces: Faces, greeted: Any, people: tuple[Regular, Regular]) -> None:
    await leave(faces, greeted)
    faces.clock.forward(minutes=5)
    await recognise(faces, people[0], track=50)
    again = await the_greeting(faces)
    assert again["greeting_id"] != greeted["greeting_id"] and await shown(faces) == [1, 1, 1]
