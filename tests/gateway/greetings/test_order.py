"""Faces, numbers and the door in any order end in the same visits; repeating a signal changes nothing."""

import itertools
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from pydantic import BaseModel
from sqlmodel import select

from contracts.events import DoorCrossing, Event
from contracts.ids import uuid7
from contracts.topics import Topic, device_source
from gateway.attribution import store as verdicts
from gateway.attribution.domain import judge
from gateway.attribution.evidence import Evidence
from gateway.attribution.tables import VerdictRow
from gateway.greetings.domain import Decision, Inputs, NumberDecision, NumberInputs, decide, weigh_number
from gateway.greetings.tables import FaceDecisionRow
from gateway.ingest.service import take_message
from gateway.policy import store as policies
from tests.gateway.facing import Faces
from tests.gateway.greetings.seeing import ZHAO, Regular, file_of, open_visits, recognise, seen, two_regulars

Signal = Callable[[Faces, Regular, Regular], Awaitable[Any]]
Outcome = tuple[tuple[tuple[str, ...], ...], tuple[int, ...]]


def sees(who: int, camera: str = "cam-kiosk", track: int | None = None) -> Signal:
    async def signal(faces: Faces, *people: Regular) -> None:
        person = people[who]
        await recognise(faces, person, camera=camera, track=int(person.phone[-1]) if track is None else track)

    return signal


def types(who: int) -> Signal:
    async def signal(faces: Faces, *people: Regular) -> None:
        phone = (people[0].phone, people[1].phone, ZHAO)[who]
        await faces.check_in(phone, party_size=2, purpose="contract")

    return signal


async def door(faces: Faces, *people: Regular) -> None:
    await faces.event(DoorCrossing(count_in=2, count_out=0))


CHEN_SEEN, WANG_SEEN, CHEN_AT_DOOR = sees(0), sees(1), sees(0, "cam-door")
CHEN_ON_7, WANG_ON_7 = sees(0, track=7), sees(1, track=7)
CHEN_TYPES, WANG_TYPES, ZHAO_TYPES = types(0), types(1), types(2)


@pytest.mark.parametrize(
    ("signals", "visits"),
    [
        pytest.param((CHEN_AT_DOOR, CHEN_SEEN, CHEN_TYPES, door), 1, id="two cameras, their number, the door"),
        pytest.param((CHEN_SEEN, CHEN_SEEN, ZHAO_TYPES, CHEN_AT_DOOR), 1, id="a face against a number"),
        pytest.param((CHEN_ON_7, WANG_ON_7), 1, id="two people on one track"),
        pytest.param((CHEN_ON_7, WANG_ON_7, ZHAO_TYPES), 1, id="two people on one track against a number"),
        pytest.param((CHEN_ON_7, WANG_ON_7, CHEN_TYPES), 1, id="the number of one of two on a track"),
        pytest.param((CHEN_SEEN, WANG_SEEN, CHEN_TYPES), 2, id="side by side, one types"),
        pytest.param((CHEN_SEEN, WANG_TYPES, WANG_SEEN, CHEN_TYPES), 2, id="side by side, both type"),
        pytest.param((CHEN_SEEN, WANG_SEEN, ZHAO_TYPES), 1, id="two faces against the number of a third"),
    ],
)
async def test_the_order_of_signals_does_not_change_the_visits(
    faces: Faces, signals: tuple[Signal, ...], visits: int
) -> None:
    people = await two_regulars(faces)
    await faces.house.post("a", "/v1/rota/sign-out")
    await faces.house.post("b", "/v1/rota/sign-out")
    found: dict[Outcome, tuple[int, ...]] = {}
    for order in itertools.permutations(range(len(signals))):
        before = [file_of(faces, who)[0] for who in people]
        for index in order:
            await signals[index](faces, *people)
            faces.clock.forward(seconds=3)
        after = [file_of(faces, who)[0] for who in people]
        outcome = await outcome_of(faces), tuple(b - a for a, b in zip(before, after, strict=True))
        assert len(outcome[0]) == visits, order
        found.setdefault(outcome, order)
        await everybody_leaves(faces)
    assert len(found) == 1, found


async def outcome_of(faces: Faces) -> tuple[tuple[str, ...], ...]:
    """Who is here and what is known of each visit. Zhao's first visit and their later ones count as the same."""
    zhao = faces.rows("SELECT customer_id FROM customers ORDER BY created_at DESC LIMIT 1")[0][0]
    found = []
    for visit in await open_visits(faces):
        customer = "" if visit["customer"] is None else visit["customer"]["customer_id"]
        kind = "" if customer == zhao else visit["kind"]
        found.append((customer, kind, visit["state"], visit["purpose"], str(visit["party_size"])))
    return tuple(sorted(found))


async def everybody_leaves(faces: Faces) -> None:
    for visit in await open_visits(faces):
        await faces.house.post("manager", f"/v1/visits/{visit['visit_id']}/finish", {"outcome": "toured"})
    for review in await faces.house.get("manager", "/v1/reviews?state=open"):
        await faces.house.post("manager", f"/v1/reviews/{review['review_id']}/decision", {"customer_id": None})
    faces.clock.forward(minutes=16)


async def test_an_event_that_comes_twice_is_one(faces: Faces) -> None:
    chen, _ = await two_regulars(faces)
    event = Event.of(
        seen(faces, chen),
        source=device_source("yunqi", "lobby", "faces"),
        time=faces.clock.now,
        stream=uuid7(),
        sequence=1,
    )
    topic, payload = Topic("yunqi", "lobby", "events"), json.dumps([event.model_dump(mode="json")]).encode()
    context = faces.house.context
    first, again = [await context.writer.run(lambda uow: take_message(uow, context, topic, payload)) for _ in range(2)]
    assert (first.taken, again.taken, again.duplicates) == (1, 0, 1)
    assert len(await open_visits(faces)) == 1
    assert faces.rows(
        "SELECT (SELECT count(*) FROM greetings), (SELECT count(*) FROM face_decisions WHERE kind = 'face')"
    ) == [(1, 1)]


async def test_every_decision_replays_and_names_nobody(faces: Faces) -> None:
    chen, wang = await two_regulars(faces)
    for signal in (CHEN_AT_DOOR, CHEN_ON_7, WANG_ON_7, ZHAO_TYPES, WANG_TYPES, CHEN_SEEN, WANG_SEEN):
        await signal(faces, chen, wang)
        faces.clock.forward(seconds=5)
    with faces.house.context.database.read() as session:
        rows = session.exec(select(FaceDecisionRow)).all()
        assert {row.kind for row in rows} == {"face", "number"}
        for row in rows:
            policy = policies.at(session, row.policy_version)
            assert not any(secret in row.inputs for secret in ("陈", chen.phone, faces.ref(chen.consent_id)))
            if row.kind == "face":
                again: BaseModel = decide(Inputs.model_validate_json(row.inputs), policy)
                assert again == Decision.model_validate_json(row.decision)
            else:
                again = weigh_number(NumberInputs.model_validate_json(row.inputs), policy)
                assert again == NumberDecision.model_validate_json(row.decision)
        for verdict in session.exec(select(VerdictRow)).all():
            policy = policies.at(session, verdict.policy_version)
            weighed = Evidence.model_validate_json(verdict.evidence)
            assert judge(weighed, policy, faces.house.context.timezone) == verdicts.said(verdict)
