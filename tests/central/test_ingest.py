"""The ingest contract: in order, once, nothing lost, nothing that stops a stream for ever."""

import asyncio
import random

import pytest

from central.ingest.handlers import HANDLERS, LEDGER_ONLY
from contracts.events import DeviceState, DoorCrossing, Event, Tombstone
from contracts.facts import OFFICE_EVENTS
from contracts.ids import uuid7
from tests.central.head_office import HeadOffice, Outbox, customer, minute, visit


async def test_a_batch_is_taken_in_order_and_is_safe_once_answered(head_office: HeadOffice) -> None:
    outbox = Outbox()
    answer = await head_office.send(outbox.visits(5))
    assert (answer.taken, answer.duplicates, answer.rejected) == (5, 0, 0)
    assert [(a.stream, a.committed, a.safe, a.refused) for a in answer.acks] == [(outbox.stream, 5, 5, None)]
    assert len(await head_office.visits()) == 5


async def test_a_shuffled_batch_is_put_in_order(head_office: HeadOffice) -> None:
    events = Outbox().visits(20)
    random.Random(7).shuffle(events)
    assert (await head_office.send(events)).acks[0].committed == 20


async def test_a_gap_ends_what_is_taken_and_the_answer_says_where_we_stand(head_office: HeadOffice) -> None:
    events = Outbox().visits(6)
    answer = await head_office.send(events[:2] + events[3:])
    assert (answer.taken, answer.acks[0].committed) == (2, 2)
    answer = await head_office.send(events)
    assert (answer.taken, answer.duplicates, answer.acks[0].committed) == (4, 2, 6)
    assert len(await head_office.visits()) == 6


async def test_sent_twice_is_counted_once(head_office: HeadOffice) -> None:
    events = Outbox().visits(3)
    first = await head_office.send(events)
    second = await head_office.send(events)
    assert (second.taken, second.duplicates, second.acks) == (0, 3, first.acks)
    assert len(await head_office.visits()) == 3


async def test_the_same_event_twice_in_one_batch_is_counted_once(head_office: HeadOffice) -> None:
    event = Outbox().event(visit())
    answer = await head_office.send([event, event])
    assert (answer.taken, answer.duplicates) == (1, 1)


async def test_the_same_id_in_another_stream_is_not_counted_again(head_office: HeadOffice) -> None:
    old, new = Outbox(), Outbox()
    event = old.event(visit())
    await head_office.send([event])
    moved = event.model_copy(update={"stream": new.stream})
    answer = await head_office.send([moved])
    assert (answer.taken, answer.duplicates, answer.acks[0].committed) == (0, 1, 1)
    assert (await head_office.send([moved])).duplicates == 1
    assert len(await head_office.visits()) == 1


async def test_another_id_at_a_taken_place_refuses_the_stream_for_good(head_office: HeadOffice) -> None:
    outbox = Outbox()
    await head_office.send(outbox.visits(3))
    forked = outbox.event(visit(), sequence=2)
    answer = await head_office.send([forked, outbox.event(visit(), sequence=4)])
    assert (answer.taken, answer.acks[0].refused, answer.acks[0].committed) == (0, "forked", 3)
    again = await head_office.send([outbox.event(visit(), sequence=4)])
    assert (again.taken, again.acks[0].refused) == (0, "forked")
    stand = await head_office.offices["yunqi"].get("/v1/ingest/ack", params={"stream": outbox.stream})
    assert stand.json()["refused"] == "forked"
    assert len(await head_office.visits()) == 3


async def test_a_tombstone_settles_its_whole_range(head_office: HeadOffice) -> None:
    outbox = Outbox()
    grave = outbox.event(Tombstone(from_sequence=1, through=40, reason="pruned"), sequence=40)
    answer = await head_office.send([grave, outbox.event(visit())])
    assert (answer.taken, answer.acks[0].committed) == (2, 41)
    late = await head_office.send([outbox.event(visit(), sequence=17)])
    assert (late.taken, late.duplicates) == (0, 1)


async def test_ack_tells_a_restarted_sender_where_it_stands(head_office: HeadOffice) -> None:
    outbox = Outbox()
    ack = (await head_office.send(outbox.visits(4))).acks[0]
    client = head_office.offices["yunqi"]
    stand = (await client.get("/v1/ingest/ack", params={"stream": outbox.stream})).json()
    assert stand == ack.model_dump(mode="json")
    unknown = (await client.get("/v1/ingest/ack", params={"stream": uuid7()})).json()
    assert (unknown["committed"], unknown["epoch"]) == (0, ack.epoch)


POISON = {
    "foreign_source": lambda o: o.event(visit(), source="/offices/linan/gateway"),
    "unknown_type": lambda o: o.event(DoorCrossing(count_in=1, count_out=0)),
    "schema": lambda o: o.event(visit()).model_copy(update={"data": {"visit_id": "no id"}}),
    "seal": lambda o: o.event(customer(b"x" * 32)),
    "not_a_minute": lambda o: o.event(minute().model_copy(update={"minute": minute().minute.replace(second=7)})),
    "unstorable": lambda o: o.event(visit(revision=10**30)),
}


@pytest.mark.parametrize("reason", POISON)
async def test_a_poison_event_becomes_a_dead_letter_and_the_stream_goes_on(
    head_office: HeadOffice, reason: str
) -> None:
    outbox = Outbox()
    events = [outbox.event(visit()), POISON[reason](outbox), outbox.event(visit())]
    answer = await head_office.send(events)
    assert (answer.taken, answer.rejected, answer.acks[0].committed) == (3, 1, 3)
    assert await head_office.reasons() == [reason]
    assert len(await head_office.visits()) == 2
    assert (await head_office.send(events)).duplicates == 3
    assert await head_office.reasons() == [reason]


