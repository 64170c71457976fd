"""A recognised arrival becomes a visit and a greeting; each case through the real ingest and the real routes."""

from datetime import timedelta
from typing import Any

import pytest

from contracts.ids import uuid7
from gateway.config import FacesConfig
from gateway.consents import vault
from gateway.greetings import service
from tests.gateway.facing import Faces
from tests.gateway.greetings.seeing import (
    CHEN,
    Regular,
    answer,
    decisions,
    file_of,
    greetings,
    open_visits,
    recognise,
    recognise_at,
    seen,
    stored,
    thats_me,
    the_greeting,
    two_regulars,
    visits,
)
from tests.gateway.people import uid


@pytest.fixture
async def people(faces: Faces) -> tuple[Regular, Regular]:
    return await two_regulars(faces)


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
    faces.clock.forward(seconds=20)
    await recognise(faces, chen, camera="cam-kiosk", score=0.70)
    faces.clock.forward(seconds=20)
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


# ---- taken back ----------------------------------------------------------------------------------------------------
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
    assert len([entry for entry in timeline if entry["kind"] == "visit"]) == 1


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


# ---- that is me ----------------------------------------------------------------------------------------------------
async def test_that_is_me_is_a_check_in(faces: Faces, people: tuple[Regular, Regular]) -> None:
    chen, _ = people
    await recognise(faces, chen)
    (shown,) = await greetings(faces, "kiosk")
    key = uuid7()
    first = await thats_me(faces, shown["greeting_id"], key=key, party_size=2)
    again = await thats_me(faces, shown["greeting_id"], key=key, party_size=2)
    read = await faces.house.call("kiosk", "GET", f"/v1/checkins/{key}")
    assert (first.status_code, again.status_code, read.status_code) == (201, 200, 200)
    assert first.json() == again.json() == read.json()
    (visit,) = await open_visits(faces)
    assert (first.json()["visit_id"], visit["party_size"]) == (visit["visit_id"], 2)
    assert (first.json()["face"], first.json()["consultant_name"]) == ("enrolled", "顾问a")
    assert (await the_greeting(faces))["state"] == "confirmed"
    assert await greetings(faces, "kiosk") == []


@pytest.mark.parametrize(("seconds", "shown"), [(59.9, True), (60.1, False)])
async def test_a_kiosk_speaks_to_whoever_stood_there_a_minute_ago(
    faces: Faces, people: tuple[Regular, Regular], seconds: float, shown: bool
) -> None:
    at = faces.clock.now
    await recognise(faces, people[0], seen_at=at)
    greeting_id = (await the_greeting(faces))["greeting_id"]
    faces.clock.now = at + timedelta(seconds=seconds)
    assert bool(await greetings(faces, "kiosk")) is shown
    checked = await thats_me(faces, greeting_id)
    assert (checked.status_code == 201) is shown
    if not shown:
        assert checked.json()["code"] == "greeting_over"
        assert (await answer(faces, "kiosk", greeting_id, "wrong")).status_code == 409
        assert (await answer(faces, "reception", greeting_id, "wrong")).status_code == 200


async def test_another_kiosk_and_another_camera_know_nothing(faces: Faces, people: tuple[Regular, Regular]) -> None:
    await recognise(faces, people[0], camera="cam-door")
    greeting_id = (await the_greeting(faces))["greeting_id"]
    for kiosk in ("kiosk", "kiosk2"):
        assert await greetings(faces, kiosk) == []
        assert (await thats_me(faces, greeting_id, kiosk)).status_code == 404
        assert (await answer(faces, kiosk, greeting_id, "wrong")).status_code == 404
    await recognise(faces, people[0], camera="cam-kiosk")
    assert len(await greetings(faces, "kiosk")) == 1


async def test_a_greeting_said_to_be_wrong_checks_nobody_in(faces: Faces, people: tuple[Regular, Regular]) -> None:
    await recognise(faces, people[0])
    (shown,) = await greetings(faces, "kiosk")
    await answer(faces, "reception", shown["greeting_id"], "wrong")
    refused = await thats_me(faces, shown["greeting_id"])
    assert (refused.status_code, refused.json()["code"]) == (409, "greeting_over")


