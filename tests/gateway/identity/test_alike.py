"""Files that may be one person's: shown at the desk, asked about once, merged by nobody but a manager."""

from typing import Any

import pytest

from tests.gateway.house import House

ONE, OTHER, THIRD = "13800112345", "13911119999", "13622223333"
ID_ONE, ID_OTHER = "11010519491231002X", "110101199003070011"


async def questions(house: House, state: str = "open") -> Any:
    return await house.get("reception", f"/v1/reviews?state={state}")


async def customer_of(house: House, arrived: Any) -> str:
    visit = await house.get("reception", f"/v1/visits/{arrived['visit_id']}")
    customer: str = visit["customer"]["customer_id"]
    return customer


async def arrives(house: House, phone: str, name: str = "") -> str:
    return await customer_of(house, await house.check_in(phone, name=name))


async def note_id(house: House, customer_id: str, number: str = ID_ONE) -> int:
    path = f"/v1/customers/{customer_id}/id-number"
    answer = await house.call("reception", "PUT", path, {"id_number": number, "source": "typed"})
    return answer.status_code


async def answer(house: House, review: Any, kept: str | None, who: str = "reception") -> int:
    path = f"/v1/reviews/{review['review_id']}/decision"
    return (await house.call(who, "POST", path, {"customer_id": kept})).status_code


@pytest.fixture
async def two(house: House) -> tuple[str, str]:
    """Two files with one name: the second check-in asks."""
    return await arrives(house, ONE, "陈小明"), await arrives(house, OTHER, "陈小明")


async def test_the_same_name_asks_and_does_not_merge(house: House, two: tuple[str, str]) -> None:
    (review,) = await questions(house)
    assert (review["kind"], review["visit_id"]) == ("files_alike", None)
    assert sorted(c["customer"]["customer_id"] for c in review["candidates"]) == sorted(two)
    assert {(fact["code"], fact["rule"]) for c in review["candidates"] for fact in c["evidence"]} == {
        ("name", "identity.same_name")
    }
    assert (await house.get("reception", "/v1/merges"))["items"] == []


async def test_a_pair_is_asked_about_once(house: House, two: tuple[str, str]) -> None:
    for name in ("陈晓", "陈小明"):
        assert (await house.edit_customer("m", two[1], name=name)).status_code == 200
    (review,) = await questions(house)
    assert await answer(house, review, None) == 200
    for name in ("陈晓", "陈小明"):
        await house.edit_customer("m", two[1], name=name)
    assert await questions(house) == []
    assert (await house.get("reception", "/v1/merges"))["items"] == []


async def test_choosing_one_proposes_to_keep_it(house: House, two: tuple[str, str]) -> None:
    (review,) = await questions(house)
    assert await answer(house, review, two[1]) == 200
    (merge,) = (await house.get("reception", "/v1/merges"))["items"]
    assert (merge["state"], merge["kept"]["customer_id"], merge["merged"]["customer_id"]) == (
        "proposed",
        two[1],
        two[0],
    )
    (decided,) = await questions(house, "decided")
    assert decided["decision"] == two[1]


async def test_a_merge_from_the_desk_puts_the_question_away(house: House, two: tuple[str, str]) -> None:
    body = {"kept_id": two[0], "merged_id": two[1], "reason": "同一人"}
    await house.post("m", "/v1/merges", body, "0192f0c1-0000-7000-8000-000000000001")
    (review,) = await questions(house, "expired")
    assert review["reason"] == "merged"


async def test_a_call_that_makes_a_file_asks(house: House) -> None:
    await arrives(house, ONE, "陈小明")
    await house.sign_in("a")
    await house.post("a", "/v1/calls", {"phone": OTHER, "name": "陈小明"}, "0192f0c1-0000-7000-8000-000000000002")
    assert [review["kind"] for review in await questions(house)] == ["files_alike"]


async def test_number_of_one_file_and_id_number_of_another_is_a_question_of_its_own(
    house: House, two: tuple[str, str]
) -> None:
    assert [await note_id(house, each) for each in two] == [200, 200]
    assert sorted(review["kind"] for review in await questions(house)) == ["files_alike", "one_key_two_files"]


async def test_two_id_numbers_are_two_people(house: House) -> None:
    one, other = await arrives(house, ONE), await arrives(house, OTHER)
    assert [await note_id(house, one, ID_ONE), await note_id(house, other, ID_OTHER)] == [200, 200]
    await house.check_in(ONE, name="陈小明")
    await house.check_in(OTHER, name="陈小明")
    assert await questions(house) == []
    (candidate,) = (await house.get("reception", f"/v1/customers/{one}/candidates"))["items"]
    assert (candidate["other_id_number"], candidate["rule"], candidate["review_id"]) == (True, None, None)


async def test_candidates_of_a_customer_and_of_a_visit(house: House, two: tuple[str, str]) -> None:
    third = await house.check_in(THIRD, name="陈晓明")
    (review,) = await questions(house)
    (candidate,) = [
        each
        for each in (await house.get("reception", f"/v1/customers/{two[0]}/candidates"))["items"]
        if each["review_id"] is not None
    ]
    assert (candidate["customer"]["phone"], candidate["reasons"]) == ("139****9999", ["name"])
    assert candidate["review_id"] == review["review_id"]
    of_visit = (await house.get("m", f"/v1/visits/{third['visit_id']}/candidates"))["items"]
    assert [each["reasons"] for each in of_visit] == [["sounds_alike"]] * 2
    assert "陈小明" not in str(of_visit)


async def test_nobody_for_a_visit_without_a_file(house: House) -> None:
    arrived = await house.check_in()
    assert (await house.get("reception", f"/v1/visits/{arrived['visit_id']}/candidates"))["items"] == []


@pytest.mark.parametrize("who", ["kiosk", "board", "a"])
async def test_candidates_are_for_reception_and_manager(house: House, who: str, two: tuple[str, str]) -> None:
    assert (await house.call(who, "GET", f"/v1/customers/{two[0]}/candidates")).status_code == 403
