"""Asking to be forgotten: at once for the office, pending until each node has said so, then proven."""

import base64
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from contracts.ids import uuid7
from gateway.consents import book, service, vault
from tests.gateway.facing import OTHER, PHONE, Faces, open_faces, ready_faces
from tests.gateway.house import Clock
from tests.gateway.running import in_files_of


async def grant_of(faces: Faces, phone: str = PHONE, who: str = "kiosk") -> str:
    sent = await faces.house.post(who, "/v1/face-codes", {"phone": phone})
    text = (await faces.house.get("phone", "/v1/simulated-messages"))[0]["text"]
    code = re.findall(r"\d{6}", text)[0]
    file = await faces.house.post(who, f"/v1/face-codes/{sent['code_id']}/proof", {"code": code})
    return str(file["grant"])


async def ask(faces: Faces, body: Any, who: str = "kiosk", key: str | None = None) -> httpx.Response:
    return await faces.house.call(who, "POST", "/v1/withdrawals", body, key or uuid7())


async def look(faces: Faces, withdrawal_id: str, who: str = "reception", grant: str = "") -> httpx.Response:
    headers = {"Authorization": f"Bearer {faces.house.tokens.get(who, who)}"}
    if grant:
        headers["X-Face-Grant"] = grant
    return await faces.house.http.get(f"/v1/withdrawals/{withdrawal_id}", headers=headers)


async def view(faces: Faces, withdrawal_id: str) -> Any:
    return (await look(faces, withdrawal_id)).json()


def nodes(withdrawal: Any) -> dict[str, tuple[str, int | None]]:
    return {n["node"]: (n["state"], n["templates"]) for n in withdrawal["nodes"]}


async def test_the_visitor_takes_it_back_at_the_kiosk_and_watches_until_it_is_proven(faces: Faces) -> None:
    consent = await faces.enrolled()
    grant = await grant_of(faces)
    asked = await ask(faces, {"grant": grant})
    withdrawal = asked.json()
    assert asked.status_code == 202
    assert (withdrawal["state"], withdrawal["requested_by"], withdrawal["cause"]) == ("pending", "visitor", "withdrawn")
    assert withdrawal["consent_ids"] == [consent["consent_id"]]
    assert nodes(withdrawal) == {"lobby": ("pending", None)}
    requested, stops = (datetime.fromisoformat(withdrawal[x]) for x in ("requested_at", "stops_by"))
    assert stops - requested == timedelta(minutes=15)
    assert faces.rows("SELECT state, end_cause FROM consents") == [("ended", "withdrawn")]
    await faces.forgotten(consent["consent_id"], templates=3)
    seen = (await look(faces, withdrawal["withdrawal_id"], "kiosk", grant)).json()
    assert (seen["state"], nodes(seen)) == ("complete", {"lobby": ("confirmed", 3)})
    assert re.fullmatch(r"yunqi-\d{8}-0001", seen["certificate_no"])


async def test_a_grant_serves_one_withdrawal_at_its_own_screen_for_five_minutes(faces: Faces) -> None:
    await faces.enrolled()
    grant = await grant_of(faces)
    assert (await ask(faces, {"grant": grant}, "kiosk2")).json()["code"] == "grant_invalid"
    assert (await ask(faces, {"grant": "x" * 43})).json()["code"] == "grant_invalid"
    faces.clock.forward(minutes=5)
    assert (await ask(faces, {"grant": grant})).status_code == 403
    fresh = await grant_of(faces)
    made = (await ask(faces, {"grant": fresh})).json()
    assert (await ask(faces, {"grant": fresh})).json()["code"] == "grant_invalid"
    assert (await look(faces, made["withdrawal_id"], "kiosk")).status_code == 403
    assert (await look(faces, made["withdrawal_id"], "kiosk2", fresh)).status_code == 403
    assert (await look(faces, made["withdrawal_id"], "kiosk", fresh)).status_code == 200
    faces.clock.forward(minutes=6)
    assert (await look(faces, made["withdrawal_id"], "kiosk", fresh)).status_code == 403


