"""Customers, sales, follow-ups, consultants and rosters."""

import asyncio
import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from contracts.facts import FollowUpRecorded, SaleRecorded, TurnRecorded
from contracts.ids import uuid7
from contracts.sealing import Sealer
from tests.central.head_office import NOON, HeadOffice, Outbox, customer, visit

PHONE, NAME = "+8613800112345", "陈小明"


def person(staff_no: str = "A01", **members: Any) -> dict[str, Any]:
    facts = {"person_id": uuid7(), "staff_no": staff_no, "name": "李明", "role": "consultant", "pin_hash": "scrypt$x"}
    return facts | members


async def known_people(head_office: HeadOffice) -> tuple[str, str]:
    """A customer and a consultant of yunqi."""
    recorded = customer(head_office.files.seals["yunqi"])
    await head_office.send([Outbox().event(recorded)])
    staff = person()
    await head_office.edit("/v1/offices/yunqi/roster", {"people": [staff]})
    return recorded.customer_id, staff["person_id"]


async def test_a_customer_is_masked_until_revealed_and_the_reveal_is_logged(head_office: HeadOffice) -> None:
    customer_id, _ = await known_people(head_office)
    masked = await head_office.get(f"/v1/customers/{customer_id}")
    assert (masked["name"], masked["phone"], masked["revealed"]) == ("陈**", "138****2345", False)
    listed = await head_office.get("/v1/customers", office="yunqi")
    assert listed["items"] == [masked]
    shown = (await head_office.manager.post(f"/v1/customers/{customer_id}/reveal")).json()
    assert (shown["name"], shown["phone"], shown["revealed"]) == (NAME, PHONE, True)
    async with head_office.runtime.database.read() as session:
        rows = (await session.execute(text("SELECT who, office FROM customer_reveal"))).all()
    assert [tuple(row) for row in rows] == [("manager", "yunqi")]


def database_bytes(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.glob("central.db*"))