async def test_whoever_took_their_consent_back_is_not_checked_in_by_face(
    faces: Faces, people: tuple[Regular, Regular]
) -> None:
    chen, _ = people
    await recognise(faces, chen)
    (shown,) = await greetings(faces, "kiosk")
    await faces.withdraw(chen.customer_id)
    for refused in (
        await thats_me(faces, shown["greeting_id"]),
        await answer(faces, "kiosk", shown["greeting_id"], "confirm"),
        await answer(faces, "reception", shown["greeting_id"], "confirm"),
    ):
        assert (refused.status_code, refused.json()["code"]) == (409, "greeting_over")
    assert faces.rows("SELECT state FROM greetings") == [("open",)]
    assert (await answer(faces, "reception", shown["greeting_id"], "wrong")).status_code == 200


async def test_another_kiosk_neither_answers_nor_checks_in_by_a_greeting_of_this_one(
    faces: Faces, people: tuple[Regular, Regular]
) -> None:
    await recognise(faces, people[0])
    (shown,) = await greetings(faces, "kiosk")
    for refused in (
        await thats_me(faces, shown["greeting_id"], "kiosk2"),
        await answer(faces, "kiosk2", shown["greeting_id"], "confirm"),
        await answer(faces, "kiosk2", shown["greeting_id"], "wrong"),
    ):
        assert refused.status_code == 404
    assert (await answer(faces, "b", shown["greeting_id"], "confirm")).status_code == 403
    assert faces.rows("SELECT state FROM greetings") == [("open",)]


async def test_that_is_me_proves_who_may_renew_the_face_a_number_typed_after_it_does_not(
    faces: Faces, people: tuple[Regular, Regular]
) -> None:
    chen, _ = people
    await recognise(faces, chen)
    (shown,) = await greetings(faces, "kiosk")
    visit = (await thats_me(faces, shown["greeting_id"])).json()
    faces.clock.forward(seconds=1)
    await faces.check_in(chen.phone)
    typed = await faces.answer(visit["visit_id"])
    assert (typed.status_code, typed.json()["code"]) == (409, "face_unavailable")
    faces.clock.forward(seconds=1)
    await thats_me(faces, shown["greeting_id"])
    assert (await faces.answer(visit["visit_id"])).status_code == 201
    rows = faces.rows("SELECT end_cause FROM consents WHERE consent_id = ?", chen.consent_id)
    assert rows == [("replaced",)]


async def test_a_recognition_that_is_not_the_vault_s_is_kept_and_does_nothing(
    faces: Faces, people: tuple[Regular, Regular]
) -> None:
    await faces.status("hall", vault=False, cameras=["cam-hall"])
    before = vault.IGNORED["face.recognised.v1", "not_the_vault"]
    taken = await faces.event(seen(faces, people[0]), "hall")
    assert taken.taken == 1
    assert await open_visits(faces) == []
    assert faces.rows("SELECT count(*) FROM greetings") == [(0,)]
    assert vault.IGNORED["face.recognised.v1", "not_the_vault"] == before + 1


# ---- the same person again and again -------------------------------------------------------------------------------
async def test_the_same_track_within_moments_is_no_news_and_later_it_is(
    faces: Faces, people: tuple[Regular, Regular]
) -> None:
    at = faces.clock.now
    for seconds in (0.0, 1.0, 4.999):
        await recognise_at(faces, people[0], at + timedelta(seconds=seconds))
    assert decisions(faces) == [("new", "earlier_visit_over")]
    await recognise_at(faces, people[0], at + timedelta(seconds=5))
    assert [action for action, _ in decisions(faces)] == ["new", "join"]