async def test_text_no_column_can_hold_does_not_stop_the_stream(head_office: HeadOffice) -> None:
    outbox = Outbox()
    nul = outbox.event(DeviceState(state="ok", reason="a\0b"))
    answer = await head_office.send([nul, outbox.event(visit())])
    assert answer.acks[0].committed == 2


async def test_a_damaged_envelope_with_a_readable_place_is_a_dead_letter(head_office: HeadOffice) -> None:
    outbox = Outbox()
    damaged = outbox.event(visit()).model_dump(mode="json") | {"time": "2026-11-18T12:00:00", "id": 7}
    far = outbox.event(visit()).model_dump(mode="json") | {"time": "0001-01-01T00:00:00+14:00"}
    events = [damaged, far, outbox.event(visit())]
    answer = await head_office.send(events)
    assert (answer.taken, answer.rejected, answer.acks[0].committed) == (3, 2, 3)
    assert await head_office.reasons() == ["envelope", "envelope"]
    assert (await head_office.send(events)).duplicates == 3


async def test_a_dead_letter_shows_reason_place_and_size_but_no_content(head_office: HeadOffice) -> None:
    outbox = Outbox()
    secret = outbox.event(visit()).model_copy(update={"data": {"13800112345": "陈小明"}})
    await head_office.send([secret])
    page = await head_office.admin.get("/v1/dead-letters")
    letter = page.json()["items"][0]
    assert (letter["stream"], letter["sequence"], letter["topic"]) == (outbox.stream, 1, "ingest/yunqi")
    assert letter["size"] > 100
    assert "13800112345" not in page.text and "陈小明" not in page.text


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("not json", 400, "not_json"),
        ('{"id": 1}', 422, "not_an_array"),
        ('[{"id": 1}]', 422, "unplaceable_event"),
        ("[" + ",".join(["0"] * 2001) + "]", 413, "too_many_events"),
        ('["' + "x" * 9_000_000 + '"]', 413, "too_large"),
    ],
)
async def test_a_body_that_is_no_batch_is_refused_whole(
    head_office: HeadOffice, body: str, status: int, code: str
) -> None:
    answer = await head_office.offices["yunqi"].post("/v1/ingest", content=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"


async def test_streams_of_two_offices_with_one_id_do_not_meet(head_office: HeadOffice) -> None:
    here, there = Outbox("yunqi"), Outbox("linan")
    there.stream = here.stream
    await head_office.send(here.visits(3), "yunqi")
    answer = await head_office.send(there.visits(2), "linan")
    assert (answer.taken, answer.acks[0].committed, answer.acks[0].refused) == (2, 2, None)


async def test_one_office_cannot_overwrite_anothers_visit(head_office: HeadOffice) -> None:
    mine = visit(party_size=2)
    await head_office.send([Outbox("yunqi").event(mine)], "yunqi")
    theirs = mine.model_copy(update={"revision": 9, "party_size": 50})
    await head_office.send([Outbox("linan").event(theirs)], "linan")
    sizes = {row["office"]: row["party_size"] for row in await head_office.visits()}
    assert sizes == {"yunqi": 2, "linan": 50}


async def test_two_senders_of_one_stream_at_once_count_each_event_once(head_office: HeadOffice) -> None:
    events = Outbox().visits(120)

    async def sender(seed: int) -> int:
        taken, chance = 0, random.Random(seed)
        while True:
            start = chance.randrange(0, 110)
            answer = await head_office.send(events[start : start + 30])
            taken += answer.taken
            stood = answer.acks[0].committed
            answer = await head_office.send(events[stood : stood + 20]) if stood < 120 else answer
            taken += answer.taken if stood < 120 else 0
            if answer.acks[0].committed == 120:
                return taken

    counted = await asyncio.gather(*(sender(seed) for seed in range(4)))
    assert sum(counted) == 120
    assert len({row["visit_id"] for row in (await _all_visits(head_office))}) == 120


async def _all_visits(head_office: HeadOffice) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    query: dict[str, str] = {}
    while True:
        page = await head_office.get("/v1/visits", **query)
        found += page["items"]
        if page["next_cursor"] is None:
            return found
        query = {"cursor": page["next_cursor"]}


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 2, 1), (2, 3, 1), (1, 3, 2)])
async def test_the_newest_revision_stands_whatever_the_order(head_office: HeadOffice, order: tuple[int, ...]) -> None:
    outbox, first = Outbox(), visit(revision=1)
    revisions = [first.model_copy(update={"revision": n, "party_size": n}) for n in order]
    await head_office.send([outbox.event(revisions[0])])
    await head_office.send([outbox.event(data) for data in revisions[1:]])
    assert [row["party_size"] for row in await head_office.visits()] == [3]


async def test_everything_of_a_request_or_nothing(head_office: HeadOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last step of a request fails: nothing of it may be there, and the same request later is taken whole."""
    from central.overview import figures

    events = Outbox().visits(3)

    async def broken(*arguments: object) -> None:
        raise ConnectionError("the database went away")

    with monkeypatch.context() as patch:
        patch.setattr(figures, "refresh", broken)
        body = [event.model_dump(mode="json") for event in events]
        answer = await head_office.offices["yunqi"].post("/v1/ingest", json=body)
        assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
    assert await head_office.visits() == []
    assert (await head_office.send(events)).taken == 3


async def test_an_event_is_the_model_of_the_contract(head_office: HeadOffice) -> None:
    schema = (await head_office.nobody.get("/openapi.json")).json()
    body = schema["paths"]["/v1/ingest"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert body["items"]["required"] == Event.model_json_schema()["required"]


def test_every_type_an_office_may_send_has_a_domain() -> None:
    assert set(HANDLERS) | LEDGER_ONLY == set(OFFICE_EVENTS)
