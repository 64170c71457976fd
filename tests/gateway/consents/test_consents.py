"""A visitor is asked once, answers, and is taken at their word."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from contracts.ids import uuid7
from gateway.consents import service
from tests.gateway.facing import OTHER, PHONE, Faces, open_faces, ready_faces
from tests.gateway.house import Clock
from tests.gateway.running import in_files_of

NOBODY = "00000000-0000-7000-8000-000000000000"
GUARDIAN = {"phone": "13700001111", "relation": "guardian"}


async def test_the_check_in_says_whether_the_visitor_may_be_asked(tmp_path: Path) -> None:
    async with open_faces(tmp_path) as faces:
        assert (await faces.check_in())["face"] == "unavailable"
        await faces.status()
        assert (await faces.check_in())["face"] == "ask"
        assert (await faces.check_in(None))["face"] == "unavailable"
        assert (await faces.check_in(OTHER, who="kiosk2"))["face"] == "unavailable"
        assert (await faces.check_in(OTHER))["face"] == "ask"


@pytest.mark.parametrize(
    "status",
    [{"online": False}, {"matching": False}, {"vault": False}, {"cameras": ["cam-door"]}],
)
async def test_without_camera_engine_or_vault_nobody_is_asked(tmp_path: Path, status: dict[str, object]) -> None:
    async with open_faces(tmp_path) as faces:
        if "vault" not in status:
            await faces.status()
        await faces.status(**status)  # type: ignore[arg-type]
        visit = await faces.check_in()
        assert visit["face"] == "unavailable"
        refused = await faces.answer(visit["visit_id"])
        assert (refused.status_code, refused.json()["code"]) == (409, "face_unavailable")


async def test_a_yes_is_recorded_with_the_words_that_were_shown(faces: Faces) -> None:
    text = await faces.house.get("kiosk", "/v1/consent-text?language=en")
    consent = await faces.consent(language="en")
    assert (consent["state"], consent["text_version"], consent["language"]) == ("granted", text["version"], "en")
    stored = faces.rows("SELECT text_sha256, person_ref, customer_id, consent_id, device_id FROM consents")[0]
    assert (stored[0], stored[4]) == (text["sha256"], "kiosk")
    assert len(set(stored[1:4])) == 3
    assert faces.rows("SELECT count(*) FROM consent_texts WHERE sha256 = ?", text["sha256"]) == [(1,)]
    given, until = (datetime.fromisoformat(consent[x]) for x in ("given_at", "until"))
    assert timedelta(days=90) - timedelta(seconds=1) < until - given <= timedelta(days=90)


async def test_each_language_calls_the_office_by_its_own_name(tmp_path: Path) -> None:
    async with open_faces(tmp_path, office_name_en="Yunqi Lakeside") as faces:
        chinese, english = [
            (await faces.house.call("kiosk", "GET", f"/v1/consent-text?language={language}")).text
            for language in ("zh-CN", "en")
        ]
    assert ("云栖湖岸" in chinese, "Yunqi" in chinese) == (True, False)
    assert ("云栖湖岸" in english, "Yunqi Lakeside" in english) == (False, True)


async def test_the_same_key_is_one_answer_and_another_request_under_it_is_refused(faces: Faces) -> None:
    visit, key = await faces.check_in(), uuid7()
    first = await faces.answer(visit["visit_id"], key=key)
    again = await faces.answer(visit["visit_id"], key=key)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert (await faces.answer(visit["visit_id"], "no", key=key)).status_code in (409, 422)
    assert faces.rows("SELECT count(*) FROM consents") == [(1,)]


async def test_only_the_screen_of_the_check_in_may_ask_and_the_reception(faces: Faces) -> None:
    visit = await faces.check_in()
    other = await faces.answer(visit["visit_id"], who="kiosk2")
    assert (other.status_code, other.json()["code"]) == (403, "not_your_checkin")
    assert (await faces.answer(visit["visit_id"], who="reception")).status_code == 201
    assert faces.rows("SELECT device_id FROM consents") == [("kiosk",)]
    unknown = await faces.answer(uuid7())
    assert unknown.status_code == 404


@pytest.mark.parametrize(("minutes", "status"), [(9.99, 201), (10.01, 409)])
async def test_the_question_is_for_the_ten_minutes_after_the_check_in(
    faces: Faces, minutes: float, status: int
) -> None:
    visit = await faces.check_in()
    faces.clock.forward(minutes=minutes)
    answer = await faces.answer(visit["visit_id"])
    assert answer.status_code == status
    assert status == 201 or answer.json()["code"] == "checkin_too_old"


async def test_a_no_is_remembered_for_the_visit_and_the_number_until_the_day_ends(tmp_path: Path) -> None:
    last_minute = datetime(2026, 11, 21, 15, 59, tzinfo=UTC)  # 23:59 in Shanghai
    async with ready_faces(tmp_path, clock=Clock(last_minute)) as faces:
        visit = await faces.check_in()
        assert (await faces.answer(visit["visit_id"], "no")).json() == {"face": "refused", "consent": None}
        assert (await faces.answer(visit["visit_id"], "no")).status_code == 201
        refused = await faces.answer(visit["visit_id"])
        assert (refused.status_code, refused.json()["code"]) == (409, "refused_today")
        assert (await faces.check_in())["face"] == "unavailable"
        assert (await faces.check_in(OTHER))["face"] == "ask"
        faces.clock.now = datetime(2026, 11, 21, 15, 59, 59, 900_000, tzinfo=UTC)
        await faces.status()
        assert (await faces.check_in())["face"] == "unavailable"
        faces.clock.now = datetime(2026, 11, 21, 16, 0, tzinfo=UTC)
        await faces.status()
        assert (await faces.check_in())["face"] == "ask"


async def test_a_refusal_leaves_no_trace_of_a_consent(faces: Faces) -> None:
    visit = await faces.check_in()
    await faces.answer(visit["visit_id"], "no")
    assert faces.rows("SELECT count(*) FROM consents") == [(0,)]
    assert faces.rows("SELECT by, facts FROM face_acts WHERE act = 'consent.refused'") == [("kiosk:kiosk", "")]


async def test_a_visitor_without_a_number_cannot_consent(faces: Faces) -> None:
    visit = await faces.check_in(None)
    answer = await faces.answer(visit["visit_id"])
    assert (answer.status_code, answer.json()["code"]) == (422, "phone_needed")


async def test_a_text_that_is_not_in_force_any_more_is_not_consented_to(faces: Faces) -> None:
    visit = await faces.check_in()
    answer = await faces.answer(visit["visit_id"], text_version="2024-01")
    assert (answer.status_code, answer.json()["code"]) == (409, "text_superseded")


async def test_under_fourteen_a_guardian_consents_and_only_then_is_a_guardian_kept(
    faces: Faces, tmp_path: Path
) -> None:
    visit = await faces.check_in()
    alone = await faces.answer(visit["visit_id"], under_14=True)
    assert (alone.status_code, alone.json()["code"]) == (422, "guardian_needed")
    together = await faces.answer(visit["visit_id"], under_14=True, guardian=GUARDIAN)
    assert together.json()["consent"]["by_guardian"] is True
    adult = await faces.consent(OTHER, guardian=GUARDIAN)
    assert adult["by_guardian"] is False
    assert faces.rows("SELECT count(*) FROM consents WHERE guardian IS NOT NULL") == [(1,)]
    for secret in ("13700001111", PHONE, OTHER):
        assert not in_files_of(tmp_path, secret)


async def test_a_customer_has_one_living_consent_a_new_one_replaces_it(faces: Faces) -> None:
    first = await faces.consent()
    second = await faces.consent()
    views = await faces.house.get("reception", f"/v1/customers/{faces.customer(first['consent_id'])}/face")
    assert [(v["consent_id"], v["state"], v["end_cause"]) for v in views] == [
        (second["consent_id"], "granted", None),
        (first["consent_id"], "ended", "replaced"),
    ]
    assert faces.ref(first["consent_id"]) != faces.ref(second["consent_id"])


async def test_each_visit_moves_the_end_and_the_nodes_hear_of_it(faces: Faces) -> None:
    consent = await faces.enrolled()
    version, until = faces.rows("SELECT version, until FROM consents")[0]
    visit = await faces.check_in()
    assert faces.rows("SELECT version, until FROM consents") == [(version, until)], "the same visit goes on"
    await faces.house.post("manager", f"/v1/visits/{visit['visit_id']}/finish", {})
    faces.clock.forward(days=89)
    await faces.check_in()
    moved = faces.rows("SELECT version, until, state FROM consents WHERE consent_id = ?", consent["consent_id"])[0]
    assert (moved[0] > version, moved[1] > until, moved[2]) == (True, True, "active")


async def test_a_consent_that_led_to_no_template_ends_after_ten_minutes(faces: Faces) -> None:
    consent = await faces.consent()
    faces.clock.forward(minutes=9, seconds=59)
    await expire(faces)
    assert state(faces, consent) == ("granted", None)
    faces.clock.forward(seconds=2)
    await expire(faces)
    assert state(faces, consent) == ("ended", "not_enrolled")


async def test_a_late_template_of_an_ended_consent_does_not_revive_it(faces: Faces) -> None:
    consent = await faces.consent()
    faces.clock.forward(minutes=11)
    await expire(faces)
    await faces.enrol(consent["consent_id"])
    assert state(faces, consent) == ("ended", "not_enrolled")


async def test_retention_ends_a_consent_at_the_instant_promised_and_deletes_with_proof(faces: Faces) -> None:
    consent = await faces.enrolled()
    until = datetime.fromisoformat(consent["until"])
    faces.clock.now = until - timedelta(seconds=1)
    await expire(faces)
    assert state(faces, consent) == ("active", None)
    faces.clock.now = until
    await expire(faces)
    assert state(faces, consent) == ("ended", "retention")
    pending = await faces.house.get("manager", "/v1/withdrawals?state=pending")
    assert [(w["requested_by"], w["cause"]) for w in pending["items"]] == [("retention", "retention")]


async def test_a_restart_in_the_middle_forgets_nothing(tmp_path: Path) -> None:
    clock = Clock()
    async with ready_faces(tmp_path, clock=clock) as faces:
        visit = await faces.check_in()
        refusing = await faces.check_in(OTHER)
        await faces.answer(refusing["visit_id"], "no")
    async with open_faces(tmp_path, clock=clock) as faces:
        assert (await faces.answer(visit["visit_id"])).status_code == 201
        assert (await faces.answer(refusing["visit_id"])).json()["code"] == "refused_today"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/v1/consent-text", {"kiosk", "reception", "manager", "admin"}),
        ("POST", "/v1/consents", {"kiosk", "reception"}),
        ("POST", f"/v1/consents/{NOBODY}/enrolment", {"kiosk", "reception"}),
        ("GET", f"/v1/consents/{NOBODY}/enrolment", {"kiosk", "reception"}),
        ("DELETE", f"/v1/consents/{NOBODY}/enrolment", {"kiosk", "reception"}),
        ("GET", f"/v1/customers/{NOBODY}/face", {"reception", "manager", "admin"}),
        ("GET", "/v1/faces", {"reception", "manager", "admin"}),
        ("GET", "/v1/faces/log", {"manager", "admin"}),
        ("POST", "/v1/faces/nodes/lobby/release", {"manager", "admin"}),
        ("POST", "/v1/face-codes", {"kiosk"}),
        ("POST", f"/v1/face-codes/{NOBODY}/proof", {"kiosk"}),
        ("POST", "/v1/face-files", {"reception", "manager", "admin"}),
        ("POST", "/v1/withdrawals", {"kiosk", "reception", "manager", "admin"}),
        ("GET", "/v1/withdrawals", {"reception", "manager", "admin"}),
        ("POST", f"/v1/withdrawals/{NOBODY}/nodes/lobby/release", {"manager", "admin"}),
        ("GET", "/v1/simulated-messages", {"phone", "admin"}),
    ],
)
async def test_each_role_may_what_the_route_says(faces: Faces, method: str, path: str, allowed: set[str]) -> None:
    for role in ("kiosk", "board", "phone", "reception", "manager", "admin"):
        answer = await faces.house.call(role, method, path)
        denied = answer.status_code == 403 and answer.json()["code"] == "forbidden"
        assert denied == (role not in allowed), f"{role}: {answer.status_code}"


async def test_a_no_after_a_yes_stops_the_enrolment_and_ends_the_consent(faces: Faces) -> None:
    visit = await faces.check_in()
    consent = (await faces.answer(visit["visit_id"])).json()["consent"]
    enrolment = f"/v1/consents/{consent['consent_id']}/enrolment"
    await faces.house.post("kiosk", enrolment)
    assert (await faces.answer(visit["visit_id"], "no")).json()["face"] == "refused"
    await faces.house.context.writer.run(lambda uow: None)
    kinds = faces.rows("SELECT type FROM commands ORDER BY id")
    assert kinds == [("face.enrol.v1",), ("face.cancel.v1",)]
    assert state(faces, consent) == ("ended", "withdrawn")
    pending = (await faces.house.get("manager", "/v1/withdrawals?state=pending"))["items"]
    assert [w["consent_ids"] for w in pending] == [[consent["consent_id"]]]
    again = await faces.house.call("kiosk", "POST", enrolment)
    assert (again.status_code, again.json()["code"]) == (409, "refused_today")
    await faces.enrol(consent["consent_id"])
    assert state(faces, consent) == ("ended", "withdrawn")


async def test_a_no_before_any_picture_cancels_what_the_yes_began_also_on_another_visit(faces: Faces) -> None:
    consent = await faces.consent()
    visit = faces.rows("SELECT visit_id FROM consents")[0][0]
    await faces.house.post("manager", f"/v1/visits/{visit}/finish", {})
    faces.clock.forward(minutes=5)
    await faces.answer((await faces.check_in(who="kiosk2"))["visit_id"], "no", who="kiosk2")
    assert state(faces, consent) == ("ended", "cancelled")
    assert faces.rows("SELECT count(*) FROM withdrawals") == [(0,)]


async def test_a_no_right_after_the_enrolment_of_the_same_visit_deletes_it_with_proof(faces: Faces) -> None:
    consent = await faces.enrolled()
    visit = await faces.check_in()
    await faces.answer(visit["visit_id"], "no")
    assert state(faces, consent) == ("ended", "withdrawn")


async def test_a_refusal_that_stands_starts_no_enrolment_of_a_living_consent(faces: Faces) -> None:
    consent = await faces.enrolled()
    await leave_and_come_back(faces)
    await faces.answer((await faces.check_in())["visit_id"], "no")
    assert state(faces, consent) == ("active", None), "anybody may type a number: it deletes nobody's face"
    again = await faces.house.call("kiosk", "POST", f"/v1/consents/{consent['consent_id']}/enrolment")
    assert (again.status_code, again.json()["code"]) == (409, "refused_today")


async def test_the_reception_s_no_of_a_later_visit_deletes_too(faces: Faces) -> None:
    consent = await faces.enrolled()
    await leave_and_come_back(faces)
    visit = await faces.check_in()
    await faces.answer(visit["visit_id"], "no", who="reception")
    assert state(faces, consent) == ("ended", "withdrawn")


@pytest.mark.parametrize("kiosk", ["kiosk", "kiosk2"])
async def test_a_number_that_anybody_may_type_replaces_nobody_s_face(faces: Faces, kiosk: str) -> None:
    consent = await faces.enrolled()
    await leave_and_come_back(faces)
    refused = await faces.answer((await faces.check_in(who=kiosk))["visit_id"], who=kiosk)
    assert (refused.status_code, refused.json()["code"]) == (409, "face_unavailable")
    assert state(faces, consent) == ("active", None)


async def test_the_reception_may_renew_a_face_and_so_may_whoever_had_it_deleted(faces: Faces) -> None:
    first = await faces.enrolled()
    visit = await faces.check_in()
    second = await faces.answer(visit["visit_id"], who="reception")
    assert (second.status_code, state(faces, first)) == (201, ("ended", "replaced"))
    await faces.enrol(second.json()["consent"]["consent_id"])
    await faces.withdraw(faces.customer(first["consent_id"]))
    assert (await faces.answer(visit["visit_id"])).status_code == 201


async def test_a_typed_number_tells_nobody_whether_it_is_enrolled_or_refused(faces: Faces) -> None:
    await faces.enrolled()
    other = await faces.check_in(OTHER)
    await faces.answer(other["visit_id"], "no")
    enrolled, refused = await faces.check_in(), await faces.check_in(OTHER)
    nobody = await faces.check_in("13600003333", who="kiosk2")
    assert {answer["face"] for answer in (enrolled, refused, nobody)} == {"unavailable"}


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("after=9223372036854775807", 200),
        ("after=9223372036854775808", 422),
        ("after=-1", 422),
    ],
)
async def test_a_cursor_beyond_the_database_s_numbers_is_refused(faces: Faces, query: str, status: int) -> None:
    span = "from=2026-01-01T00:00:00Z&to=2027-01-01T00:00:00Z"
    assert (await faces.house.call("manager", "GET", f"/v1/faces/log?{span}&{query}")).status_code == status


async def leave_and_come_back(faces: Faces) -> None:
    visit = faces.rows("SELECT visit_id FROM visits WHERE state != 'closed'")[0][0]
    await faces.house.post("manager", f"/v1/visits/{visit}/finish", {})
    faces.clock.forward(days=1)
    await faces.status()


async def expire(faces: Faces) -> None:
    context = faces.house.context
    if service.is_due(context):
        await context.writer.run(lambda uow: service.expire(uow, context))


def state(faces: Faces, consent: dict[str, str]) -> tuple[str, str | None]:
    row = faces.rows("SELECT state, end_cause FROM consents WHERE consent_id = ?", consent["consent_id"])[0]
    return row[0], row[1]
