"""Searching from the desk: masked, ranked, paged, written down, and not without end."""

from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from contracts.ids import uuid7
from gateway.customers.tables import CustomerRow, NameReading, RevealRow
from gateway.identity.service import catch_up
from gateway.identity.tables import LookupRow
from gateway.policy import PolicyConfig
from tests.gateway.house import House, open_house
from tests.gateway.people import uid

PEOPLE = {
    "13800112345": "陈小明",
    "13911112345": "陈晓明",
    "13811112345": "单小明",
    "13622223333": "陈小明",
    "+85251234567": "Alice Wang",
}


@pytest.fixture
async def filled(house: House) -> House:
    for phone, name in PEOPLE.items():
        await house.check_in(phone, name=name)
    return house


async def found(house: House, text: str, **more: Any) -> list[tuple[str, list[str]]]:
    """Masked number and reasons of each file, in order."""
    page = await house.post("reception", "/v1/customers/search", {"text": text, **more})
    return [(item["customer"]["phone"], item["reasons"]) for item in page["items"]]


async def test_by_whole_number(filled: House) -> None:
    assert await found(filled, "138 0011 2345") == [("138****2345", ["phone"])]


async def test_by_last_four_newest_file_first(filled: House) -> None:
    numbers = [phone for phone, _ in await found(filled, "2345")]
    assert numbers == ["138****2345", "139****2345", "138****2345"]


async def test_by_first_three_and_last_four(filled: House) -> None:
    assert await found(filled, "138****2345") == [("138****2345", ["masked_phone"])] * 2


async def test_by_name_then_by_its_sound(filled: House) -> None:
    assert await found(filled, "陈小明") == [
        ("136****3333", ["name", "pinyin"]),
        ("138****2345", ["name", "pinyin"]),
        ("139****2345", ["pinyin"]),
    ]


async def test_by_pinyin_with_the_surname_read_as_one(filled: House) -> None:
    assert await found(filled, "shan xiao ming") == [("138****2345", ["pinyin"])]
    assert await found(filled, "danxiaoming") == []


async def test_by_initials(filled: House) -> None:
    assert {phone for phone, _ in await found(filled, "cxm")} == {"138****2345", "139****2345", "136****3333"}
    (alice,) = await found(filled, "AW")
    assert alice[1] == ["initials"]