async def test_hundreds_of_tracks_of_one_person_stay_a_handful(faces: Faces, people: tuple[Regular, Regular]) -> None:
    at = faces.clock.now
    for track in range(100, 200):
        await recognise_at(faces, people[0], at + timedelta(milliseconds=10 * (track - 100)), track=track)
    assert len(decisions(faces)) == FacesConfig().repeat_tracks
    assert faces.rows("SELECT count(*) FROM greeting_sightings") == [(FacesConfig().repeat_tracks,)]
    assert len(await open_visits(faces)) == 1
    await recognise_at(faces, people[1], at + timedelta(seconds=1), track=101)
    assert decisions(faces)[-1] == ("ask", "two_people_one_track")


# ---- who sees it ---------------------------------------------------------------------------------------------------
async def test_a_kiosk_is_told_the_family_name_and_nothing_else(faces: Faces, people: tuple[Regular, Regular]) -> None:
    _, wang = people
    await recognise(faces, wang)
    answered = await faces.house.call("kiosk", "GET", "/v1/greetings")
    (item,) = answered.json()["items"]
    assert set(item) == {"greeting_id", "family_name", "seen_at"}
    assert item["family_name"] == "欧阳"
    confirmed = await answer(faces, "kiosk", item["greeting_id"], "confirm")
    for text in (answered.text, confirmed.text):
        for secret in ("娜", wang.phone[-4:], wang.customer_id, wang.consent_id, "顾问", "0.72", uid("b")):
            assert secret not in text


async def test_only_who_it_concerns_sees_it(faces: Faces, people: tuple[Regular, Regular]) -> None:
    chen, _ = people
    await recognise(faces, chen)
    (mine,) = await greetings(faces, "a")
    assert (mine["mine"], mine["customer"]["name"], mine["customer"]["revealed"]) == (True, "陈**", False)
    assert [len(await greetings(faces, who)) for who in ("b", "reception", "m", "admin")] == [0, 1, 1, 1]
    refused = await answer(faces, "b", mine["greeting_id"], "wrong")
    assert (refused.status_code, refused.json()["code"]) == (403, "not_your_greeting")
    assert (await faces.house.call("board", "GET", "/v1/greetings")).status_code == 403
    assert (await faces.house.call("phone", "GET", "/v1/greetings")).status_code == 403
    assert (await thats_me(faces, mine["greeting_id"], "reception")).status_code == 403
    await faces.house.post(
        "a", f"/v1/offers/{(await faces.house.offer_of('a'))['offer_id']}/decline", {"reason": "busy"}
    )
    (assisting,) = await greetings(faces, "b")
    assert assisting["mine"] is False


@pytest.mark.parametrize(("seconds", "alive"), [(599.9, True), (600.1, False)])
async def test_a_greeting_lasts_ten_minutes(
    faces: Faces, people: tuple[Regular, Regular], seconds: float, alive: bool
) -> None:
    await recognise(faces, people[0])
    faces.clock.now = stored(faces, "SELECT opened_at FROM greetings") + timedelta(seconds=seconds)
    assert bool(await greetings(faces)) is alive
    assert len(await open_visits(faces)) == 1


async def test_an_unanswered_greeting_expires_and_may_still_be_called_wrong(
    faces: Faces, people: tuple[Regular, Regular]
) -> None:
    await recognise(faces, people[0])
    greeting_id = (await the_greeting(faces))["greeting_id"]
    faces.clock.forward(minutes=10, seconds=1)
    context = faces.house.context
    await context.writer.run(lambda uow: service.expire(uow, context))
    assert faces.rows("SELECT state FROM greetings") == [("expired",)]
    await recognise(faces, people[0])
    assert await greetings(faces) == []
    assert (await answer(faces, "reception", greeting_id, "wrong")).status_code == 200
    assert await open_visits(faces) == []


# ---- nothing leaves the office -------------------------------------------------------------------------------------
async def test_nothing_of_a_face_goes_to_central(faces: Faces, people: tuple[Regular, Regular]) -> None:
    chen, _ = people
    await recognise(faces, chen, score=0.7391)
    await faces.check_in(chen.phone)
    sent = " ".join(str(row[0]) for row in faces.rows("SELECT data FROM uplink_events"))
    assert chen.customer_id in sent
    for secret in (faces.ref(chen.consent_id), chen.consent_id, "0.7391", "cam-kiosk"):
        assert secret not in sent
