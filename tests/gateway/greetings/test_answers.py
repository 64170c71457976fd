"""«That is me», who sees a greeting and for how long, and that nothing of it leaves the office."""

from datetime import timedelta

import pytest

from contracts.ids import uuid7
from gateway.config import FacesConfig
from gateway.consents import vault
from gateway.greetings import service
from tests.gateway.facing import Faces
from tests.gateway.greetings.seeing import (
    Regular,
    answer,
    decisions,
    greetings,
    open_visits,
    recognise,
    recognise_at,
    seen,
    stored,
    thats_me,
    the_greeting,
)
from tests.gateway.people import uid


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