async def test_pages_show_every_file_once(filled: House) -> None:
    seen: list[str] = []
    cursor = None
    for _ in range(5):
        body = {"text": "陈小明", "limit": 1} | ({} if cursor is None else {"cursor": cursor})
        page = await filled.post("reception", "/v1/customers/search", body)
        seen += [item["customer"]["customer_id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 3


async def test_a_new_name_replaces_the_old_readings(filled: House) -> None:
    (item,) = (await filled.post("reception", "/v1/customers/search", {"text": "shanxiaoming"}))["items"]
    customer = item["customer"]["customer_id"]
    await filled.edit_customer("m", customer, name="曾小明")
    assert await found(filled, "shanxiaoming") == []
    assert await found(filled, "zengxiaoming") == [("138****2345", ["pinyin"])]


async def test_names_stored_before_readings_were_kept_are_read_at_start(filled: House) -> None:
    def forget(uow: Any) -> None:
        for reading in uow.session.exec(select(NameReading)):
            uow.session.delete(reading)
        for customer in uow.session.exec(select(CustomerRow)):
            customer.read_as = None
            uow.session.add(customer)

    await filled.context.writer.run(forget)
    assert await found(filled, "cxm") == []
    await catch_up(filled.context)
    assert len(await found(filled, "cxm")) == 3


@pytest.mark.parametrize("text", ["1", "12345678901", "x"])
async def test_what_finds_nobody_is_said(house: House, text: str) -> None:
    answer = await house.call("reception", "POST", "/v1/customers/search", {"text": text})
    assert (answer.status_code, answer.json()["code"]) == (422, "unreadable_search")


@pytest.mark.parametrize("who", ["kiosk", "board", "a"])
async def test_only_the_desk_searches(house: House, who: str) -> None:
    assert (await house.call(who, "POST", "/v1/customers/search", {"text": "2345"})).status_code == 403


async def test_every_search_is_written_down_without_what_was_typed(filled: House) -> None:
    await found(filled, "陈小明")
    await filled.post("m", "/v1/customers/search", {"text": "2345"})
    newest, before = (await filled.get("m", "/v1/lookups"))["items"]
    assert (newest["by"], newest["by_name"], newest["found_by"], newest["shown"]) == (uid("m"), "经理", ["last4"], 3)
    assert (before["role"], before["by"], before["found_by"]) == ("reception", "reception", ["name", "pinyin"])
    with filled.context.database.read() as session:
        assert all("陈" not in row.model_dump_json() for row in session.exec(select(LookupRow)))


@pytest.mark.parametrize("who", ["reception", "a", "kiosk"])
async def test_only_the_manager_reads_who_searched(house: House, who: str) -> None:
    assert (await house.call(who, "GET", "/v1/lookups")).status_code == 403


async def test_who_searches_too_much_is_stopped_and_seen(tmp_path: Path) -> None:
    async with open_house(tmp_path, policy=PolicyConfig(lookups_per_minute=2)) as house:
        for _ in range(2):
            await found(house, "2345")
        refused = await house.call("reception", "POST", "/v1/customers/search", {"text": "2345"})
        assert (refused.status_code, refused.json()["code"]) == (429, "too_many_lookups")
        assert 1 <= int(refused.headers["Retry-After"]) <= 60
        assert (await house.get("m", "/v1/lookups"))["items"][0]["refused"] is True
        await house.post("m", "/v1/customers/search", {"text": "2345"})
        house.clock.forward(seconds=60)
        await found(house, "2345")


async def test_nobody_reveals_the_whole_list_of_visitors(tmp_path: Path) -> None:
    async with open_house(tmp_path, policy=PolicyConfig(lookup_files_per_hour=2)) as house:
        for n in range(3):
            await house.check_in(f"1380011234{n}")
        files = [visit["customer"]["customer_id"] for visit in await house.get("m", "/v1/visits")]
        answers = [await house.call("m", "POST", f"/v1/customers/{each}/reveal") for each in files]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert answers[2].json()["code"] == "too_many_lookups"
        told = (await house.get("m", "/v1/lookups"))["items"]
        assert [(each["found_by"], each["refused"]) for each in told] == [
            (["reveal"], True),
            (["reveal"], False),
            (["reveal"], False),
        ]
        with house.context.database.read() as session:
            assert len(session.exec(select(RevealRow)).all()) == 2


async def test_numbers_entered_as_calls_are_looked_up_numbers(tmp_path: Path) -> None:
    async with open_house(tmp_path, policy=PolicyConfig(lookups_per_minute=2)) as house:
        key = uuid7()
        for n, sent in enumerate([key, uuid7()]):
            await house.post("a", "/v1/calls", {"phone": f"1380011234{n}"}, sent)
        third = await house.call("a", "POST", "/v1/calls", {"phone": "13800112349"}, uuid7())
        assert (third.status_code, third.json()["code"]) == (429, "too_many_lookups")
        again = await house.call("a", "POST", "/v1/calls", {"phone": "13800112340"}, key)
        assert again.status_code == 200
        with house.context.database.read() as session:
            assert len(session.exec(select(CustomerRow)).all()) == 2


async def test_harvesting_ends_after_so_many_files(tmp_path: Path) -> None:
    async with open_house(tmp_path, policy=PolicyConfig(lookup_files_per_hour=2)) as house:
        for phone in ("13800112345", "13911112345"):
            await house.check_in(phone)
        assert len(await found(house, "2345")) == 2
        house.clock.forward(minutes=30)
        answer = await house.call("reception", "POST", "/v1/customers/search", {"text": "2345"})
        assert answer.status_code == 429
        house.clock.forward(minutes=30)
        assert len(await found(house, "2345")) == 2


async def test_an_id_number_finds_its_file_and_says_which_others_have_it(filled: House) -> None:
    number = "11010519491231002X"
    one, other = [(await filled.post("m", "/v1/customers/search", {"text": p}))["items"] for p in list(PEOPLE)[:2]]
    ids = [found[0]["customer"]["customer_id"] for found in (one, other)]
    body = {"id_number": number, "source": "typed"}
    first = await filled.call("reception", "PUT", f"/v1/customers/{ids[0]}/id-number", body)
    assert first.json()["also_on"] == []
    assert await found(filled, number.lower()) == [("138****2345", ["id_number"])]
    second = await filled.call("reception", "PUT", f"/v1/customers/{ids[1]}/id-number", body)
    assert [each["customer_id"] for each in second.json()["also_on"]] == [ids[0]]
    path = filled.context.database.path
    stored = b"".join(p.read_bytes() for p in (path, path.with_name(path.name + "-wal")))
    assert number.encode() not in stored


@pytest.mark.parametrize(
    ("who", "number", "status", "code"),
    [("reception", "110105194912310021", 422, "bad_id_number"), ("kiosk", "11010519491231002X", 403, "forbidden")],
)
async def test_id_numbers_refused(house: House, who: str, number: str, status: int, code: str) -> None:
    body = {"id_number": number, "source": "reader"}
    answer = await house.call(who, "PUT", f"/v1/customers/{uid('x')}/id-number", body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
