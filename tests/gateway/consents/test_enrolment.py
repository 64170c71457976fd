"""From a yes to a template, with a node that answers, refuses, or falls silent."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from contracts.ids import uuid7
from contracts.messages import FacePreview
from gateway.config import FacesConfig
from gateway.consents import vault
from tests.gateway.facing import OTHER, Faces, open_faces, ready_faces
from tests.gateway.house import Clock

TOKEN = "t" * 43
PREVIEW = FacePreview(port=8090, token=TOKEN).model_dump()


async def start(faces: Faces, consent: Any, who: str = "kiosk") -> Any:
    return await faces.house.post(who, f"/v1/consents/{consent['consent_id']}/enrolment")


async def look(faces: Faces, consent: Any) -> Any:
    return await faces.house.get("kiosk", f"/v1/consents/{consent['consent_id']}/enrolment")


async def commands(faces: Faces) -> int:
    """How many orders were stored; they are stored after the answer."""
    await faces.house.context.writer.run(lambda uow: None)
    return int(faces.rows("SELECT count(*) FROM commands")[0][0])


async def command(faces: Faces) -> Any:
    """The newest order, as stored: id, node, device, type."""
    await commands(faces)
    return faces.rows("SELECT id, node, device, type FROM commands ORDER BY id DESC LIMIT 1")[0]


async def test_the_camera_of_the_screen_is_asked_and_its_preview_shown_until_it_ends(faces: Faces) -> None:
    consent = await faces.consent()
    assert await start(faces, consent) == {
        "consent_id": consent["consent_id"],
        "state": "asked",
        "preview_url": None,
        "shots": 0,
        "of": 3,
        "reason": "",
    }
    order = await command(faces)
    assert order[1:] == ("lobby", "cam-kiosk", "face.enrol.v1")
    await faces.reply(order[0], data=PREVIEW)
    running = await look(faces, consent)
    assert (running["state"], running["preview_url"]) == ("running", f"http://127.0.0.1:8090/preview/{TOKEN}")
    await faces.enrol(consent["consent_id"])
    done = await look(faces, consent)
    assert (done["state"], done["shots"], done["preview_url"]) == ("done", 3, None)
    assert faces.rows("SELECT state, engine, model FROM consents") == [("active", "opencv", "m" * 64)]
    assert faces.rows("SELECT preview_token, preview_port FROM enrolments") == [(None, None)]


async def test_asking_twice_sends_one_order_and_again_after_a_failure_another(faces: Faces) -> None:
    consent = await faces.consent()
    await start(faces, consent)
    await start(faces, consent)
    assert await commands(faces) == 1
    await faces.reply((await command(faces))[0], ok=False, error="camera")
    failed = await look(faces, consent)
    assert (failed["state"], failed["reason"]) == ("failed", "camera")
    assert (await start(faces, consent))["state"] == "asked"
    assert await commands(faces) == 2


async def test_a_reply_to_an_older_order_or_of_another_node_says_nothing(faces: Faces) -> None:
    consent = await faces.consent()
    await start(faces, consent)
    old = (await command(faces))[0]
    await faces.reply(old, node="cellar", data=PREVIEW)
    assert (await look(faces, consent))["state"] == "asked"
    await faces.reply(old, ok=False, error="busy")
    await start(faces, consent)
    await faces.reply(old, data=PREVIEW)
    assert (await look(faces, consent))["state"] == "asked"


@pytest.mark.parametrize("data", [{}, {"port": 0, "token": TOKEN}, {"port": 8090, "token": "short"}])
async def test_a_node_that_begins_without_a_usable_preview_has_failed(faces: Faces, data: dict[str, Any]) -> None:
    consent = await faces.consent()
    await start(faces, consent)
    await faces.reply((await command(faces))[0], data=data)
    assert (await look(faces, consent))["reason"] == "no_preview"


async def test_a_node_that_falls_silent_has_failed_and_its_late_success_still_counts(faces: Faces) -> None:
    consent = await faces.consent()
    await start(faces, consent)
    faces.clock.forward(seconds=FacesConfig().enrol_answer_seconds + 1)
    silent = await look(faces, consent)
    assert (silent["state"], silent["reason"]) == ("failed", "no_answer")
    await faces.enrol(consent["consent_id"])
    assert (await look(faces, consent))["state"] == "done"
    assert faces.rows("SELECT state FROM consents") == [("active",)]


async def test_the_failure_of_an_earlier_session_does_not_end_the_one_that_runs(faces: Faces) -> None:
    consent = await faces.consent()
    await start(faces, consent)
    before = faces.clock.now
    await faces.reply((await command(faces))[0], ok=False, error="busy")
    faces.clock.forward(seconds=5)
    await start(faces, consent)
    await faces.enrol(consent["consent_id"], outcome="failed", reason="timeout", at=before)
    assert (await look(faces, consent))["state"] == "asked"
    await faces.enrol(consent["consent_id"], outcome="failed", reason="no_face")
    failed = await look(faces, consent)
    assert (failed["state"], failed["reason"]) == ("failed", "no_face")


async def test_cancelling_tells_the_node_and_ends_the_consent(faces: Faces) -> None:
    consent = await faces.consent()
    await start(faces, consent)
    path = f"/v1/consents/{consent['consent_id']}/enrolment"
    for _ in range(2):
        answer = await faces.house.call("kiosk", "DELETE", path)
        assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
    assert (await command(faces))[3] == "face.cancel.v1"
    assert await commands(faces) == 2
    assert faces.rows("SELECT state, end_cause FROM consents") == [("ended", "cancelled")]
    again = await faces.house.call("kiosk", "POST", path)
    assert (again.status_code, again.json()["code"]) == (409, "consent_ended")


async def test_cancelling_what_was_just_stored_deletes_it_with_proof(faces: Faces) -> None:
    consent = await faces.enrolled()
    await faces.house.call("kiosk", "DELETE", f"/v1/consents/{consent['consent_id']}/enrolment")
    pending = await faces.house.get("reception", "/v1/withdrawals?state=pending")
    assert [(w["cause"], w["requested_by"]) for w in pending["items"]] == [("cancelled", "visitor")]


async def test_an_enrolment_of_long_ago_is_withdrawn_not_cancelled(faces: Faces) -> None:
    consent = await faces.enrolled()
    faces.clock.forward(minutes=11)
    answer = await faces.house.call("kiosk", "DELETE", f"/v1/consents/{consent['consent_id']}/enrolment")
    assert (answer.status_code, answer.json()["code"]) == (409, "enrolled")


async def test_another_screen_neither_sees_nor_starts_nor_cancels_it(faces: Faces) -> None:
    consent = await faces.consent()
    await start(faces, consent)
    for method in ("POST", "GET", "DELETE"):
        answer = await faces.house.call("kiosk2", method, f"/v1/consents/{consent['consent_id']}/enrolment")
        assert (answer.status_code, answer.json()["code"]) == (403, "not_your_checkin")
    assert (await faces.house.call("kiosk", "GET", f"/v1/consents/{uuid7()}/enrolment")).status_code == 404


async def test_an_enrolment_of_somebody_else_changes_nothing(faces: Faces) -> None:
    mine, other = await faces.consent(), await faces.consent(OTHER)
    await faces.enrol(mine["consent_id"])
    assert faces.rows("SELECT state FROM consents ORDER BY given_at") == [("active",), ("granted",)]
    forged = faces.ref(mine["consent_id"])
    faces.ref = lambda _: forged  # type: ignore[method-assign]
    await faces.enrol(other["consent_id"])
    assert faces.rows("SELECT state FROM consents ORDER BY given_at") == [("active",), ("granted",)]


async def test_a_face_known_as_somebody_else_is_no_enrolment(faces: Faces) -> None:
    consent = await faces.consent()
    await start(faces, consent)
    await faces.reply((await command(faces))[0], data=PREVIEW)
    await faces.enrol(consent["consent_id"], outcome="already_known", other_ref=uuid7())
    known = await look(faces, consent)
    assert (known["state"], known["reason"], known["preview_url"]) == ("failed", "already_known", None)
    assert faces.rows("SELECT state, enrolled_at FROM consents") == [("ended", None)]


@pytest.mark.parametrize("outcome", ["done", "failed"])
async def test_a_node_that_was_not_asked_and_holds_no_vault_enrols_nobody(faces: Faces, outcome: str) -> None:
    await faces.status("hall", vault=False, cameras=["cam-hall"])
    consent = await faces.consent()
    await start(faces, consent)
    before = vault.IGNORED["face.enrolment.v1", "not_asked"]
    await faces.enrol(consent["consent_id"], node="hall", outcome=outcome)
    assert (await look(faces, consent))["state"] == "asked"
    assert faces.rows("SELECT state FROM consents") == [("granted",)]
    assert vault.IGNORED["face.enrolment.v1", "not_asked"] == before + 1
    await faces.enrol(consent["consent_id"], node="lobby", outcome=outcome)
    assert (await look(faces, consent))["state"] == outcome


async def test_a_running_enrolment_survives_a_restart(tmp_path: Path) -> None:
    clock = Clock()
    async with ready_faces(tmp_path, clock) as faces:
        consent = await faces.consent()
        await start(faces, consent)
        order = (await command(faces))[0]
    clock.now += timedelta(seconds=2)
    async with open_faces(tmp_path, clock) as faces:
        await faces.reply(order, data=PREVIEW)
        assert (await look(faces, consent))["state"] == "running"
        await faces.enrol(consent["consent_id"])
        assert (await look(faces, consent))["state"] == "done"
