"""A visit is booked, its code read at a kiosk and redeemed by one check-in, through the API."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from contracts.booking_code import BookingCode
from contracts.ids import uuid7
from gateway.config import ProjectConfig
from gateway.policy import PolicyConfig
from tests.gateway.house import House, open_house
from tests.gateway.people import uid

PHONE, NAME = "13800112345", "陈小明"


async def book(house: House, who: str = "reception", **more: Any) -> Any:
    at = (house.clock.now + timedelta(hours=2)).isoformat()
    return await house.post(who, "/v1/bookings", {"phone": PHONE, "name": NAME, "at": at, **more}, uuid7())


async def read(house: House, code: str, who: str = "kiosk") -> Any:
    return await house.post(who, "/v1/booking-codes", {"code": code})


async def redeem(house: House, booking_id: str, who: str = "kiosk", key: str | None = None, **more: Any) -> Any:
    body = {"booking_id": booking_id, **more}
    return await house.call(who, "POST", "/v1/booking-checkins", body, key or uuid7())


async def today(house: House, who: str = "reception") -> list[Any]:
    items: list[Any] = (await house.get(who, "/v1/bookings"))["items"]
    return items


async def test_a_booking_shows_who_comes_masked_and_a_code_that_says_nothing_of_them(house: House) -> None:
    made = await book(house, party_size=3, consultant_id=uid("a"))
    assert (made["state"], made["name"], made["phone"]) == ("expected", "陈**", "138****2345")
    assert (made["party_size"], made["consultant_name"]) == (3, "顾问a")
    code = BookingCode.parse(made["code"])
    assert code is not None and code.office == "yunqi" and made["code"] == code.text
    assert [each["booking_id"] for each in await today(house)] == [made["booking_id"]]


async def test_sent_twice_it_is_one_booking(house: House) -> None:
    at, key = house.clock.now.isoformat(), uuid7()
    body = {"phone": PHONE, "at": at}
    first = await house.call("reception", "POST", "/v1/bookings", body, key)
    again = await house.call("reception", "POST", "/v1/bookings", body, key)
    assert (first.status_code, again.status_code, first.json()) == (201, 200, again.json())
    assert len(await today(house)) == 1


async def test_nothing_personal_is_stored_in_the_clear(house: House) -> None:
    made = await book(house)
    with house.context.database.read() as session:
        row = session.connection().exec_driver_sql("SELECT * FROM bookings").one()
    stored = b"|".join(v if isinstance(v, bytes) else str(v).encode() for v in row)
    assert not any(word.encode() in stored for word in (PHONE, NAME, made["code"][-12:]))


async def test_read_and_redeemed_it_is_the_customers_check_in(house: House) -> None:
    await house.sign_in("a")
    made = await book(house, party_size=2, consultant_id=uid("a"))
    found = await read(house, made["code"])
    assert (found["refused"], found["family_name"], found["party_size"]) == ("", "陈", 2)
    assert found["consultant"] == {"person_id": uid("a"), "name": "顾问a"}
    key = uuid7()
    first = await redeem(house, found["booking_id"], key=key, party_size=4, asked_for=uid("a"))
    again = await redeem(house, found["booking_id"], key=key, party_size=4, asked_for=uid("a"))
    assert (first.status_code, again.status_code) == (201, 200) and first.json() == again.json()
    visit = await house.get("reception", f"/v1/visits/{first.json()['visit_id']}")
    assert (visit["party_size"], visit["purpose"], visit["customer"]["phone"]) == (4, "appointment", "138****2345")
    (listed,) = await today(house)
    assert (listed["state"], listed["visit_id"]) == ("arrived", visit["visit_id"])


async def test_the_visit_tells_of_its_booking_with_the_time_it_was_made(house: House) -> None:
    made = await book(house, consultant_id=uid("a"))
    await read(house, made["code"])
    visit = (await redeem(house, made["booking_id"])).json()["visit_id"]
    told = await house.get("manager", f"/v1/visits/{visit}/explanation")
    (step,) = [step for step in told["steps"] if step["rule"] == "booking_code"]
    assert step["facts"]["booking_id"] == made["booking_id"]
    assert step["facts"]["booked_at"][:19] == made["booked_at"][:19]
    assert [s["facts"]["signal"]["kind"] for s in told["steps"] if "signal" in s["facts"]] == ["qr"]


async def test_a_booking_decides_nothing_about_whose_customer_it_is(house: House) -> None:
    made = await book(house, "a", consultant_id=uid("a"))
    await read(house, made["code"])
    visit = (await redeem(house, made["booking_id"])).json()["visit_id"]
    verdict = (await house.get("manager", f"/v1/visits/{visit}/explanation"))["verdicts"][-1]
    assert (verdict["source"], verdict["owner_id"]) == ("walk_in", None)


async def test_it_joins_the_visit_that_the_number_opened_before(house: House) -> None:
    made = await book(house)
    before = await house.check_in(PHONE)
    await read(house, made["code"])
    arrived = (await redeem(house, made["booking_id"])).json()
    assert (arrived["visit_id"], arrived["joined_existing"]) == (before["visit_id"], True)


async def test_a_used_cancelled_expired_or_foreign_code_says_so(house: House) -> None:
    used, gone, late = await book(house), await book(house), await book(house)
    await read(house, used["code"])
    await redeem(house, used["booking_id"])
    await house.post("reception", f"/v1/bookings/{gone['booking_id']}/cancel")
    foreign = late["code"].replace("YUNQI", "LAKESIDE")
    said = [(await read(house, code))["refused"] for code in (used["code"], gone["code"], foreign, "hello")]
    house.clock.forward(hours=24)
    said.append((await read(house, late["code"]))["refused"])
    assert said == ["used_before", "cancelled", "other_office", "malformed", "expired"]


async def test_a_kiosk_redeems_only_what_it_has_just_read(house: House) -> None:
    made = await book(house)
    assert (await redeem(house, made["booking_id"])).status_code == 404
    await read(house, made["code"])
    house.clock.forward(minutes=11)
    assert (await redeem(house, made["booking_id"])).status_code == 404
    assert (await redeem(house, made["booking_id"], "reception")).status_code == 201


async def test_a_booking_is_redeemed_once(house: House) -> None:
    made = await book(house)
    await read(house, made["code"])
    await redeem(house, made["booking_id"])
    again = await redeem(house, made["booking_id"])
    assert (again.status_code, again.json()["code"]) == (409, "booking_over")
    late = await house.call("reception", "POST", f"/v1/bookings/{made['booking_id']}/cancel")
    assert (late.status_code, late.json()["code"]) == (409, "booking_used")


async def test_codes_are_not_tried_without_end(tmp_path: Path) -> None:
    async with open_house(tmp_path, policy=PolicyConfig(booking_wrong_codes=3)) as house:
        made = await book(house)
        for _ in range(3):
            assert (await read(house, "AAAA-BBBB-CCCC"))["refused"] == "unknown"
        refused = await house.call("kiosk", "POST", "/v1/booking-codes", {"code": made["code"]})
        assert (refused.status_code, refused.json()["code"]) == (429, "too_many_codes")
        assert refused.headers["Retry-After"] == "600"
        assert (await read(house, made["code"], "reception"))["refused"] == ""
        house.clock.forward(minutes=10)
        assert (await read(house, made["code"]))["refused"] == ""


async def test_a_project_that_was_booked_is_not_asked_again(tmp_path: Path) -> None:
    sold = tuple(ProjectConfig(project=name, name=name) for name in ("lake", "hill"))
    async with open_house(tmp_path, projects=sold) as house:
        named, open_ = await book(house, project="hill"), await book(house)
        asked = [len((await read(house, each["code"]))["form"]["projects"]) for each in (named, open_)]
        visit = (await redeem(house, named["booking_id"], project="lake")).json()["visit_id"]
        assert asked == [0, 2]
        assert (await house.get("reception", f"/v1/visits/{visit}"))["project"] == "hill"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"at": "2020-01-01T10:00:00Z"}, "booking_in_the_past"),
        ({"at": "2099-01-01T10:00:00Z"}, "booking_too_far"),
        ({"project": "moon"}, "unknown_project"),
        ({"consultant_id": uuid7()}, "unknown_consultant"),
    ],
)
async def test_what_cannot_be_booked_is_refused(house: House, wrong: dict[str, Any], code: str) -> None:
    body = {"phone": PHONE, "at": house.clock.now.isoformat(), **wrong}
    answer = await house.call("reception", "POST", "/v1/bookings", body, uuid7())
    assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_a_consultant_sees_and_cancels_what_concerns_them(house: House) -> None:
    mine, other = await book(house, "a"), await book(house, "b")
    for_a = await book(house, consultant_id=uid("a"))
    assert {each["booking_id"] for each in await today(house, "a")} == {mine["booking_id"], for_a["booking_id"]}
    refused = await house.call("a", "POST", f"/v1/bookings/{other['booking_id']}/cancel")
    assert (refused.status_code, refused.json()["code"]) == (403, "not_your_booking")
    done = await house.post("a", f"/v1/bookings/{mine['booking_id']}/cancel")
    assert done["state"] == "cancelled"


async def test_a_kiosk_neither_books_nor_lists(house: House) -> None:
    body = {"phone": PHONE, "at": house.clock.now.isoformat()}
    made = await house.call("kiosk", "POST", "/v1/bookings", body, uuid7())
    listed = await house.call("kiosk", "GET", "/v1/bookings")
    assert (made.status_code, listed.status_code) == (403, 403)


async def test_a_customers_bookings_are_read_with_their_file_and_deleted_on_their_wish(house: House) -> None:
    made = await book(house)
    visit = await house.get("reception", f"/v1/visits/{(await house.check_in(PHONE))['visit_id']}")
    path = f"/v1/customers/{visit['customer']['customer_id']}/bookings"
    assert [each["booking_id"] for each in (await house.get("reception", path))["items"]] == [made["booking_id"]]
    assert (await house.call("b", "GET", path)).status_code == 403
    assert (await house.call("reception", "DELETE", path)).status_code == 204
    assert await today(house) == [] and (await read(house, made["code"]))["refused"] == "unknown"


async def test_who_did_not_come_is_listed_as_such_and_forgotten_in_time(house: House) -> None:
    from gateway.maintenance import forget

    made = await book(house)
    day = made["at"][:10]
    house.clock.forward(hours=24)
    (listed,) = (await house.get("reception", f"/v1/bookings?day={day}"))["items"]
    assert listed["state"] == "missed"
    house.clock.forward(hours=24 * 31)
    await house.context.writer.run(lambda uow: forget(uow, house.context))
    assert (await house.get("reception", f"/v1/bookings?day={day}"))["items"] == []
