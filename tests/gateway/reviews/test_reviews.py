"""Evidence that contradicts itself asks the reception, and never merges."""

from typing import Any

import httpx
import pytest

from gateway.greetings import service as greeting_service
from tests.gateway.facing import OTHER, Faces
from tests.gateway.greetings.seeing import (
    ZHAO,
    Regular,
    decisions,
    file_of,
    greetings,
    open_visits,
    recognise,
    stored,
    two_regulars,
    visits,
)
from tests.gateway.people import uid


@pytest.fixture
async def people(faces: Faces) -> tuple[Regular, Regular]:
    return await two_regulars(faces)


async def reviews(faces: Faces, state: str = "open") -> list[Any]:
    found: list[Any] = await faces.house.get("reception", f"/v1/reviews?state={state}")
    return found


async def the_review(faces: Faces) -> Any:
    (review,) = await reviews(faces)
    return review


async def decide(faces: Faces, review: Any, customer_id: str | None, who: str = "reception") -> httpx.Response:
    body = {"customer_id": customer_id, "reason": "问过本人"}
    return await faces.house.call(who, "POST", f"/v1/reviews/{review['review_id']}/decision", body)


async def verdicts(faces: Faces, visit_id: str) -> list[Any]:
    found: list[Any] = (await faces.house.get("manager", f"/v1/visits/{visit_id}/explanation"))["verdicts"]
    return found


def codes(review: Any) -> list[tuple[str, list[str]]]:
    return [(c["customer"]["customer_id"], [fact["code"] for fact in c["evidence"]]) for c in review["candidates"]]


async def customer_of(faces: Faces, visit_id: str) -> str:
    return str(faces.rows("SELECT customer_id FROM visits WHERE visit_id = ?", visit_id)[0][0])


# ---- a face against a number ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("face_first", [True, False])
async def test_a_face_against_a_number_is_one_visit_and_a_question(
    faces: Faces, people: tuple[Regular, Regular], face_first: bool
) -> None:
    chen, _ = people
    if face_first:
        await recognise(faces, chen)
    arrived = await faces.check_in(ZHAO)
    if not face_first:
        await recognise(faces, chen)
    (visit,) = await open_visits(faces)
    assert visit["visit_id"] == arrived["visit_id"]
    typed = await customer_of(faces, visit["visit_id"])
    review = await the_review(faces)
    assert (review["kind"], review["visit_id"]) == ("face_conflict", visit["visit_id"])
    assert codes(review) == [(typed, ["number"]), (chen.customer_id, ["face"])]
    figures = review["candidates"][1]["evidence"][0]
    assert (figures["score"], figures["threshold"], figures["second"], figures["votes"]) == (0.72, 0.55, 0.21, 3)
    assert review["candidates"][1]["customer"]["name"] == "陈**"
    assert file_of(faces, chen)[0] == 1
    assert await greetings(faces) == await greetings(faces, "kiosk") == []
    floor = await faces.house.get("manager", "/v1/floor")
    assert [(a["rule"], a["facts"]) for a in floor["alarms"] if a["rule"] == "review"] == [("review", {"open": 1})]
    faces.clock.forward(seconds=10)
    await recognise(faces, chen)
    assert decisions(faces)[-1] == ("ignore", "asked_already")
    assert len(await open_visits(faces)) == len(await reviews(faces)) == 1


@pytest.mark.parametrize(("after", "asks"), [(59.9, True), (60.1, False)])
async def test_a_minute_later_it_is_somebody_else(
    faces: Faces, people: tuple[Regular, Regular], after: float, asks: bool
) -> None:
    await recognise(faces, people[0])
    faces.clock.forward(seconds=after)
    await faces.check_in(ZHAO)
    assert len(await reviews(faces)) == int(asks)
    assert len(await open_visits(faces)) == (1 if asks else 2)


