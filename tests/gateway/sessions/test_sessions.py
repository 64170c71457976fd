"""Signing in with staff number and PIN."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.app import Outside
from tests.gateway.running import Gateway, SteppedClock, configured, in_files_of, running
from tests.gateway.staff import PIN, entry, roster
from tests.support.pins import quick_hash


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock()


@pytest.fixture
async def office(tmp_path: Path, broker_port: int, clock: SteppedClock) -> AsyncIterator[Gateway]:
    async with running(configured(tmp_path, broker_port), Outside(clock=clock)) as gateway:
        people = roster([entry("1001", "李明"), entry("9001", "周经理", "manager")])
        await gateway.client("admin").put("/v1/roster", json=people.model_dump(mode="json"))
        yield gateway


async def try_pin(office: Gateway, pin: str, staff_no: str = "9001") -> tuple[int, dict[str, str]]:
    answer = await office.client().post("/v1/sessions", json={"staff_no": staff_no, "pin": pin})
    return answer.status_code, answer.json()


async def test_a_person_signs_in_works_and_signs_out(office: Gateway) -> None:
    status, session = await try_pin(office, PIN)
    assert status == 200
    assert (session["role"], session["name"]) == ("manager", "周经理")
    person = office.client(token=session["token"])
    assert (await person.get("/v1/nodes")).status_code == 200
    assert (await person.delete("/v1/sessions/current")).status_code == 204
    assert (await person.get("/v1/nodes")).status_code == 401


async def test_tokens_are_stored_only_as_hashes(office: Gateway, tmp_path: Path) -> None:
    _, session = await try_pin(office, PIN)
    assert not in_files_of(tmp_path, session["token"])


async def test_a_session_ends_after_twelve_hours(office: Gateway, clock: SteppedClock) -> None:
    _, session = await try_pin(office, PIN)
    clock.ahead = 12 * 3600 + 1
    assert (await office.client(token=session["token"]).get("/v1/nodes")).status_code == 401


async def test_who_leaves_the_roster_is_out_at_once(office: Gateway) -> None:
    _, session = await try_pin(office, PIN)
    await office.client("admin").put("/v1/roster", json=roster([], version=2).model_dump(mode="json"))
    assert (await office.client(token=session["token"]).get("/v1/nodes")).status_code == 401


@pytest.mark.parametrize(("pin", "status"), [("8642", 401), (PIN, 200)], ids=["another PIN", "the same"])
async def test_another_pin_ends_the_sessions_that_the_one_before_opened(office: Gateway, pin: str, status: int) -> None:
    _, session = await try_pin(office, PIN)
    manager = entry("9001", "周经理", "manager", person_id=session["person_id"]).model_dump(mode="json")
    ((before,),) = office.rows("SELECT pin_hash FROM people WHERE staff_no = '9001'")
    manager["pin_hash"] = before if pin == PIN else quick_hash(pin)
    people = roster([], version=2).model_dump(mode="json") | {"people": [manager]}
    assert (await office.client("admin").put("/v1/roster", json=people)).status_code == 200
    assert (await office.client(token=session["token"]).get("/v1/nodes")).status_code == status


@pytest.mark.parametrize("staff_no", ["9001", "0000"])
async def test_five_wrong_pins_lock_the_number_for_a_minute(
    office: Gateway, clock: SteppedClock, staff_no: str
) -> None:
    for _ in range(5):
        status, problem = await try_pin(office, "1111", staff_no)
        assert (status, problem["code"]) == (401, "bad_credentials")
    status, problem = await try_pin(office, PIN, staff_no)
    assert (status, problem["code"]) == (429, "locked")
    assert (await try_pin(office, PIN, "1001"))[0] == 200
    clock.ahead = 61
    assert (await try_pin(office, PIN, staff_no))[0] == (200 if staff_no == "9001" else 401)


async def test_of_a_locked_number_no_pin_is_weighed(office: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(5):
        await try_pin(office, "0000")
    weighed: list[str] = []

    async def weigh(pin: str, stored: str) -> bool:
        weighed.append(pin)
        return False

    monkeypatch.setattr("gateway.sessions.service.check_pin", weigh)
    assert (await try_pin(office, PIN))[0] == 429
    assert weighed == []
    await try_pin(office, "1111", "1001")
    assert weighed == ["1111"]


async def test_a_pin_of_the_wrong_shape_is_named(office: Gateway) -> None:
    status, problem = await try_pin(office, "x")
    assert status == 422
    assert problem["errors"][0]["field"] == "pin"  # type: ignore[index]