async def test_the_same_key_is_one_withdrawal(faces: Faces) -> None:
    await faces.enrolled()
    body, key = {"grant": await grant_of(faces)}, uuid7()
    first, again = await ask(faces, body, key=key), await ask(faces, body, key=key)
    assert (first.status_code, again.status_code) == (202, 200)
    assert first.json() == again.json()


async def test_a_kiosk_withdraws_for_nobody_without_a_grant_and_staff_say_why(faces: Faces) -> None:
    customer = faces.customer((await faces.enrolled())["consent_id"])
    by_kiosk = await ask(faces, {"customer_id": customer, "reason": "please"})
    assert (by_kiosk.status_code, by_kiosk.json()["code"]) == (422, "invalid")
    for who in ("reception", "manager", "admin"):
        silent = await ask(faces, {"customer_id": customer}, who)
        assert (silent.status_code, silent.json()["code"]) == (422, "reason_needed")
    unknown = await ask(faces, {"customer_id": uuid7(), "reason": "asked"}, "manager")
    assert unknown.status_code == 404
    made = await faces.withdraw(customer, "manager", "客户电话要求")
    assert made["requested_by"] == "manager"


async def test_a_consultant_withdraws_for_their_own_customer_and_sees_only_what_they_asked(faces: Faces) -> None:
    await faces.house.sign_in("a")
    consent = await faces.enrolled()
    await faces.house.accept("a")
    customer = faces.customer(consent["consent_id"])
    body = {"customer_id": customer, "reason": "客户当面要求"}
    await faces.house.new_session("b")
    assert (await ask(faces, body, "b")).json()["code"] == "not_your_customer"
    assert [c["state"] for c in await faces.house.get("a", f"/v1/customers/{customer}/face")] == ["active"]
    made = (await ask(faces, body, "a")).json()
    assert made["requested_by"] == "consultant"
    assert (await look(faces, made["withdrawal_id"], "a")).status_code == 200
    assert (await look(faces, made["withdrawal_id"], "b")).status_code == 403


async def test_who_has_nothing_here_is_told_so(faces: Faces) -> None:
    grant = await grant_of(faces, OTHER)
    assert (await ask(faces, {"grant": grant})).json()["code"] == "nothing_kept"
    consent = await faces.enrolled()
    await faces.withdraw(faces.customer(consent["consent_id"]))
    again = await ask(faces, {"customer_id": faces.customer(consent["consent_id"]), "reason": "twice"}, "reception")
    assert (again.status_code, again.json()["code"]) == (409, "nothing_kept")


async def test_every_node_that_ever_had_faces_is_waited_for(faces: Faces) -> None:
    await faces.status("hall", vault=False, cameras=["cam-hall"])
    await faces.status("hall", online=False)
    consent = await faces.enrolled()
    made = await faces.withdraw(faces.customer(consent["consent_id"]))
    await faces.forgotten(consent["consent_id"], templates=3)
    assert nodes(await view(faces, made["withdrawal_id"])) == {"hall": ("pending", None), "lobby": ("confirmed", 3)}
    no_certificate = await faces.house.call("reception", "GET", f"/v1/withdrawals/{made['withdrawal_id']}/certificate")
    assert (no_certificate.status_code, no_certificate.json()["code"]) == (409, "not_complete")
    await faces.forgotten(consent["consent_id"], "hall")
    done = await view(faces, made["withdrawal_id"])
    assert (done["state"], nodes(done)["hall"]) == ("complete", ("confirmed", 0))


async def test_repeated_unknown_and_forged_words_change_nothing(faces: Faces) -> None:
    await faces.status("hall", vault=False)
    consent, other = await faces.enrolled(), await faces.enrolled(OTHER)
    made = await faces.withdraw(faces.customer(consent["consent_id"]))
    await faces.forgotten(consent["consent_id"], ref=faces.ref(other["consent_id"]))
    await faces.forgotten(consent["consent_id"], ref=uuid7())
    assert nodes(await view(faces, made["withdrawal_id"]))["lobby"] == ("pending", None)
    await faces.forgotten(consent["consent_id"], templates=3)
    await faces.forgotten(consent["consent_id"], templates=0, cause="unknown")
    await faces.forgotten(consent["consent_id"], "stranger", templates=9)
    seen = nodes(await view(faces, made["withdrawal_id"]))
    assert seen == {"hall": ("pending", None), "lobby": ("confirmed", 3)}
    assert faces.rows("SELECT state FROM consents WHERE consent_id = ?", other["consent_id"]) == [("active",)]


