"""A recognised arrival becomes a visit and a greeting; each case through the real ingest and the real routes."""

from datetime import timedelta
from typing import Any

import pytest

from contracts.ids import uuid7
from tests.gateway.facing import Faces
from tests.gateway.greetings.seeing import (
    CHEN,
    Regular,
    decisions,
    file_of,
    greetings,
    open_visits,
    recognise,
    recognise_at,
    seen,
    stored,
    the_greeting,
)
from tests.gateway.people import uid


async def explanation(faces: Faces, visit_id: str) -> Any:
    return await faces.house.get("manager", f"/v1/visits/{visit_id}/explanation")


async def test_a_recognised_regular_is_a_return_visit_offered_to_the_owner(
    faces: Faces, people: tuple[Regular, Regular]
) -> None:
    chen, _ = people
    await recognise(faces, chen, camera="cam-door")
    (visit,) = await open_visits(faces)
    assert (visit["kind"], visit["purpose"], visit["party_size"]) == ("return", "return_visit", 1)
    assert (visit["customer"]["customer_id"], visit["owner_id"]) == (chen.customer_id, uid("a"))
    assert visit["ticket"]["number"] == 3
    offer = await faces.house.offer_of("a")
    assert (offer["rule"], offer["uses_turn"], offer["visit"]["visit_id"]) == ("rota.owner", False, visit["visit_id"])
    assert [note["reason"] for note in offer["why"] if (note["rule"], note["outcome"]) == ("face", "won")] == [
        "recognised"
    ]
    assert await faces.house.offer_of("b") is None
    greeting = await the_greeting(faces)
    assert (greeting["state"], greeting["visit_id"], greeting["node"], greeting["camera"]) == (
        "open",
        visit["visit_id"],
        "lobby",
        "cam-door",
    )
    assert (greeting["score"], greeting["threshold"], greeting["owner_name"]) == (0.72, 0.55, "顾问a")
    assert greeting["last_visit_at"] < visit["opened_at"]
    assert file_of(faces, chen) == (2, uid("a"))
    assert decisions(faces) == [("new", "earlier_visit_over")]


async def test_the_verdict_lists_the_match_as_a_fact_that_decides_nothing(
    faces: Faces, people: tuple[Regular, Regular]
) -> None:
    await recognise(faces, people[0])
    (visit,) = await open_visits(faces)
    (verdict,) = (await explanation(faces, visit["visit_id"]))["verdicts"]
    assert verdict["rule"] == "live_ownership"
    (note,) = [note for note in verdict["rules"] if note["rule"] == "face"]
    assert (note["outcome"], note["reason"]) == ("not_applicable", "recognised")
    assert (note["facts"]["score"], note["facts"]["threshold"], note["facts"]["camera"]) == (0.72, 0.55, "cam-kiosk")


async def test_the_same_person_again_and_a_second_camera_are_one_visit_and_one_greeting(
    faces: Faces, people: tuple[Regular, Regular]
) -> None:
    chen, _ = people
    await recognise(faces, chen, camera="cam-door", score=0.60)
    faces.clock.forward(seconds=10)
    await recognise(faces, chen, camera="cam-kiosk", score=0.70)
    faces.clock.forward(seconds=10)
    await recognise(faces, chen, camera="cam-kiosk", score=0.65)
    (visit,) = await open_visits(faces)
    greeting = await the_greeting(faces)
    assert (greeting["visit_id"], greeting["camera"], greeting["score"]) == (visit["visit_id"], "cam-kiosk", 0.70)
    assert faces.rows("SELECT count(*) FROM offers WHERE visit_id = ?", visit["visit_id"]) == [(1,)]
    assert [row[0] for row in decisions(faces)] == ["new", "join", "join"]
    assert file_of(faces, chen) == (2, uid("a"))


async def test_whoever_checked_in_by_number_is_joined_without_an_alert(
    faces: Faces, people: tuple[Regular, Regular]
) -> None:
    chen, _ = people
    arrived = await faces.check_in(chen.phone)
    await recognise(faces, chen)
    (visit,) = await open_visits(faces)
    assert visit["visit_id"] == arrived["visit_id"]
    assert await greetings(faces) == []
    assert await greetings(faces, "kiosk") == []
    assert decisions(faces) == [("join", "visit_proven")]
    assert faces.rows("SELECT state, reason FROM greetings") == [("confirmed", "visit_proven")]
    assert len((await explanation(faces, visit["visit_id"]))["verdicts"]) == 2