async def test_another_camera_or_a_kiosk_without_one_contradicts_nothing(
    faces: Faces, people: tuple[Regular, Regular]
) -> None:
    await recognise(faces, people[0], camera="cam-door")
    await faces.check_in(ZHAO)
    await recognise(faces, people[1])
    await faces.check_in("13800000009", who="kiosk2")
    assert [review["candidates"][1]["customer"]["customer_id"] for review in await reviews(faces)] == [
        people[1].customer_id
    ]


async def test_it_was_the_face(faces: Faces, people: tuple[Regular, Regular]) -> None:
    chen, _ = people
    await recognise(faces, chen)
    arrived = await faces.check_in(ZHAO)
    assert (await faces.house.offer_of("a"))["rule"] == "rota.next"
    decided = await decide(faces, await the_review(faces), chen.customer_id)
    assert decided.status_code == 200, decided.text
    assert (decided.json()["state"], decided.json()["decision"]) == ("decided", chen.customer_id)
    assert (decided.json()["decided_by"], decided.json()["reason"]) == ("reception", "问过本人")
    (visit,) = await open_visits(faces)
    assert (visit["visit_id"], visit["kind"]) == (arrived["visit_id"], "return")
    assert (visit["customer"]["customer_id"], visit["owner_id"]) == (chen.customer_id, uid("a"))
    assert (await faces.house.offer_of("a"))["rule"] == "rota.owner"
    assert file_of(faces, chen) == (2, uid("a"))
    assert faces.rows("SELECT visit_count FROM customers WHERE customer_id NOT IN (?, ?)", *ids(people)) == [(0,)]
    told = await verdicts(faces, visit["visit_id"])
    assert [verdict["rule"] for verdict in told] == ["walk_in", "live_ownership"]
    assert "face" in [note["rule"] for note in told[-1]["rules"]]


def ids(people: tuple[Regular, Regular]) -> list[str]:
    return [person.customer_id for person in people]


async def test_it_was_the_number(faces: Faces, people: tuple[Regular, Regular]) -> None:
    chen, _ = people
    await recognise(faces, chen)
    arrived = await faces.check_in(ZHAO)
    typed = await customer_of(faces, arrived["visit_id"])
    assert (await decide(faces, await the_review(faces), typed, "m")).json()["decided_by"] == "经理"
    (visit,) = await open_visits(faces)
    assert visit["customer"]["customer_id"] == typed
    assert file_of(faces, chen) == (1, uid("a"))
    assert len(await verdicts(faces, visit["visit_id"])) == 1
    await recognise(faces, chen)
    assert decisions(faces)[-1] == ("ignore", "said_not_me")


async def test_it_was_neither(faces: Faces, people: tuple[Regular, Regular]) -> None:
    await recognise(faces, people[0])
    arrived = await faces.check_in(ZHAO)
    assert (await decide(faces, await the_review(faces), None)).status_code == 200
    (visit,) = await open_visits(faces)
    assert (visit["visit_id"], visit["customer"], visit["kind"]) == (arrived["visit_id"], None, "unknown")
    assert await reviews(faces) == []


async def test_decided_once_by_those_who_may_and_for_a_candidate(faces: Faces, people: tuple[Regular, Regular]) -> None:
    chen, wang = people
    await recognise(faces, chen)
    await faces.check_in(ZHAO)
    review = await the_review(faces)
    for who in ("kiosk", "a", "board"):
        assert (await decide(faces, review, None, who)).status_code == 403
        assert (await faces.house.call(who, "GET", "/v1/reviews")).status_code == 403
    stranger = await decide(faces, review, wang.customer_id)
    assert (stranger.status_code, stranger.json()["code"]) == (422, "unknown_candidate")
    assert (await decide(faces, review, chen.customer_id)).status_code == 200
    again = await decide(faces, review, None)
    assert (again.status_code, again.json()["code"]) == (409, "decided")
    assert (await decide(faces, {"review_id": uid("x")}, None)).status_code == 404