async def test_no_name_or_number_stands_in_database_files_or_logs(
    head_office: HeadOffice, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    customer_id, consultant = await known_people(head_office)
    note = {"office": "yunqi", "customer_id": customer_id, "consultant_id": consultant, "channel": "call"}
    body = note | {"reached": True, "note": "陈小明想看三居"}
    await head_office.manager.post("/v1/follow-ups", json=body, headers={"Idempotency-Key": "note-0001"})
    await head_office.manager.post(f"/v1/customers/{customer_id}/reveal")
    stored = database_bytes(tmp_path)
    assert stored or head_office.runtime.database.dialect == "postgresql"
    logged = caplog.text.encode()
    for secret in (NAME, "13800112345", "三居"):
        assert secret.encode() not in stored
        assert secret.encode() not in logged


async def test_a_newer_customer_revision_replaces_and_an_older_is_ignored(head_office: HeadOffice) -> None:
    seal, outbox = head_office.files.seals["yunqi"], Outbox()
    first = customer(seal, revision=2, name="王芳")
    older = customer(seal, customer_id=first.customer_id, revision=1, name="错误")
    newer = customer(seal, customer_id=first.customer_id, revision=3, name="王小芳")
    await head_office.send([outbox.event(data) for data in (first, newer, older)])
    shown = (await head_office.manager.post(f"/v1/customers/{first.customer_id}/reveal")).json()
    assert shown["name"] == "王小芳"


async def test_an_envelope_moved_to_another_customer_is_a_dead_letter(head_office: HeadOffice) -> None:
    recorded = customer(head_office.files.seals["yunqi"])
    moved = recorded.model_copy(update={"customer_id": uuid7()})
    answer = await head_office.send([Outbox().event(moved)])
    assert answer.rejected == 1
    assert await head_office.reasons() == ["seal"]


async def test_what_an_office_recorded_of_a_customer_is_counted(head_office: HeadOffice) -> None:
    customer_id, consultant = await known_people(head_office)
    outbox, fact = Outbox(), uuid7()
    sealed = Sealer(head_office.files.seals["yunqi"]).seal("想看三居", record=fact)
    who = {"customer_id": customer_id, "consultant_id": consultant, "at": NOON}
    follow_up = FollowUpRecorded(fact_id=fact, channel="call", reached=True, sealed_note=sealed, **who)
    sale = SaleRecorded(fact_id=uuid7(), kind="contract", amount_fen=300_000_00, **who)
    await head_office.send([outbox.event(d) for d in (visit(customer_id=customer_id), follow_up, sale)])
    shown = await head_office.get(f"/v1/customers/{customer_id}")
    assert (shown["visits"], shown["follow_ups"], shown["sales"]) == (1, 1, 1)


def sale_body(customer_id: str, consultant: str, **members: Any) -> dict[str, Any]:
    facts = {"office": "yunqi", "kind": "contract", "customer_id": customer_id, "consultant_id": consultant}
    return facts | {"amount_fen": 250_000_000, "unit_ref": "3-1201"} | members


async def test_a_sale_entered_twice_with_one_key_is_one_sale(head_office: HeadOffice) -> None:
    body = sale_body(*await known_people(head_office))
    key = {"Idempotency-Key": "sale-key-1"}
    answers = await asyncio.gather(*(head_office.manager.post("/v1/sales", json=body, headers=key) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
    assert len({answer.text for answer in answers}) == 1
    assert len((await head_office.get("/v1/sales", office="yunqi"))["items"]) == 1
    other = await head_office.manager.post("/v1/sales", json=body | {"amount_fen": 1}, headers=key)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    assert (await head_office.manager.post("/v1/sales", json=body)).status_code == 422


async def test_a_sale_of_unknown_people_or_office_is_refused(head_office: HeadOffice) -> None:
    customer_id, consultant = await known_people(head_office)
    key = {"Idempotency-Key": "sale-key-2"}
    body = sale_body(uuid7(), uuid7())
    answer = await head_office.manager.post("/v1/sales", json=body, headers=key)
    assert [e["code"] for e in answer.json()["errors"]] == ["unknown_customer", "unknown_consultant"]
    nowhere = sale_body(customer_id, consultant, office="nowhere")
    assert (await head_office.manager.post("/v1/sales", json=nowhere, headers=key)).status_code == 404


async def test_a_follow_up_with_one_key_is_one_follow_up(head_office: HeadOffice) -> None:
    customer_id, consultant = await known_people(head_office)
    who = {"office": "yunqi", "customer_id": customer_id, "consultant_id": consultant}
    body = who | {"channel": "call", "reached": False}
    key = {"Idempotency-Key": "follow-up-1"}
    first = await head_office.manager.post("/v1/follow-ups", json=body, headers=key)
    second = await head_office.manager.post("/v1/follow-ups", json=body, headers=key)
    assert (first.status_code, second.status_code, first.json()) == (201, 200, second.json())
    assert (await head_office.get(f"/v1/customers/{customer_id}"))["follow_ups"] == 1


async def test_figures_of_a_consultant(head_office: HeadOffice) -> None:
    customer_id, consultant = await known_people(head_office)
    outbox = Outbox()
    turn = {"visit_id": uuid7(), "consultant_id": consultant, "rule": "rota", "revision": 1, "offered_at": NOON}
    events: list[Any] = [
        visit(state="serving", accepted_at=NOON + timedelta(seconds=20), consultant_id=consultant),
        TurnRecorded(offer_id=uuid7(), uses_turn=True, outcome="accepted", **turn),
        TurnRecorded(offer_id=uuid7(), uses_turn=True, outcome="lost", **turn),
        TurnRecorded(offer_id=uuid7(), uses_turn=False, outcome="accepted", **turn),
        SaleRecorded(
            fact_id=uuid7(), kind="contract", customer_id=customer_id, consultant_id=consultant, amount_fen=7, at=NOON
        ),
    ]
    await head_office.send([outbox.event(data) for data in events])
    day = {"from": "2026-11-18", "to": "2026-11-18"}
    figures = await head_office.get("/v1/consultants", office="yunqi", **day)
    assert len(figures) == 1
    mine = figures[0]
    assert (mine["name"], mine["received"], mine["turns_offered"], mine["turns_lost"]) == ("李明", 1, 2, 1)
    assert (mine["contracts"], mine["contract_fen"]) == (1, 7)
    assert await head_office.get("/v1/consultants", **{"from": "2026-11-19"}) == []


async def test_a_roster_has_a_version_and_is_fetched_only_when_changed(head_office: HeadOffice) -> None:
    await head_office.admin.put("/v1/offices/yunqi", json={"name": "云栖湖岸"})
    people = [person("A02", name="王芳"), person("A01")]
    put = (await head_office.edit("/v1/offices/yunqi/roster", {"people": people})).json()
    assert (put["version"], [p["staff_no"] for p in put["people"]]) == (1, ["A02", "A01"])
    gateway = head_office.offices["yunqi"]
    fetched = await gateway.get("/v1/offices/yunqi/roster")
    assert (fetched.headers["etag"], fetched.json()) == ('"1"', put)
    again = await gateway.get("/v1/offices/yunqi/roster", headers={"If-None-Match": fetched.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    await head_office.edit("/v1/offices/yunqi/roster", {"people": people[1:]})
    changed = await gateway.get("/v1/offices/yunqi/roster", headers={"If-None-Match": fetched.headers["etag"]})
    assert (changed.status_code, changed.json()["version"], len(changed.json()["people"])) == (200, 2, 1)


async def test_a_roster_with_one_staff_number_twice_is_refused(head_office: HeadOffice) -> None:
    await head_office.admin.put("/v1/offices/yunqi", json={"name": "云栖湖岸"})
    answer = await head_office.edit("/v1/offices/yunqi/roster", {"people": [person("A1"), person("A1")]})
    assert (answer.status_code, answer.json()["errors"]) == (422, [{"field": "people.staff_no", "code": "repeated"}])


async def test_an_unknown_time_zone_is_told_at_its_field(head_office: HeadOffice) -> None:
    answer = await head_office.admin.put("/v1/offices/yunqi", json={"name": "Y", "time_zone": "Mars/Olympus"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "time_zone")


async def test_pages_show_every_row_once(head_office: HeadOffice) -> None:
    outbox = Outbox()
    await head_office.send([outbox.event(visit(opened_at=NOON + timedelta(seconds=n // 3))) for n in range(120)])
    seen: list[str] = []
    query: dict[str, str] = {"office": "yunqi"}
    while query:
        page = await head_office.get("/v1/visits", **query)
        seen += [row["visit_id"] for row in page["items"]]
        query = {"office": "yunqi", "cursor": page["next_cursor"]} if page["next_cursor"] else {}
    assert len(seen) == len(set(seen)) == 120
    broken = await head_office.admin.get("/v1/visits", params={"cursor": "zzz"})
    assert (broken.status_code, broken.json()["code"]) == (422, "invalid_cursor")
