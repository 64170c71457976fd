"""Recognition prompts a person: «not me», «not this person», and what then becomes of the visit."""

from datetime import timedelta
from typing import Any

import pytest

from tests.gateway.facing import Faces
from tests.gateway.greetings.seeing import (
    Regular,
    answer,
    decisions,
    file_of,
    greetings,
    open_visits,
    recognise,
    recognise_at,
    stored,
    the_greeting,
    visits,
)
from tests.gateway.people import uid


async def explanation(faces: Faces, visit_id: str) -> Any:
    return await faces.house.get("manager", f"/v1/visits/{visit_id}/explanation")


@pytest.mark.parametrize("who", ["kiosk", "a", "reception", "m"])
async def test_not_me_closes_a_visit_on_which_nothing_happened(
    faces: Faces, people: tuple[Regular, Regular], who: str
) -> None:
    chen, _ = people
    before = faces.rows("SELECT last_visit_at FROM customers WHERE customer_id = ?", chen.customer_id)
    await recognise(faces, chen)
    greeting = await the_greeting(faces)
    said = await answer(faces, who, greeting["greeting_id"], "wrong")
    assert said.status_code == 200, said.text
    again = await answer(faces, who, greeting["greeting_id"], "wrong")
    assert again.status_code == 200
    assert await open_visits(faces) == []
    visit = (await visits(faces))[0]
    assert (visit["close_reason"], visit["customer"], visit["kind"]) == ("mistaken", None, "unknown")
    assert await faces.house.offer_of("a") is None
    assert await faces.house.offer_of("b") is None
    assert file_of(faces, chen) == (1, uid("a"))
    assert faces.rows("SELECT last_visit_at FROM customers WHERE customer_id = ?", chen.customer_id) == before
    assert await greetings(faces) == []
    told = (await explanation(faces, visit["visit_id"]))["verdicts"]
    assert [verdict["rule"] for verdict in told] == ["live_ownership", "walk_in"]
    assert all(note["rule"] != "face" for note in told[-1]["rules"])
    assert faces.rows("SELECT state, reason FROM greetings")[0][0] == "wrong"
    floor = await faces.house.get("manager", "/v1/floor")
    assert (floor["return_visits"], floor["registered_people"]) == (0, 2)


async def test_once_received_the_visit_stays_and_is_nobodys_we_know(
    faces: Faces, people: tuple[Regular, Regular]
) -> None:
    chen, _ = people
    await recognise(faces, chen)
    greeting = await the_greeting(faces)
    served = await faces.house.accept("a")
    assert (await answer(faces, "a", greeting["greeting_id"], "wrong")).status_code == 200
    (visit,) = await open_visits(faces)
    assert (visit["visit_id"], visit["state"], visit["customer"], visit["kind"]) == (
        served["visit_id"],
        "serving",
        None,
        "unknown",
    )
    assert (visit["owner_id"], visit["consultant_id"]) == (uid("a"), uid("a"))
    assert file_of(faces, chen) == (1, uid("a"))
    timeline = await faces.house.get("manager", f"/v1/customers/{chen.customer_id}/timeline")
    assert len([entry for entry in timeline["items"] if entry["kind"] == "visit"]) == 1


async def test_a_number_that_was_typed_outlives_a_face_taken_back(
    faces: Faces, people: tuple[Regular, Regular]
) -> None:
    chen, _ = people
    await recognise(faces, chen)
    greeting = await the_greeting(faces)
    await faces.check_in(chen.phone)
    assert (await answer(faces, "reception", greeting["greeting_id"], "wrong")).status_code == 200
    (visit,) = await open_visits(faces)
    assert visit["customer"]["customer_id"] == chen.customer_id
    assert file_of(faces, chen)[0] == 2


async def test_a_reopened_visit_is_closed_again_as_it_was(faces: Faces, people: tuple[Regular, Regular]) -> None:
    chen, _ = people
    await faces.check_in(chen.phone)
    served = await faces.house.accept("a")
    await faces.house.post("a", f"/v1/visits/{served['visit_id']}/finish", {"outcome": "toured"})
    closed = faces.rows("SELECT closed_at, close_reason, consultant_id FROM visits ORDER BY visit_id DESC LIMIT 1")
    faces.clock.forward(minutes=10)
    await recognise(faces, chen)
    greeting = await the_greeting(faces)
    assert (await answer(faces, "reception", greeting["greeting_id"], "wrong")).status_code == 200
    assert await open_visits(faces) == []
    assert (
        faces.rows("SELECT closed_at, close_reason, consultant_id FROM visits ORDER BY visit_id DESC LIMIT 1") == closed
    )
    assert file_of(faces, chen)[0] == 2
    assert await faces.house.offer_of("a") is None


async def test_a_stranger_received_in_a_reopened_visit_gets_one_of_their_own(
    faces: Faces, people: tuple[Regular, Regular]
) -> None:
    chen, _ = people
    await faces.check_in(chen.phone)
    served = await faces.house.accept("a")
    await faces.house.post("a", f"/v1/visits/{served['visit_id']}/finish", {"outcome": "toured"})
    faces.clock.forward(minutes=10)
    await recognise(faces, chen)
    greeting = await the_greeting(faces)
    await faces.house.accept("a")
    assert (await answer(faces, "a", greeting["greeting_id"], "wrong")).status_code == 200
    (visit,) = await open_visits(faces)
    assert visit["visit_id"] != served["visit_id"]
    assert (visit["state"], visit["consultant_id"], visit["customer"]) == ("serving", uid("a"), None)
    (old,) = [found for found in await visits(faces) if found["visit_id"] == served["visit_id"]]
    assert (old["state"], old["close_reason"], old["consultant_id"]) == ("closed", "toured", uid("a"))
    await faces.house.post("a", f"/v1/visits/{visit['visit_id']}/finish", {"outcome": "left"})


@pytest.mark.parametrize(
    ("after", "rule"), [({"minutes": 10}, "said_not_me"), ({"minutes": 10, "microseconds": 1}, "earlier_visit_over")]
)
async def test_not_me_is_remembered_for_a_while(
    faces: Faces, people: tuple[Regular, Regular], after: dict[str, float], rule: str
) -> None:
    chen, _ = people
    await recognise(faces, chen)
    await answer(faces, "kiosk", (await the_greeting(faces))["greeting_id"], "wrong")
    said_at = stored(faces, "SELECT decided_at FROM greetings")
    await recognise_at(faces, chen, said_at + timedelta(**after))
    assert decisions(faces)[-1][1] == rule


async def test_confirm_marks_it_and_wrong_afterwards_is_final(faces: Faces, people: tuple[Regular, Regular]) -> None:
    await recognise(faces, people[0])
    greeting_id = (await the_greeting(faces))["greeting_id"]
    for _ in range(2):
        confirmed = await answer(faces, "a", greeting_id, "confirm")
        assert (confirmed.status_code, confirmed.json()["state"]) == (200, "confirmed")
    assert (await answer(faces, "m", greeting_id, "wrong")).json()["state"] == "wrong"
    late = await answer(faces, "a", greeting_id, "confirm")
    assert (late.status_code, late.json()["code"]) == (409, "greeting_over")