async def test_a_node_that_ended_it_by_its_own_clock_a_little_early_need_not_say_it_again(faces: Faces) -> None:
    consent = await faces.enrolled()
    until = datetime.fromisoformat(consent["until"])
    faces.clock.now = until - timedelta(seconds=30)
    await faces.forgotten(consent["consent_id"], templates=3)
    pending = (await faces.house.get("reception", "/v1/withdrawals"))["items"]
    assert [(w["state"], w["cause"], nodes(w)) for w in pending] == [
        ("complete", "retention", {"lobby": ("confirmed", 3)})
    ]


async def test_templates_that_moved_end_no_consent(faces: Faces) -> None:
    consent = await faces.enrolled()
    await faces.forgotten(consent["consent_id"], templates=3, cause="moved")
    assert faces.rows("SELECT state FROM consents") == [("active",)]
    made = await faces.withdraw(faces.customer(consent["consent_id"]))
    assert nodes(made) == {"lobby": ("pending", None)}


async def test_templates_the_vault_lost_end_the_consent_that_promised_them(faces: Faces) -> None:
    consent = await faces.enrolled()
    await faces.forgotten(consent["consent_id"], templates=3, cause="unknown")
    assert faces.rows("SELECT state, end_cause FROM consents") == [("ended", "not_enrolled")]


async def test_a_manager_releases_a_node_that_will_never_answer_and_the_certificate_says_so(faces: Faces) -> None:
    await faces.status("hall", vault=False, cameras=[])
    first, second = await faces.enrolled(), await faces.enrolled(OTHER)
    made = [await faces.withdraw(faces.customer(c["consent_id"])) for c in (first, second)]
    await faces.forgotten(first["consent_id"], templates=3)
    path = f"/v1/withdrawals/{made[0]['withdrawal_id']}/nodes"
    body = {"reason": "进水\n报废"}
    online = await faces.house.call("manager", "POST", f"{path}/hall/release", body)
    assert (online.status_code, online.json()["code"]) == (409, "node_online")
    await faces.status("hall", online=False)
    confirmed = await faces.house.call("manager", "POST", f"{path}/lobby/release", body)
    assert confirmed.json()["code"] == "already_confirmed"
    assert (await faces.house.call("manager", "POST", f"{path}/attic/release", body)).status_code == 404
    assert (await faces.house.call("manager", "POST", f"{path}/hall/release", {"reason": "x"})).status_code == 422
    done = await faces.house.post("manager", f"{path}/hall/release", body)
    assert (done["state"], nodes(done)["hall"]) == ("complete", ("released", None))
    assert nodes(await view(faces, made[1]["withdrawal_id"])) == {
        "hall": ("released", None),
        "lobby": ("pending", None),
    }
    certificate = await faces.house.get("manager", f"/v1/withdrawals/{made[0]['withdrawal_id']}/certificate")
    assert "理由：进水 报废" in certificate["statement"]
    assert "Node hall: NOT confirmed; released by manager:manager" in certificate["statement"]
    third = await faces.enrolled("13500005555")
    assert nodes(await faces.withdraw(faces.customer(third["consent_id"]))) == {"lobby": ("pending", None)}


async def test_a_released_node_that_is_back_is_waited_for_again(faces: Faces) -> None:
    await faces.status("hall", vault=False)
    await faces.status("hall", online=False)
    await faces.house.post("manager", "/v1/faces/nodes/hall/release", {"reason": "sent away"})
    await faces.status("hall", vault=False)
    consent = await faces.enrolled()
    made = await faces.withdraw(faces.customer(consent["consent_id"]))
    assert set(nodes(made)) == {"hall", "lobby"}