async def test_a_number_typed_after_the_face_joins_and_confirms(faces: Faces, people: tuple[Regular, Regular]) -> None:
    chen, _ = people
    await recognise(faces, chen)
    arrived = await faces.check_in(chen.phone, party_size=3, purpose="contract", language="en")
    (visit,) = await open_visits(faces)
    assert (arrived["visit_id"], arrived["joined_existing"]) == (visit["visit_id"], True)
    assert (visit["party_size"], visit["purpose"]) == (3, "contract")
    assert (await the_greeting(faces))["state"] == "confirmed"
    assert file_of(faces, chen)[0] == 2


@pytest.mark.parametrize(("seconds", "late"), [(119.9, False), (120.1, True)])
async def test_late_is_kept_and_does_nothing(
    faces: Faces, people: tuple[Regular, Regular], seconds: float, late: bool
) -> None:
    at = faces.clock.now
    faces.clock.forward(seconds=seconds)
    await recognise(faces, people[0], seen_at=at, event_at=at)
    assert decisions(faces) == [("ignore", "late") if late else ("new", "earlier_visit_over")]
    assert (len(await open_visits(faces)), len(await greetings(faces))) == ((0, 0) if late else (1, 1))


async def test_a_sight_that_was_long_on_its_way_to_the_vault_is_late(
    faces: Faces, people: tuple[Regular, Regular]
) -> None:
    at = faces.clock.now
    faces.clock.forward(minutes=3)
    await recognise(faces, people[0], seen_at=at)
    assert decisions(faces) == [("ignore", "late")]


@pytest.mark.parametrize(
    ("after", "rule", "visits_open"),
    [
        ({"minutes": 5}, "leaving", 0),
        ({"minutes": 5, "microseconds": 1}, "back_within_step_out_time", 1),
        ({"minutes": 15}, "back_within_step_out_time", 1),
        ({"minutes": 15, "microseconds": 1}, "earlier_visit_over", 1),
    ],
)
async def test_after_leaving(
    faces: Faces, people: tuple[Regular, Regular], after: dict[str, float], rule: str, visits_open: int
) -> None:
    chen, _ = people
    await faces.check_in(chen.phone)
    served = await faces.house.accept("a")
    await faces.house.post("a", f"/v1/visits/{served['visit_id']}/finish", {"outcome": "toured"})
    closed_at = stored(faces, "SELECT closed_at FROM visits WHERE visit_id = ?", served["visit_id"])
    await recognise_at(faces, chen, closed_at + timedelta(**after))
    assert decisions(faces)[-1][1] == rule
    still = await open_visits(faces)
    assert len(still) == visits_open
    if rule == "back_within_step_out_time":
        assert still[0]["visit_id"] == served["visit_id"]
        assert (await faces.house.offer_of("a"))["rule"] == "rota.same_visit"


async def test_a_withdrawn_consent_greets_nobody(faces: Faces, people: tuple[Regular, Regular]) -> None:
    chen, wang = people
    unknown = seen(faces, wang, person_ref=uuid7())
    await faces.withdraw(chen.customer_id)
    await recognise(faces, chen)
    await faces.event(unknown)
    assert decisions(faces) == [("ignore", "consent_ended"), ("ignore", "consent_unknown")]
    assert await open_visits(faces) == []
    metrics = (await faces.house.http.get("/metrics")).text
    assert 'anchang_gateway_recognitions{action="ignore",rule="consent_ended"} 1.0' in metrics


async def test_a_consent_without_templates_is_not_active(faces: Faces) -> None:
    consent = await faces.consent(CHEN)
    await recognise(faces, Regular(CHEN, consent["consent_id"], faces.customer(consent["consent_id"])))
    assert decisions(faces) == [("ignore", "consent_granted")]


async def test_a_withdrawal_takes_an_open_greeting_off_the_screens(
    faces: Faces, people: tuple[Regular, Regular]
) -> None:
    chen, _ = people
    await recognise(faces, chen)
    assert len(await greetings(faces, "kiosk")) == 1
    await faces.withdraw(chen.customer_id)
    assert await greetings(faces, "kiosk") == []
    assert await greetings(faces) == []
