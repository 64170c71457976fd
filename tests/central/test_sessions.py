"""People of head office signing in with staff number and PIN."""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import httpx
import pytest
from pydantic import ValidationError
from sqlalchemy import text

from central.sessions.domain import Tries, after_wrong, locked_seconds
from central.settings import load
from contracts.pins import hash_pin
from contracts.rest import Session
from tests.central.head_office import NOON, Files, HeadOffice, Person, running

ZHOU = Person("zhou", "H01", "周敏", "manager", hash_pin("2468"))
SUN = Person("sun", "H02", "孙立", "admin", hash_pin("1357"))


@dataclass
class Clock:
    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def hq(files: Files, clock: Clock) -> AsyncIterator[HeadOffice]:
    files.people = [ZHOU, SUN]
    async with running(files, clock=clock) as office:
        yield office


async def try_pin(hq: HeadOffice, pin: str, staff_no: str = "H01") -> httpx.Response:
    return await hq.nobody.post("/v1/sessions", json={"staff_no": staff_no, "pin": pin})


async def signed_in(hq: HeadOffice, pin: str = "2468", staff_no: str = "H01") -> Session:
    answer = await try_pin(hq, pin, staff_no)
    assert answer.status_code == 200, answer.text
    return Session.model_validate(answer.json())


async def asks(hq: HeadOffice, token: str, path: str = "/v1/overview") -> int:
    return (await hq.nobody.get(path, headers={"Authorization": f"Bearer {token}"})).status_code


async def test_a_session_carries_the_person_s_role_for_twelve_hours(hq: HeadOffice, clock: Clock) -> None:
    session = await signed_in(hq)
    assert (session.role, session.name, session.expires_at) == ("manager", "周敏", NOON + timedelta(hours=12))
    assert session.person_id == (await signed_in(hq)).person_id
    assert await asks(hq, session.token) == 200
    assert await asks(hq, session.token, "/v1/dead-letters") == 403
    assert await asks(hq, (await signed_in(hq, "1357", "H02")).token, "/v1/dead-letters") == 200
    clock.now += timedelta(hours=12)
    assert await asks(hq, session.token) == 401


async def test_signing_out_ends_this_session_and_no_other(hq: HeadOffice) -> None:
    desk, laptop = await signed_in(hq), await signed_in(hq)
    gone = await hq.nobody.delete("/v1/sessions/current", headers={"Authorization": f"Bearer {desk.token}"})
    assert (gone.status_code, await asks(hq, desk.token), await asks(hq, laptop.token)) == (204, 401, 200)


async def test_a_tool_s_token_survives_signing_out(hq: HeadOffice) -> None:
    assert (await hq.manager.delete("/v1/sessions/current")).status_code == 204
    assert (await hq.manager.get("/v1/overview")).status_code == 200


async def test_five_wrong_pins_lock_the_number_for_a_minute(hq: HeadOffice, clock: Clock) -> None:
    for _ in range(5):
        wrong = await try_pin(hq, "9999")
        assert (wrong.status_code, wrong.json()["code"]) == (401, "bad_credentials")
    locked = await try_pin(hq, "2468")
    assert (locked.status_code, locked.json()["code"], locked.headers["retry-after"]) == (429, "locked", "60")
    assert (await try_pin(hq, "1357", "H02")).status_code == 200
    clock.now += timedelta(seconds=59.5)
    assert (await try_pin(hq, "2468")).headers["retry-after"] == "1"
    clock.now += timedelta(seconds=0.5)
    assert (await try_pin(hq, "2468")).status_code == 200
    assert (await try_pin(hq, "9999")).status_code == 401


async def test_tries_at_once_are_counted_one_by_one(hq: HeadOffice) -> None:
    answers = await asyncio.gather(*(try_pin(hq, f"{n:04d}") for n in range(9)))
    assert sorted(answer.status_code for answer in answers) == [401] * 5 + [429] * 4


async def test_an_unknown_number_is_answered_and_locked_like_a_wrong_pin(hq: HeadOffice) -> None:
    answers = [await try_pin(hq, "0000", "X99") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert answers[0].json()["detail"] == (await try_pin(hq, "9999")).json()["detail"]


async def test_the_database_holds_neither_token_nor_pin(hq: HeadOffice) -> None:
    session = await signed_in(hq)
    async with hq.runtime.database.read() as database:
        rows = [tuple(row) for row in (await database.execute(text("SELECT * FROM session"))).all()]
    assert len(rows) == 1
    assert session.token not in str(rows) and ZHOU.pin_hash not in str(rows)


async def test_the_log_names_nobody(hq: HeadOffice, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "central")
    session = await signed_in(hq)
    await try_pin(hq, "9753")
    records = [vars(record) for record in caplog.records if record.name.startswith("central")]
    # Words only, and not the id: digits of a time, a thread or a random id may spell a PIN by chance.
    words = [value for each in records for key, value in each.items() if key != "person_id" and isinstance(value, str)]
    assert "signed in" in words
    assert not [secret for secret in (session.token, "周敏", "H01", "2468", "9753") if secret in " ".join(words)]


async def test_expired_sessions_are_forgotten_at_the_next_sign_in(hq: HeadOffice, clock: Clock) -> None:
    await signed_in(hq)
    clock.now += timedelta(hours=13)
    await signed_in(hq)
    async with hq.runtime.database.read() as database:
        assert (await database.execute(text("SELECT count(*) FROM session"))).scalar() == 1


@pytest.mark.parametrize(
    "people", [pytest.param([SUN], id="left"), pytest.param([replace(ZHOU, pin_hash=hash_pin("8642"))], id="new PIN")]
)
async def test_a_session_outlives_a_restart_but_not_its_person_or_pin(files: Files, people: list[Person]) -> None:
    files.people = [ZHOU]
    async with running(files, clock=Clock()) as hq:
        session = await signed_in(hq)
    async with running(files, clock=Clock()) as hq:
        assert await asks(hq, session.token) == 200
    files.people = people
    async with running(files, clock=Clock()) as hq:
        assert await asks(hq, session.token) == 401


@pytest.mark.parametrize(
    ("second", "mistake"),
    [
        (replace(SUN, staff_no="H01"), "share one staff_no"),
        (replace(SUN, entry="admin"), "both tokens and people"),
        (replace(SUN, pin_hash="1357"), "pattern"),
    ],
)
def test_a_wrong_entry_is_told_without_its_secret(files: Files, second: Person, mistake: str) -> None:
    files.people = [ZHOU, second]
    with pytest.raises(ValidationError, match=mistake) as told:
        load(files.write())
    assert "1357" not in str(told.value)


def test_wrong_pins_long_apart_do_not_add_up() -> None:
    four = Tries(4, NOON, None)
    assert after_wrong(four, NOON + timedelta(minutes=15)).count == 1
    fifth = after_wrong(four, NOON + timedelta(minutes=14))
    assert (fifth.count, locked_seconds(fifth, NOON + timedelta(minutes=14))) == (5, 60)
