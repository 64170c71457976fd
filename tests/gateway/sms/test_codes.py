"""A visitor proves a number at a kiosk, and nobody learns who has a face here."""

import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from contracts.ids import uuid7
from gateway import maintenance
from tests.gateway.facing import OTHER, PHONE, Faces, open_faces
from tests.gateway.running import in_files_of


async def ask(faces: Faces, phone: str = PHONE, who: str = "kiosk", language: str = "zh-CN") -> httpx.Response:
    return await faces.house.call(who, "POST", "/v1/face-codes", {"phone": phone, "language": language})


async def prove(faces: Faces, code_id: str, code: str, who: str = "kiosk") -> httpx.Response:
    return await faces.house.call(who, "POST", f"/v1/face-codes/{code_id}/proof", {"code": code})


async def newest(faces: Faces) -> tuple[str, str]:
    """To whom, and the code."""
    message = (await faces.house.get("phone", "/v1/simulated-messages"))[0]
    found = re.search(r"\d{6}", message["text"])
    assert found is not None
    return message["to"], found[0]


async def asked(faces: Faces, phone: str = PHONE) -> tuple[str, str]:
    """Id and code."""
    sent = await ask(faces, phone)
    assert sent.status_code == 202, sent.text
    return sent.json()["code_id"], (await newest(faces))[1]


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


async def test_the_right_code_shows_what_is_kept_once(faces: Faces) -> None:
    consent = await faces.enrolled()
    code_id, code = await asked(faces)
    file = (await prove(faces, code_id, code)).json()
    assert [c["consent_id"] for c in file["consents"]] == [consent["consent_id"]]
    assert file["templates_kept"] is True
    assert len(file["grant"]) >= 32
    again = await prove(faces, code_id, code)
    assert (again.status_code, again.json()["code"]) == (410, "code_expired")


async def test_a_number_nobody_knows_is_answered_alike(faces: Faces) -> None:
    await faces.enrolled()
    known, unknown = await ask(faces), await ask(faces, OTHER)
    assert known.status_code == unknown.status_code == 202
    assert set(known.json()) == set(unknown.json())
    assert (await newest(faces))[0] == f"+86{OTHER}"
    code_id, code = await asked(faces, OTHER)
    file = (await prove(faces, code_id, code)).json()
    assert (file["consents"], file["templates_kept"]) == ([], False)


async def test_the_fifth_try_may_be_right_the_sixth_may_not(faces: Faces) -> None:
    code_id, code = await asked(faces)
    for _ in range(4):
        wrong = await prove(faces, code_id, other_than(code))
        assert (wrong.status_code, wrong.json()["code"]) == (403, "wrong_code")
    assert (await prove(faces, code_id, code)).status_code == 200
    code_id, code = await asked(faces)
    for _ in range(5):
        assert (await prove(faces, code_id, other_than(code))).status_code == 403
    locked = await prove(faces, code_id, code)
    assert (locked.status_code, locked.json()["code"]) == (429, "locked")


async def test_a_code_is_good_for_five_minutes_and_only_the_newest(faces: Faces) -> None:
    code_id, code = await asked(faces)
    faces.clock.forward(minutes=5)
    assert (await prove(faces, code_id, code)).json()["code"] == "code_expired"
    first, first_code = await asked(faces)
    second, second_code = await asked(faces)
    assert (await prove(faces, first, first_code)).status_code == 410
    assert (await prove(faces, second, second_code)).status_code == 200


async def test_three_codes_an_hour_for_a_number(faces: Faces) -> None:
    for _ in range(3):
        assert (await ask(faces)).status_code == 202
    fourth = await ask(faces)
    assert (fourth.status_code, fourth.json()["code"]) == (429, "too_many_codes")
    assert "Retry-After" in fourth.headers
    assert (await ask(faces, OTHER)).status_code == 202
    faces.clock.forward(minutes=59)
    assert (await ask(faces)).status_code == 429
    faces.clock.forward(minutes=1, seconds=1)
    assert (await ask(faces)).status_code == 202


async def test_a_kiosk_sends_only_so_many_whatever_the_numbers(tmp_path: Path) -> None:
    async with open_faces(tmp_path, sms={"codes_per_kiosk": 2}) as faces:
        statuses = [(await ask(faces, f"1380011000{n}")).status_code for n in range(3)]
        assert statuses == [202, 202, 429]
        assert (await ask(faces, who="kiosk2")).status_code == 202


async def test_a_code_belongs_to_the_screen_that_sent_it(faces: Faces) -> None:
    code_id, code = await asked(faces)
    assert (await prove(faces, code_id, code, "kiosk2")).status_code == 404
    assert (await prove(faces, uuid7(), code)).status_code == 404
    assert (await prove(faces, code_id, code)).status_code == 200


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_the_message_is_in_the_visitors_language(faces: Faces, language: str) -> None:
    await ask(faces, language=language)
    text = (await faces.house.get("admin", "/v1/simulated-messages"))[0]["text"]
    assert ("验证码" in text) == (language == "zh-CN")


async def test_neither_number_nor_code_lies_readable_in_the_database(faces: Faces, tmp_path: Path) -> None:
    _, code = await asked(faces)
    for secret in (PHONE, code):
        assert not in_files_of(tmp_path, secret)


async def test_an_office_without_messages_says_so_and_has_no_telephone(tmp_path: Path) -> None:
    async with open_faces(tmp_path, sms={"sender": "none"}) as faces:
        answer = await ask(faces)
        assert (answer.status_code, answer.json()["code"]) == (503, "codes_unavailable")
        assert (await faces.house.call("phone", "GET", "/v1/simulated-messages")).status_code == 404


async def test_codes_and_messages_are_forgotten_after_a_day(faces: Faces) -> None:
    await asked(faces)
    context = faces.house.context
    faces.clock.forward(hours=23)
    await context.writer.run(lambda uow: maintenance.forget(uow, context))
    assert tables(faces) == (1, 1)
    faces.clock.forward(hours=1, seconds=1)
    await context.writer.run(lambda uow: maintenance.forget(uow, context))
    assert tables(faces) == (0, 0)


def tables(faces: Faces) -> tuple[Any, ...]:
    return tuple(faces.rows(f"SELECT count(*) FROM {t}")[0][0] for t in ("face_codes", "simulated_messages"))


async def test_the_telephone_shows_its_messages_a_page_at_a_time(faces: Faces) -> None:
    for number in range(3):
        await faces.house.post("kiosk", "/v1/face-codes", {"phone": f"1380011000{number}", "language": "zh-CN"})
    whole = await faces.house.get("phone", "/v1/simulated-messages")
    first = await faces.house.get("phone", "/v1/simulated-messages?limit=2")
    rest = await faces.house.get("phone", f"/v1/simulated-messages?limit=2&cursor={first[-1]['message_id']}")
    assert (len(first), first + rest) == (2, whole)
