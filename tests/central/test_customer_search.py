"""A customer of two offices is one person at head office: found by number, with what each office knows, on record."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from central.customers import search as searching
from contracts.facts import CustomerMerged
from contracts.ids import uuid7
from tests.central.head_office import NOON, OFFICES, HeadOffice, Outbox, customer, visit
from tests.central.test_people import person

PHONE = "+8613800112345"
HERE, THERE = OFFICES[:2]


async def search(hq: HeadOffice, phone: str = "138 0011 2345", client: httpx.AsyncClient | None = None) -> Any:
    answer = await (client or hq.manager).post("/v1/customers/search", json={"phone": phone})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def known_in_two_offices(hq: HeadOffice) -> tuple[str, str]:
    """The same number at both; visited here once and there twice, there last."""
    staff = person()
    await hq.admin.put(f"/v1/offices/{THERE}", json={"name": "滨江一号"})
    await hq.edit(f"/v1/offices/{THERE}/roster", {"people": [staff]})
    here = customer(hq.files.seals[HERE])
    there = customer(hq.files.seals[THERE], name="陈小明先生", owner_id=staff["person_id"])
    outbox, other = Outbox(HERE), Outbox(THERE)
    await hq.send([outbox.event(here), outbox.event(visit(customer_id=here.customer_id))], HERE)
    later = NOON + timedelta(days=2)
    twice = [
        visit(customer_id=there.customer_id, opened_at=NOON - timedelta(days=1)),
        visit(customer_id=there.customer_id, opened_at=later, source="channel", project="river"),
    ]
    await hq.send([other.event(data) for data in (there, *twice)], THERE)
    return here.customer_id, there.customer_id


async def test_one_number_is_one_person_with_the_file_of_each_office(head_office: HeadOffice) -> None:
    here, there = await known_in_two_offices(head_office)
    found = await search(head_office)
    assert (found["phone"], found["offices"], found["visits"], found["sales"]) == ("138****2345", 2, 3, 0)
    last, first = found["files"]
    assert [f["customer"]["customer_id"] for f in (last, first)] == [there, here]
    assert (last["office_name"], last["owner_name"], last["last_source"], last["last_project"]) == (
        "滨江一号",
        "李明",
        "channel",
        "river",
    )
    assert (last["customer"]["visits"], first["customer"]["visits"]) == (2, 1)
    assert found["last_visit_at"] == last["last_visit_at"] > first["last_visit_at"]


async def test_what_is_found_is_masked(head_office: HeadOffice) -> None:
    await known_in_two_offices(head_office)
    answer = await head_office.manager.post("/v1/customers/search", json={"phone": PHONE})
    assert "小明" not in answer.text and "00112345" not in answer.text


async def test_a_merged_file_with_that_number_leads_to_the_kept_one(head_office: HeadOffice) -> None:
    outbox, seal = Outbox(), head_office.files.seals[HERE]
    kept, merged = customer(seal, phone="+8613900112345"), customer(seal)
    facts = {"merge_id": uuid7(), "revision": 2, "kept_id": kept.customer_id, "merged_id": merged.customer_id}
    merge = CustomerMerged(**facts, state="merged", at=NOON)
    seen = visit(customer_id=merged.customer_id)
    await head_office.send([outbox.event(data) for data in (kept, merged, seen, merge)])
    found = await search(head_office)
    (file,) = found["files"]
    assert (file["customer"]["customer_id"], file["customer"]["visits"]) == (kept.customer_id, 1)
    assert file["last_visit_at"] is not None


async def test_each_search_is_on_record_without_the_number(head_office: HeadOffice) -> None:
    here, there = await known_in_two_offices(head_office)
    await search(head_office)
    await search(head_office, "13700000000")
    nobody, both = (await head_office.get("/v1/customer-lookups"))["items"]
    assert (both["who"], {f["customer_id"] for f in both["files"]}) == ("manager", {here, there})
    assert nobody["files"] == []
    assert (await head_office.manager.get("/v1/customer-lookups")).status_code == 403


async def test_an_office_does_not_search_the_others(head_office: HeadOffice) -> None:
    await known_in_two_offices(head_office)
    for client in (head_office.offices[HERE], head_office.nobody):
        answer = await client.post("/v1/customers/search", json={"phone": PHONE})
        assert answer.status_code in (401, 403)
    assert (await head_office.get("/v1/customer-lookups"))["items"] == []


async def test_whom_an_office_erased_is_not_found_there_any_more(head_office: HeadOffice) -> None:
    here, there = await known_in_two_offices(head_office)
    assert (await head_office.manager.delete(f"/v1/customers/{here}")).status_code == 204
    assert [f["customer"]["customer_id"] for f in (await search(head_office))["files"]] == [there]


@pytest.mark.parametrize(("phone", "code"), [("138****2345", "phone_not_digits"), ("2345", "phone_too_short")])
async def test_part_of_a_number_finds_nobody(head_office: HeadOffice, phone: str, code: str) -> None:
    answer = await head_office.manager.post("/v1/customers/search", json={"phone": phone})
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"field": "phone", "code": code}]


async def test_nobody_copies_the_company_s_customers(head_office: HeadOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "FILES_AN_HOUR", 2)
    await known_in_two_offices(head_office)
    await search(head_office)
    refused = await head_office.manager.post("/v1/customers/search", json={"phone": PHONE})
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_lookups")
    assert 0 < int(refused.headers["Retry-After"]) <= 3600
    assert len((await search(head_office, client=head_office.admin))["files"]) == 2
