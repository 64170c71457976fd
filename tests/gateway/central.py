"""A central that keeps to the protocol and can be away, lose its memory, or lag behind with what is safe."""

from typing import Any

import httpx
from pydantic import TypeAdapter

from contracts.central_api import CountedPage, IngestAnswer
from contracts.events import Event, Tombstone
from contracts.facts import OFFICE_EVENTS, FootfallMinute
from contracts.ids import uuid7
from contracts.messages import Ack
from contracts.rest import Roster

_EVENTS = TypeAdapter(list[Event])


class FakeCentral(httpx.AsyncBaseTransport):
    """Takes contiguous events per stream, like the real one; `events` holds what it has, by id."""

    def __init__(self) -> None:
        self.away = False
        self.lose_answers = 0
        self.safe_lag = 0
        self.roster: Roster | None = None
        self.roster_answers: list[int] = []
        self.posts = 0
        self.forget()

    def forget(self) -> None:
        """Begin again with an empty database."""
        self.epoch = uuid7()
        self.committed: dict[str, int] = {}
        self.places: dict[tuple[str, int], str] = {}
        self.events: dict[str, Event] = {}
        self.refused: set[str] = set()

    def of_type(self, kind: str) -> list[Event]:
        return [event for event in self.events.values() if event.type == kind]

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.away:
            raise httpx.ConnectError("away", request=request)
        if request.headers["authorization"] != "Bearer office-token":
            return httpx.Response(401)
        if request.url.path == "/v1/ingest/ack":
            return httpx.Response(200, text=self._ack(request.url.params["stream"]).model_dump_json())
        if request.url.path == "/v1/ingest":
            return self._ingest(await request.aread(), request)
        if request.url.path == "/v1/recovery/footfall":
            return httpx.Response(200, text=self._counted().model_dump_json())
        return self._roster(request)

    def _ingest(self, body: bytes, request: httpx.Request) -> httpx.Response:
        self.posts += 1
        events = _EVENTS.validate_json(body)
        taken = sum(self._take(event) for event in events)
        if self.lose_answers:
            self.lose_answers -= 1
            raise httpx.ReadError("answer lost", request=request)
        acks = [self._ack(stream) for stream in dict.fromkeys(event.stream for event in events)]
        answer = IngestAnswer(acks=acks, taken=taken, duplicates=len(events) - taken, rejected=0)
        return httpx.Response(200, text=answer.model_dump_json())

    def _take(self, event: Event) -> bool:
        data = event.parse(OFFICE_EVENTS)
        committed = self.committed.get(event.stream, 0)
        if event.sequence <= committed:
            if self.places.get((event.stream, event.sequence)) != event.id:
                self.refused.add(event.stream)
            return False
        first = data.from_sequence if isinstance(data, Tombstone) else event.sequence
        if event.stream in self.refused or first > committed + 1:
            return False
        self.committed[event.stream] = event.sequence
        self.places[event.stream, event.sequence] = event.id
        new = event.id not in self.events
        self.events.setdefault(event.id, event)
        return new

    def _counted(self) -> CountedPage:
        """The newest sum of each minute, whichever life of the gateway told it."""
        newest: dict[tuple[str, int, str], FootfallMinute] = {}
        for event in self.of_type(FootfallMinute.TYPE):
            minute = FootfallMinute.model_validate(event.data)
            key = (minute.device, minute.line, minute.minute.isoformat())
            if key not in newest or newest[key].revision < minute.revision:
                newest[key] = minute
        return CountedPage(items=list(newest.values()))

    def _ack(self, stream: str) -> Ack:
        committed = self.committed.get(stream, 0)
        safe = max(0, committed - self.safe_lag)
        refused: Any = "forked" if stream in self.refused else None
        return Ack(stream=stream, committed=committed, safe=safe, epoch=self.epoch, refused=refused)

    def _roster(self, request: httpx.Request) -> httpx.Response:
        if self.roster is None:
            self.roster_answers.append(404)
            return httpx.Response(404)
        etag = f'"{self.roster.version}"'
        if request.headers.get("if-none-match") == etag:
            self.roster_answers.append(304)
            return httpx.Response(304)
        self.roster_answers.append(200)
        return httpx.Response(200, text=self.roster.model_dump_json(), headers={"ETag": etag})
