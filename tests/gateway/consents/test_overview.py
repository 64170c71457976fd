"""What the office sees of its faces, and what alarms it."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.consents import service
from tests.gateway.facing import OTHER, PHONE, Faces, open_faces, ready_faces


async def overview(faces: Faces) -> Any:
    return await faces.house.get("reception", "/v1/faces")


async def test_an_office_without_cameras_is_no_alarm(tmp_path: Path) -> None:
    async with open_faces(tmp_path) as faces:
        seen = await overview(faces)
        assert (seen["available"], seen["reason"], seen["alarms"]) == (False, "no_node", [])
        assert (await faces.house.get("board", "/v1/floor"))["alarms"] == []


async def test_the_figures_follow_what_visitors_say(faces: Faces) -> None:
    await faces.enrolled()
    await faces.consent(OTHER)
    refusing = await faces.check_in("13600001111")
    await faces.answer(refusing["visit_id"], "no")
    ending = await faces.enrolled("13600002222")
    await faces.withdraw(faces.customer(ending["consent_id"]))
    seen = await overview(faces)
    assert seen["available"] is True
    figures = ("active", "granted", "refused_today", "ended_last_30_days", "withdrawals_pending")
    assert [seen[name] for name in figures] == [1, 1, 1, 1, 1]
    assert [node["node"] for node in seen["nodes"]] == ["lobby"]
    assert seen["alarms"] == []
    faces.clock.forward(days=1)
    await faces.status()
    assert (await overview(faces))["refused_today"] == 0


@pytest.mark.parametrize(
    ("status", "reason", "alarms"),
    [
        ({"people": 80_000}, "", ["filing_duty_near"]),
        ({"people": 79_999}, "", []),
        ({"matching": False, "reason": "engine"}, "camera_offline", ["engine_failed"]),
        ({"matching": False, "reason": "no_lease", "lease_until": None}, "camera_offline", ["lease_lapsed"]),
        ({"matching": False, "reason": "starting", "lease_until": None, "model": ""}, "camera_offline", []),
        ({"vault": False, "matching": False, "reason": "starting", "model": ""}, "camera_offline", []),
        ({"online": False}, "vault_offline", ["no_vault"]),
        ({"cameras": []}, "camera_offline", []),
    ],
)
async def test_what_alarms_the_manager(faces: Faces, status: dict[str, Any], reason: str, alarms: list[str]) -> None:
    await faces.status(**status)
    seen = await overview(faces)
    assert (seen["reason"], seen["alarms"]) == (reason, alarms)
    floor = await faces.house.get("board", "/v1/floor")
    assert [alarm["reason"] for alarm in floor["alarms"] if alarm["rule"] == "faces"] == alarms


async def test_a_camera_without_a_vault_is_an_alarm(tmp_path: Path) -> None:
    async with open_faces(tmp_path) as faces:
        await faces.status(vault=False)
        seen = await overview(faces)
        assert (seen["reason"], seen["alarms"]) == ("no_vault", ["no_vault"])


async def test_two_vaults_are_an_alarm_and_the_first_stays_until_it_is_released(tmp_path: Path) -> None:
    async with ready_faces(tmp_path) as faces:
        await faces.status("hall", vault_key="b3RoZXI=")
        assert (await overview(faces))["alarms"] == ["two_vaults"]
        assert faces.rows("SELECT vault_node FROM consent_book") == [("lobby",)]
    async with open_faces(tmp_path) as faces:
        assert faces.rows("SELECT vault_node FROM consent_book") == [("lobby",)]
        await faces.status(online=False)
        await faces.house.post("manager", "/v1/faces/nodes/lobby/release", {"reason": "换新机器"})
        assert faces.rows("SELECT vault_node, vault_key FROM consent_book") == [("hall", "b3RoZXI=")]
        assert (await overview(faces))["alarms"] == []


async def test_a_vault_that_restarts_keeps_its_place(faces: Faces) -> None:
    await faces.status(vault=False, model="", matching=False, reason="starting")
    await faces.status("hall", vault_key="b3RoZXI=")
    assert faces.rows("SELECT vault_node FROM consent_book") == [("lobby",)]
    assert (await faces.check_in())["face"] == "unavailable"
    await faces.status()
    assert (await overview(faces))["alarms"] == ["two_vaults"]


async def test_a_vault_that_moved_is_followed_when_the_old_one_gives_up(faces: Faces) -> None:
    await faces.status("hall", vault_key="b3RoZXI=")
    await faces.status("lobby", vault=False)
    assert faces.rows("SELECT vault_node FROM consent_book") == [("hall",)]
    assert (await overview(faces))["alarms"] == []


async def test_the_processing_log_tells_the_whole_story_without_a_name(faces: Faces) -> None:
    began = faces.clock.now
    consent = await faces.enrolled()
    made = await faces.withdraw(faces.customer(consent["consent_id"]))
    await faces.forgotten(consent["consent_id"], templates=3)
    span = {"from": began.isoformat(), "to": (faces.clock.now + timedelta(seconds=1)).isoformat()}
    headers = {"Authorization": "Bearer manager"}
    answer = await faces.house.http.get("/v1/faces/log", params=span, headers=headers)
    log = answer.json()
    mine = [item["act"] for item in log["items"] if item["consent_id"] == consent["consent_id"]]
    assert mine == [
        "consent.given",
        "enrolment.done",
        "consent.withdrawn",
        "withdrawal.opened",
        "consent.forgotten",
        "withdrawal.complete",
    ]
    assert log["next_after"] is None
    assert PHONE not in answer.text
    assert made["withdrawal_id"] in answer.text
    late = {"from": span["to"], "to": (faces.clock.now + timedelta(days=1)).isoformat()}
    assert (await faces.house.http.get("/v1/faces/log", params=late, headers=headers)).json()["items"] == []
    naive = {"from": "2026-11-21T00:00:00", "to": "2026-11-22T00:00:00"}
    assert (await faces.house.http.get("/v1/faces/log", params=naive, headers=headers)).status_code == 422


async def test_metrics_count_and_name_nobody(faces: Faces) -> None:
    consent = await faces.enrolled()
    await faces.status(people=1, templates=3)
    text = faces.house.app.state.metrics.render().decode()
    assert "anchang_gateway_consents_active 1.0" in text
    assert "anchang_gateway_face_templates 3.0" in text
    assert "anchang_gateway_withdrawals_pending 0.0" in text
    assert consent["consent_id"] not in text


async def test_records_are_kept_as_long_as_their_proof_is_owed(faces: Faces) -> None:
    consent = await faces.enrolled()
    await faces.withdraw(faces.customer(consent["consent_id"]))
    await faces.forgotten(consent["consent_id"], templates=3)
    living = await faces.enrolled(OTHER)
    context = faces.house.context
    tables = ("consents", "withdrawals", "withdrawal_nodes", "face_forgotten", "enrolments")

    async def housekeep() -> list[int]:
        await context.writer.run(lambda uow: service.housekeep(uow, context))
        return [faces.rows(f"SELECT count(*) FROM {table}")[0][0] for table in tables]

    faces.clock.forward(days=1094)
    assert await housekeep() == [2, 1, 1, 1, 0]
    faces.clock.forward(days=2)
    assert await housekeep() == [1, 0, 0, 0, 0]
    assert faces.rows("SELECT consent_id FROM consents") == [(living["consent_id"],)]
