"""What becomes of turns: the ladder, hand-backs, a manager's word, channels, and a party that came back."""

from pathlib import Path

import pytest

from gateway.offers import service
from gateway.policy import PolicyConfig
from tests.gateway.house import House, open_house
from tests.gateway.people import uid

PHONE = "13800112345"


async def pass_by(house: House, seconds: float) -> None:
    house.clock.forward(seconds=seconds)
    await house.context.writer.run(lambda uow: service.expire(uow, house.context))


async def rules(house: House, visit_id: str) -> list[str]:
    told = await house.get("manager", f"/v1/visits/{visit_id}/explanation")
    return [turn["rule"] for turn in told["turns"]]


async def entry(house: House, letter: str) -> dict[str, object]:
    found = {e["name"][-1]: e for e in (await house.get("reception", "/v1/rota"))["entries"]}
    return dict(found[letter])


async def test_each_step_of_the_ladder_is_recorded(house: House) -> None:
    await house.sign_in("a")
    visit_id = (await house.check_in(PHONE))["visit_id"]
    for _ in range(3):
        await pass_by(house, 30)
    assert await rules(house, visit_id) == ["rota.next", "rota.all_free", "rota.manager", "rota.reception"]
    assert (await house.get("reception", f"/v1/visits/{visit_id}"))["escalation"] == "reception"
    (alarm,) = (await house.get("board", "/v1/floor"))["alarms"]
    assert (alarm["rule"], alarm["facts"]["step"]) == ("unanswered", "reception")
    await house.post("reception", f"/v1/visits/{visit_id}/assign", {"consultant_id": uid("a"), "reason": "在场"})
    assert (await house.get("reception", f"/v1/visits/{visit_id}"))["escalation"] is None


async def test_the_manager_has_thirty_seconds(house: House) -> None:
    await house.sign_in("a")
    visit_id = (await house.check_in(PHONE))["visit_id"]
    for _ in range(2):
        await pass_by(house, 30)
    await pass_by(house, 29)
    assert (await house.get("manager", f"/v1/visits/{visit_id}"))["escalation"] == "manager"


async def test_a_colleagues_customer_is_handed_over_and_the_receiver_is_at_the_head_again(house: House) -> None:
    await house.sign_in("a", "b", "c")
    visit_id = (await house.check_in(PHONE))["visit_id"]
    await house.accept("a")
    body = {"consultant_id": uid("c"), "reason": "老客户"}
    visit = await house.post("a", f"/v1/visits/{visit_id}/hand-over", body)
    assert (visit["state"], visit["consultant_id"]) == ("serving", uid("c"))
    mine = await entry(house, "a")
    assert (mine["place"], mine["turns_offered"], mine["state"]) == (1, 0, "free")
    await house.check_in("13800112346")
    assert (await house.offer_of("a"))["rule"] == "rota.next"
    assert await rules(house, visit_id) == ["rota.next", "rota.handed_over"]


@pytest.mark.parametrize(
    ("who", "place", "turns"),
    [("reception", 1, 0), ("manager", 1, 0), ("a", 3, 1)],
    ids=["the reception says so", "a manager says so", "their own word for a party they keep"],
)
async def test_a_colleague_who_is_away_is_assisted_and_the_turn_comes_back_on_more_than_ones_own_word(
    house: House, who: str, place: int, turns: int
) -> None:
    await house.sign_in("a", "b", "c")
    visit_id = (await house.check_in(PHONE))["visit_id"]
    await house.accept("a")
    await house.post("c", "/v1/rota/away", {"reason": "lunch"})
    visit = await house.post(who, f"/v1/visits/{visit_id}/hand-over", {"consultant_id": uid("c"), "reason": "x"})
    assert visit["consultant_id"] == uid("a")
    mine = await entry(house, "a")
    assert (mine["place"], mine["turns_offered"]) == (place, turns)


@pytest.mark.parametrize("path", ["assign", "hand-over"])
@pytest.mark.parametrize("reason", ["", "  ", "\u3000\t"])
async def test_nobody_goes_past_the_rota_without_a_reason(house: House, path: str, reason: str) -> None:
    await house.sign_in("a", "b")
    visit_id = (await house.check_in(PHONE))["visit_id"]
    await house.accept("a")
    body = {"consultant_id": uid("b"), "reason": reason}
    assert (await house.call("manager", "POST", f"/v1/visits/{visit_id}/{path}", body)).status_code == 422


async def test_who_may_hand_over_what(house: House) -> None:
    await house.sign_in("a", "b")
    visit_id = (await house.check_in(PHONE))["visit_id"]
    path, body = f"/v1/visits/{visit_id}/hand-over", {"consultant_id": uid("b"), "reason": "x"}
    assert (await house.call("manager", "POST", path, body)).json()["code"] == "not_serving"
    await house.accept("a")
    assert (await house.call("b", "POST", path, body)).json()["code"] == "not_your_visit"
    stranger = {"consultant_id": uid("m"), "reason": "x"}
    assert (await house.call("a", "POST", path, stranger)).json()["code"] == "unknown_consultant"
    gone = f"/v1/visits/{uid('x')}/hand-over"
    assert (await house.call("a", "POST", gone, body)).status_code == 404


async def test_a_managers_word_counts_as_a_turn_where_the_office_says_so(tmp_path: Path) -> None:
    async with open_house(tmp_path, policy=PolicyConfig(override_uses_turn=True)) as house:
        await house.sign_in("a", "b")
        await house.post("a", "/v1/rota/away", {"reason": "leave"})
        visit_id = (await house.check_in(PHONE))["visit_id"]
        await house.post("manager", f"/v1/visits/{visit_id}/assign", {"consultant_id": uid("a"), "reason": "x"})
        mine = await entry(house, "a")
        assert (mine["turns_offered"], mine["turns_received"]) == (1, 1)


async def test_back_and_received_by_another_the_time_with_a_consultant_starts_anew(house: House) -> None:
    await house.sign_in("a", "b")
    first = await house.check_in(PHONE)
    before = (await house.accept("a"))["accepted_at"]
    house.clock.forward(minutes=40)
    await house.post("a", f"/v1/visits/{first['visit_id']}/finish", {"outcome": "toured"})
    await house.post("a", "/v1/rota/away", {"reason": "lunch"})
    house.clock.forward(minutes=10)
    again = await house.check_in(PHONE)
    assert again["visit_id"] == first["visit_id"]
    assert (await house.accept("b"))["accepted_at"] > before
    assert (await house.get("board", "/v1/floor"))["wait_median_seconds"] == 0


async def test_back_and_received_by_the_same_consultant_it_goes_on(house: House) -> None:
    await house.sign_in("a")
    first = await house.check_in(PHONE)
    before = (await house.accept("a"))["accepted_at"]
    await house.post("a", f"/v1/visits/{first['visit_id']}/finish", {"outcome": "toured"})
    house.clock.forward(minutes=10)
    await house.check_in(PHONE)
    assert (await house.accept("a"))["accepted_at"] == before
