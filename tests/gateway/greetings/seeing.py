"""Cameras that recognise people, and regulars who have been here before and asked for it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contracts.events import FaceRecognised
from contracts.ids import uuid7
from gateway.ingest.service import Taken
from gateway.tables import from_micros
from tests.gateway.facing import Faces

CHEN, WANG, ZHAO = "13800000001", "13800000002", "13800000003"


@dataclass(frozen=True)
class Regular:
    """A customer who consented, was received by a consultant, and left."""

    phone: str
    consent_id: str
    customer_id: str


async def regular(faces: Faces, phone: str, letter: str, name: str = "") -> Regular:
    """Their first visit, half an hour ago; `letter` owns them now."""
    visit = await faces.check_in(phone, name=name)
    answer = await faces.answer(visit["visit_id"])
    assert answer.status_code == 201, answer.text
    consent_id = answer.json()["consent"]["consent_id"]
    await faces.enrol(consent_id)
    await faces.house.sign_in(letter)
    await faces.house.accept(letter)
    await faces.house.post(letter, f"/v1/visits/{visit['visit_id']}/finish", {"outcome": "left"})
    await faces.house.post(letter, "/v1/rota/sign-out")
    return Regular(phone, consent_id, faces.customer(consent_id))


async def two_regulars(faces: Faces) -> tuple[Regular, Regular]:
    """Chen belongs to `a`, Wang to `b`; both consultants are free, and half an hour has passed."""
    chen = await regular(faces, CHEN, "a", "陈小明")
    wang = await regular(faces, WANG, "b", "欧阳娜娜")
    await faces.house.sign_in("a", "b")
    faces.clock.forward(minutes=30)
    return chen, wang


def seen(faces: Faces, who: Regular, **more: Any) -> FaceRecognised:
    values: dict[str, Any] = {
        "person_ref": faces.ref(who.consent_id),
        "consent_id": who.consent_id,
        "node": "lobby",
        "camera": "cam-kiosk",
        "track": int(who.phone[-1]),
        "seen_at": faces.clock.now,
        "score": 0.72,
        "second": 0.21,
        "threshold": 0.55,
        "votes": 3,
        "frames": 4,
        "gallery": 2,
        "engine": "opencv",
        "model": "m" * 64,
    }
    return FaceRecognised(**(values | more))


async def recognise(faces: Faces, who: Regular, *, event_at: datetime | None = None, **more: Any) -> Taken:
    """The vault's node says that a camera recognised them; each person has a track of their own unless said."""
    return await faces.event(seen(faces, who, **more), at=event_at)


async def visits(faces: Faces, state: str | None = None) -> list[Any]:
    path = "/v1/visits" if state is None else f"/v1/visits?state={state}"
    found: list[Any] = await faces.house.get("manager", path)
    return found


async def open_visits(faces: Faces) -> list[Any]:
    return [visit for visit in await visits(faces) if visit["state"] != "closed"]


async def greetings(faces: Faces, who: str = "reception") -> list[Any]:
    found: list[Any] = (await faces.house.get(who, "/v1/greetings"))["items"]
    return found


async def the_greeting(faces: Faces, who: str = "reception") -> Any:
    (greeting,) = await greetings(faces, who)
    return greeting


async def answer(faces: Faces, who: str, greeting_id: str, word: str) -> Any:
    return await faces.house.call(who, "POST", f"/v1/greetings/{greeting_id}/{word}")


async def thats_me(faces: Faces, greeting_id: str, who: str = "kiosk", key: str | None = None, **more: Any) -> Any:
    body = {"greeting_id": greeting_id, **more}
    return await faces.house.call(who, "POST", "/v1/face-checkins", body, key or uuid7())


def decisions(faces: Faces) -> list[tuple[str, str]]:
    """(action, rule) of every recognition, in order."""
    rows = faces.rows("SELECT action, rule FROM face_decisions WHERE kind = 'face' ORDER BY decision_id")
    return [(row[0], row[1]) for row in rows]


def file_of(faces: Faces, who: Regular) -> tuple[int, str | None]:
    """(visit_count, owner_id) of a customer."""
    row = faces.rows("SELECT visit_count, owner_id FROM customers WHERE customer_id = ?", who.customer_id)[0]
    return int(row[0]), row[1]


def stored(faces: Faces, query: str, *values: object) -> datetime:
    """The time that a query of one cell finds."""
    return from_micros(faces.rows(query, *values)[0][0])


async def recognise_at(faces: Faces, who: Regular, at: datetime, **more: Any) -> None:
    """Recognised exactly then, which is now."""
    faces.clock.now = at
    await recognise(faces, who, seen_at=at, event_at=at, **more)