async def test_an_earlier_consent_that_a_camera_worked_for_is_proven_gone_too(faces: Faces) -> None:
    first = await faces.consent()
    await faces.house.post("kiosk", f"/v1/consents/{first['consent_id']}/enrolment")
    second = await faces.enrolled()
    made = await faces.withdraw(faces.customer(second["consent_id"]))
    assert made["consent_ids"] == [first["consent_id"], second["consent_id"]]
    await faces.forgotten(second["consent_id"], templates=3)
    assert nodes(await view(faces, made["withdrawal_id"])) == {"lobby": ("pending", None)}
    await faces.forgotten(first["consent_id"])
    assert nodes(await view(faces, made["withdrawal_id"])) == {"lobby": ("confirmed", 3)}


async def test_a_consent_that_no_camera_ever_worked_for_is_not_waited_for(faces: Faces) -> None:
    await faces.consent()
    second = await faces.enrolled()
    made = await faces.withdraw(faces.customer(second["consent_id"]))
    assert made["consent_ids"] == [second["consent_id"]]
    await faces.forgotten(second["consent_id"], templates=3)
    assert (await view(faces, made["withdrawal_id"]))["state"] == "complete"


@pytest.mark.parametrize("erased", [False, True])
async def test_a_node_that_came_later_is_not_asked_about_what_it_cannot_be_told_of(faces: Faces, erased: bool) -> None:
    first = await faces.consent()
    await faces.house.post("kiosk", f"/v1/consents/{first['consent_id']}/enrolment")
    await faces.house.call("kiosk", "DELETE", f"/v1/consents/{first['consent_id']}/enrolment")
    await faces.forgotten(first["consent_id"])
    context = faces.house.context
    faces.clock.forward(days=31)
    await context.writer.run(lambda uow: service.housekeep(uow, context))
    await faces.status()
    await faces.status("hall", vault=False, cameras=[])
    second = await faces.enrolled()
    customer = faces.customer(second["consent_id"])
    if erased:
        await context.writer.run(lambda uow: service.erase(uow, context, customer))
    else:
        await faces.withdraw(customer)
    with context.database.read() as session:
        named = {row.consent_id for row in book.told_after(session, 0, 100)}
    (made,) = (await faces.house.get("manager", "/v1/withdrawals"))["items"]
    assert made["consent_ids"] == [second["consent_id"]]
    assert set(made["consent_ids"]) <= named, "the node is told of all that is asked of it"
    for node in ("hall", "lobby"):
        await faces.forgotten(second["consent_id"], node)
    assert (await view(faces, made["withdrawal_id"]))["state"] == "complete"


async def test_only_the_vault_s_node_speaks_for_the_vault(faces: Faces) -> None:
    await faces.status("hall", vault=False, cameras=[])
    consent = await faces.enrolled()
    before = vault.IGNORED["face.forgotten.v1", "not_the_vault"]
    await faces.forgotten(consent["consent_id"], "hall", templates=3, cause="unknown", vault=True)
    assert faces.rows("SELECT state FROM consents") == [("active",)]
    assert vault.IGNORED["face.forgotten.v1", "not_the_vault"] == before + 1
    made = await faces.withdraw(faces.customer(consent["consent_id"]))
    await faces.forgotten(consent["consent_id"], "hall", vault=True)
    assert nodes(await view(faces, made["withdrawal_id"])) == {"hall": ("confirmed", 0), "lobby": ("pending", None)}
    assert faces.rows("SELECT node, vault FROM face_forgotten") == [("hall", 0)]


async def test_the_node_that_held_the_vault_at_the_enrolment_still_speaks_for_it(faces: Faces) -> None:
    consent = await faces.enrolled()
    faces.clock.forward(minutes=1)
    await faces.status("lobby", vault=False)
    await faces.status("hall", vault=True, cameras=[])
    await faces.forgotten(consent["consent_id"], "lobby", templates=3, cause="unknown", vault=True)
    assert faces.rows("SELECT state FROM consents") == [("ended",)]