async def test_the_face_while_they_are_served_elsewhere_leaves_their_own_visit(
    faces: Faces, people: tuple[Regular, Regular]
) -> None:
    """Chen is asked about at the kiosk, then checks in at the reception: the visit typed for gives way."""
    chen, _ = people
    await recognise(faces, chen)
    typed = await faces.check_in(ZHAO)
    faces.clock.forward(minutes=2)
    own = await faces.check_in(chen.phone, who="reception")
    assert (await decide(faces, await the_review(faces), chen.customer_id)).status_code == 200
    (visit,) = await open_visits(faces)
    assert visit["visit_id"] == own["visit_id"]
    (gone,) = [v for v in await visits(faces) if v["visit_id"] == typed["visit_id"]]
    assert (gone["close_reason"], gone["customer"]) == ("mistaken", None)
    assert file_of(faces, chen)[0] == 2


# ---- two faces -----------------------------------------------------------------------------------------------------
async def test_two_people_on_one_track_are_one_party_nobody_knows(
    faces: Faces, people: tuple[Regular, Regular]
) -> None:
    chen, wang = people
    await recognise(faces, chen, track=7, score=0.60)
    await recognise(faces, wang, track=7, score=0.66)
    (visit,) = await open_visits(faces)
    assert (visit["customer"], visit["kind"]) == (None, "unknown")
    review = await the_review(faces)
    assert (review["kind"], review["visit_id"]) == ("two_faces_one_visit", visit["visit_id"])
    assert codes(review) == [(wang.customer_id, ["face"]), (chen.customer_id, ["face"])]
    assert [file_of(faces, who)[0] for who in people] == [1, 1]
    assert (await decide(faces, review, wang.customer_id)).status_code == 200
    (visit,) = await open_visits(faces)
    assert (visit["customer"]["customer_id"], visit["owner_id"], visit["kind"]) == (
        wang.customer_id,
        uid("b"),
        "return",
    )
    assert (await faces.house.offer_of("b"))["rule"] == "rota.owner"
    assert await faces.house.offer_of("a") is None
    assert [file_of(faces, who)[0] for who in people] == [1, 2]


async def test_two_people_side_by_side_are_two_visits_and_no_question(
    faces: Faces, people: tuple[Regular, Regular]
) -> None:
    chen, wang = people
    await recognise(faces, chen)
    await recognise(faces, wang)
    await faces.check_in(chen.phone)
    assert len(await open_visits(faces)) == 2
    assert await reviews(faces) == []


async def test_two_faces_and_the_number_of_a_third(faces: Faces, people: tuple[Regular, Regular]) -> None:
    chen, wang = people
    await recognise(faces, chen)
    await recognise(faces, wang, score=0.8)
    arrived = await faces.check_in(ZHAO)
    (visit,) = await open_visits(faces)
    review = await the_review(faces)
    assert (review["kind"], review["visit_id"], visit["visit_id"]) == (
        "two_faces_one_visit",
        arrived["visit_id"],
        arrived["visit_id"],
    )
    typed = await customer_of(faces, visit["visit_id"])
    assert [who for who, _ in codes(review)] == [typed, wang.customer_id, chen.customer_id]


async def test_a_number_answers_the_question(faces: Faces, people: tuple[Regular, Regular]) -> None:
    chen, wang = people
    await recognise(faces, chen, track=7)
    await recognise(faces, wang, track=7)
    arrived = await faces.check_in(chen.phone)
    (visit,) = await open_visits(faces)
    assert (visit["visit_id"], visit["customer"]["customer_id"]) == (arrived["visit_id"], chen.customer_id)
    assert await reviews(faces) == []
    (put_away,) = await reviews(faces, "expired")
    assert put_away["reason"] == "number_agrees"
    assert [file_of(faces, who)[0] for who in people] == [2, 1]


