"""Who said «that is me» is asked what any check-in asks, less what is known, and has a while to answer."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from gateway.config import ProjectConfig
from gateway.policy import PolicyConfig
from tests.gateway.facing import Faces, ready_faces
from tests.gateway.greetings.seeing import Regular, answer, recognise, thats_me, the_greeting, two_regulars

LAKE, HILL = (ProjectConfig(project=name, name=name) for name in ("lake", "hill"))


@pytest.fixture
async def asking(tmp_path: Path) -> AsyncIterator[Faces]:
    """An office of two projects whose kiosk asks the gate questions."""
    policy = PolicyConfig(gate_questions="kiosk")
    async with ready_faces(tmp_path, policy=policy, projects=(LAKE, HILL)) as opened:
        yield opened


@pytest.fixture
async def chen(asking: Faces) -> Regular:
    return (await two_regulars(asking))[0]


async def greeted(faces: Faces, who: Regular) -> str:
    await recognise(faces, who)
    return str((await the_greeting(faces))["greeting_id"])


async def form(faces: Faces, greeting_id: str, who: str = "kiosk") -> Any:
    return await faces.house.call(who, "GET", f"/v1/greetings/{greeting_id}/form")


def asked(found: Any) -> tuple[list[str], list[str]]:
    body = found.json()
    return [each["project"] for each in body["projects"]], body["questions"] if body["gate_questions"] else []


async def test_the_project_and_two_gate_questions_are_asked(asking: Faces, chen: Regular) -> None:
    greeting = await greeted(asking, chen)
    assert asked(await form(asking, greeting)) == (["lake", "hill"], ["family_visited", "contacted"])


async def test_nothing_is_asked_where_no_check_in_asks(faces: Faces, people: tuple[Regular, Regular]) -> None:
    assert asked(await form(faces, await greeted(faces, people[0]))) == ([], [])


async def test_the_answers_are_the_visits_and_its_verdict_names_them(asking: Faces, chen: Regular) -> None:
    greeting = await greeted(asking, chen)
    said = await thats_me(asking, greeting, project="hill", gate={"family_visited": True})
    visit = await asking.house.get("reception", f"/v1/visits/{said.json()['visit_id']}")
    told = (await asking.house.get("manager", f"/v1/visits/{visit['visit_id']}/explanation"))["verdicts"][-1]
    (note,) = [note for note in told["rules"] if note["rule"] == "gate_answers"]
    assert (visit["project"], note["reason"], note["facts"]["family_visited"]) == ("hill", "gate_family_unknown", True)


async def test_what_was_said_on_the_visit_that_goes_on_is_not_asked_again(asking: Faces, chen: Regular) -> None:
    visit = await asking.check_in(chen.phone, project="lake", gate={"contacted": False})
    await asking.house.post("reception", f"/v1/visits/{visit['visit_id']}/departure")
    asking.clock.forward(minutes=5)
    assert asked(await form(asking, await greeted(asking, chen))) == ([], ["family_visited"])


async def test_a_project_that_is_not_sold_here_is_refused(asking: Faces, chen: Regular) -> None:
    refused = await thats_me(asking, await greeted(asking, chen), project="moon")
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown_project")


async def test_who_said_so_at_this_screen_may_take_longer_than_a_greeting_is_shown(
    asking: Faces, chen: Regular
) -> None:
    greeting = await greeted(asking, chen)
    assert (await answer(asking, "kiosk", greeting, "confirm")).status_code == 200
    asking.clock.forward(minutes=3)
    assert (await thats_me(asking, greeting, project="lake")).status_code == 201


async def test_a_confirmation_by_the_reception_does_not_open_the_kiosk_for_longer(asking: Faces, chen: Regular) -> None:
    greeting = await greeted(asking, chen)
    await answer(asking, "reception", greeting, "confirm")
    asking.clock.forward(minutes=3)
    assert (await form(asking, greeting)).json()["code"] == "greeting_over"


async def test_other_screens_are_not_told_what_to_ask(asking: Faces, chen: Regular) -> None:
    greeting = await greeted(asking, chen)
    assert [(await form(asking, greeting, who)).status_code for who in ("kiosk2", "reception")] == [404, 403]