async def test_the_certificate_can_be_checked_by_anybody_and_names_nobody(faces: Faces, tmp_path: Path) -> None:
    consent = await faces.enrolled()
    made = await faces.withdraw(faces.customer(consent["consent_id"]), "reception", "陈女士来电")
    await faces.forgotten(consent["consent_id"], templates=3)
    path = f"/v1/withdrawals/{made['withdrawal_id']}/certificate"
    certificate = await faces.house.get("reception", path)
    public_key = Ed25519PublicKey.from_public_bytes(base64.b64decode(certificate["public_key"]))
    public_key.verify(base64.b64decode(certificate["signature"]), certificate["statement"].encode())
    statement = certificate["statement"]
    text = await faces.house.get("kiosk", "/v1/consent-text")
    for fact in (
        certificate["certificate_no"],
        consent["consent_id"],
        text["version"],
        text["sha256"],
        made["withdrawal_id"],
        "删除特征 3 个",
        "holds nothing, 3 deleted",
        "撤回同意",
        "consent withdrawn",
    ):
        assert fact in statement
    assert certificate["text_versions"] == [text["version"]]
    assert PHONE not in statement
    assert "陈女士" not in statement
    assert not in_files_of(tmp_path, "陈女士")
    assert await faces.house.get("manager", path) == certificate


async def test_certificates_are_numbered_by_the_day(faces: Faces) -> None:
    numbers = []
    for phone in (PHONE, OTHER):
        consent = await faces.enrolled(phone)
        made = await faces.withdraw(faces.customer(consent["consent_id"]))
        await faces.forgotten(consent["consent_id"], templates=3)
        numbers.append((await view(faces, made["withdrawal_id"]))["certificate_no"])
    assert numbers == ["yunqi-20261121-0001", "yunqi-20261121-0002"]


async def test_a_pending_withdrawal_survives_a_restart(tmp_path: Path) -> None:
    clock = Clock()
    async with ready_faces(tmp_path, clock) as faces:
        consent = await faces.enrolled()
        made = await faces.withdraw(faces.customer(consent["consent_id"]))
    async with open_faces(tmp_path, clock) as faces:
        pending = await faces.house.get("manager", "/v1/withdrawals?state=pending")
        assert [w["withdrawal_id"] for w in pending["items"]] == [made["withdrawal_id"]]
        await faces.forgotten(consent["consent_id"], templates=3)
        assert (await view(faces, made["withdrawal_id"]))["state"] == "complete"


async def test_the_reception_looks_up_the_number_it_is_told_and_withdraws_with_its_name_on_record(faces: Faces) -> None:
    consent = await faces.enrolled()
    file = await faces.house.call("reception", "POST", "/v1/face-files", {"phone": PHONE})
    assert (file.status_code, PHONE in file.text, file.json()["templates_kept"]) == (200, False, True)
    assert [c["consent_id"] for c in file.json()["consents"]] == [consent["consent_id"]]
    made = await faces.withdraw(file.json()["customer"]["customer_id"], reason="看了身份证件")
    await faces.forgotten(consent["consent_id"], templates=3)
    proof = await faces.house.get("reception", f"/v1/withdrawals/{made['withdrawal_id']}/certificate")
    statement = proof["statement"]
    assert "前台代客户办理" in statement
    assert "reception, for the visitor" in statement
    acts = faces.rows("SELECT act, by FROM face_acts WHERE act IN ('file.read', 'withdrawal.opened')")
    assert [act for act, _ in acts] == ["file.read", "withdrawal.opened"]
    assert all(by.startswith("reception:") for _, by in acts)


async def test_a_number_that_nobody_has_leads_to_no_file(faces: Faces) -> None:
    answer = await faces.house.call("reception", "POST", "/v1/face-files", {"phone": OTHER})
    assert (answer.status_code, answer.json()["code"]) == (404, "nobody_by_that_number")


async def test_erasing_a_customer_ends_the_consent_with_proof_and_drops_the_guardian(faces: Faces) -> None:
    guardian = {"phone": "13700001111", "relation": "father"}
    consent = await faces.consent(under_14=True, guardian=guardian)
    await faces.enrol(consent["consent_id"])
    customer, context = faces.customer(consent["consent_id"]), faces.house.context
    await context.writer.run(lambda uow: service.erase(uow, context, customer))
    assert faces.rows("SELECT end_cause, guardian FROM consents") == [("erased", None)]
    await context.writer.run(lambda uow: service.erase(uow, context, customer))
    pending = (await faces.house.get("manager", "/v1/withdrawals"))["items"]
    assert [w["cause"] for w in pending] == ["erased"]