# ---- a file that is gone -------------------------------------------------------------------------------------------
async def test_a_consent_whose_customer_is_gone_is_asked_about_once(
    faces: Faces, people: tuple[Regular, Regular]
) -> None:
    chen, wang = people

    def erase(uow: Any) -> None:
        uow.session.connection().exec_driver_sql("DELETE FROM customers WHERE customer_id = ?", (chen.customer_id,))

    await faces.house.context.writer.run(erase)
    await recognise(faces, chen)
    await recognise(faces, chen)
    review = await the_review(faces)
    assert (review["kind"], review["visit_id"], review["candidates"]) == ("face_unknown_person", None, [])
    assert await open_visits(faces) == []
    assert (await decide(faces, review, wang.customer_id)).status_code == 200
    (visit,) = await open_visits(faces)
    assert (visit["customer"]["customer_id"], visit["purpose"]) == (wang.customer_id, "return_visit")


async def test_an_unanswered_question_is_put_away(faces: Faces, people: tuple[Regular, Regular]) -> None:
    await recognise(faces, people[0])
    await faces.check_in(ZHAO)
    review = await the_review(faces)
    opened = stored(faces, "SELECT opened_at FROM reviews")
    context = faces.house.context
    faces.clock.now = opened
    faces.clock.forward(hours=12, seconds=-1)
    await context.writer.run(lambda uow: greeting_service.expire(uow, context))
    assert len(await reviews(faces)) == 1
    faces.clock.forward(seconds=2)
    await context.writer.run(lambda uow: greeting_service.expire(uow, context))
    assert (await reviews(faces, "expired"))[0]["reason"] == "unanswered"
    assert (await decide(faces, review, None)).status_code == 409


# ---- one face under two numbers ------------------------------------------------------------------------------------
async def known_under_another_number(faces: Faces) -> tuple[Any, Any]:
    """Enrolled under one number; the same face then says yes under another."""
    first = await faces.enrolled()
    second = await faces.consent(OTHER)
    await faces.house.post("kiosk", f"/v1/consents/{second['consent_id']}/enrolment")
    await faces.enrol(second["consent_id"], outcome="already_known", shots=0, other_ref=faces.ref(first["consent_id"]))
    return first, second


async def test_a_face_known_under_another_number_keeps_nothing_and_asks_the_reception(faces: Faces) -> None:
    first, second = await known_under_another_number(faces)
    seen = await faces.house.call("kiosk", "GET", f"/v1/consents/{second['consent_id']}/enrolment")
    assert (seen.json()["state"], seen.json()["reason"]) == ("failed", "already_known")
    assert "other" not in seen.text
    states = dict(faces.rows("SELECT consent_id, state FROM consents"))
    assert states == {first["consent_id"]: "active", second["consent_id"]: "ended"}
    assert faces.rows("SELECT end_cause, enrolled_at FROM consents WHERE state = 'ended'") == [("not_enrolled", None)]
    review = await the_review(faces)
    assert review["kind"] == "one_face_two_files"
    assert codes(review) == [
        (faces.customer(second["consent_id"]), ["number"]),
        (faces.customer(first["consent_id"]), ["face_known"]),
    ]


async def test_two_files_are_asked_about_once_and_stay_open_until_somebody_answers(faces: Faces) -> None:
    first, _ = await known_under_another_number(faces)
    again = await faces.consent(OTHER)
    await faces.house.post("kiosk", f"/v1/consents/{again['consent_id']}/enrolment")
    await faces.enrol(again["consent_id"], outcome="already_known", shots=0, other_ref=faces.ref(first["consent_id"]))
    faces.clock.forward(hours=20)
    context = faces.house.context
    await context.writer.run(lambda uow: greeting_service.expire(uow, context))
    await the_review(faces)


@pytest.mark.parametrize("same", [True, False])
async def test_the_answer_about_two_files_is_kept_and_moves_no_visit(faces: Faces, same: bool) -> None:
    first, _ = await known_under_another_number(faces)
    before = await visits(faces)
    chosen = faces.customer(first["consent_id"]) if same else None
    assert (await decide(faces, await the_review(faces), chosen)).status_code == 200
    assert await visits(faces) == before
    (kept,) = await reviews(faces, "decided")
    assert kept["decision"] == chosen
