"""A light gateway: an invented office's events through central's ingest door, in order, resumed from its ack."""

import asyncio
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, time
from zoneinfo import ZoneInfo

import httpx

from contracts.central_api import IngestAnswer
from contracts.events import Event
from contracts.facts import FootfallMinute
from contracts.messages import Ack
from contracts.topics import device_source
from contracts.values import utc_now
from simulator.history.plan import past_of
from simulator.history.progress import Progress
from simulator.history.settings import HistoryOffice, HistorySettings
from simulator.stopping import sleep_unless
from simulator.world.past import Happening

log = logging.getLogger(__name__)
SYNTHETIC = "synthetic"
_RETRY_SECONDS = 3.0
_PACE_SECONDS = 0.02
_LOOK_AHEAD_SECONDS = 10.0


class RefusedError(RuntimeError):
    """The receiver does not take our stream any more; sending on would lose events."""


@dataclass(slots=True)
class Telling:
    """What is still to be told: numbered from 1, an event is taken once its time has come."""

    happenings: Iterator[Happening]
    told: int = 0
    _next: Happening | None = field(default=None)

    def skip_to(self, committed: int) -> None:
        while self.told < committed and self.peek() is not None:
            self.take()

    def peek(self) -> Happening | None:
        if self._next is None:
            self._next = next(self.happenings, None)
        return self._next

    def take(self) -> tuple[int, Happening]:
        """The next one and its sequence. Raises StopIteration at the end."""
        happening = self.peek()
        if happening is None:
            raise StopIteration
        self._next = None
        self.told += 1
        return self.told, happening

    def due(self, now: datetime, most: int) -> list[tuple[int, Happening]]:
        found: list[tuple[int, Happening]] = []
        while len(found) < most and (coming := self.peek()) is not None and coming.at <= now:
            found.append(self.take())
        return found


def for_central(settings: HistorySettings, office: HistoryOffice) -> Iterator[Happening]:
    """All of an invented office; of a live one what its own gateway cannot know: days before, without door counts."""
    happenings = past_of(settings, office).happenings()
    if not office.live:
        yield from happenings
    zone = ZoneInfo(office.time_zone)
    today = datetime.combine(settings.started_at.astimezone(zone).date(), time(0), zone)
    for happening in happenings:
        if happening.at >= today:
            return
        if not isinstance(happening.data, FootfallMinute):
            yield happening


def envelope(office: HistoryOffice, sequence: int, happening: Happening) -> Event:
    """Labelled twice as invented: by its source and by its boot id."""
    return Event.of(
        happening.data,
        source=device_source(office.office, "simulator", "history"),
        time=happening.at,
        stream=office.stream,
        sequence=sequence,
        id=happening.id,
        bootid=SYNTHETIC,
    )


async def tell_central(
    settings: HistorySettings, office: HistoryOffice, progress: Progress, stopping: asyncio.Event
) -> None:
    """Runs until `stopping`, or until a live office's past is told. Raises RefusedError."""
    door = f"central/{office.office}"
    token = office.token_file.read_text(encoding="utf-8").strip()
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=settings.central_url, headers=headers, timeout=30, trust_env=False) as client:
        while not stopping.is_set():
            try:
                committed = await _committed(client, office.stream)
                telling = Telling(for_central(settings, office))
                await asyncio.to_thread(telling.skip_to, committed)
                if await _tell(client, settings, office, telling, progress, stopping):
                    log.info("the past of %s is told: %d events", office.office, telling.told)
                    return
            except httpx.HTTPError as error:
                log.warning("%s: central cannot be reached (%s), trying again", door, type(error).__name__)
            await sleep_unless(stopping, _RETRY_SECONDS)


async def _tell(
    client: httpx.AsyncClient,
    settings: HistorySettings,
    office: HistoryOffice,
    telling: Telling,
    progress: Progress,
    stopping: asyncio.Event,
) -> bool:
    """True when everything is told; False when central must be asked again where we stand."""
    door = f"central/{office.office}"
    while not stopping.is_set():
        batch = telling.due(utc_now(), settings.batch)
        if not batch:
            progress.tell(door, telling.told, caught_up=True)
            if telling.peek() is None:
                return True
            await _ask_for_the_roster(client, office)
            await sleep_unless(stopping, _LOOK_AHEAD_SECONDS)
            continue
        committed = await _post(client, office, batch)
        if committed != telling.told:
            log.warning("%s: central stands at %d, we at %d", door, committed, telling.told)
            return False
        progress.tell(door, telling.told, caught_up=False)
        await sleep_unless(stopping, _PACE_SECONDS)
    return False


async def _committed(client: httpx.AsyncClient, stream: str) -> int:
    answer = await client.get("/v1/ingest/ack", params={"stream": stream})
    if answer.status_code == httpx.codes.NOT_FOUND:
        return 0
    answer.raise_for_status()
    return _taken(Ack.model_validate(answer.json()))


async def _ask_for_the_roster(client: httpx.AsyncClient, office: HistoryOffice) -> None:
    """As every gateway does now and then: a quiet office is heard all the same."""
    response = await client.get(f"/v1/offices/{office.office}/roster")
    response.raise_for_status()


async def _post(client: httpx.AsyncClient, office: HistoryOffice, batch: list[tuple[int, Happening]]) -> int:
    events = [envelope(office, sequence, happening).model_dump(mode="json") for sequence, happening in batch]
    response = await client.post("/v1/ingest", json=events)
    response.raise_for_status()
    answer = IngestAnswer.model_validate(response.json())
    if answer.rejected:
        log.warning("central rejected %d of %d events of %s", answer.rejected, len(events), office.office)
    return next((_taken(ack) for ack in answer.acks if ack.stream == office.stream), 0)


def _taken(ack: Ack) -> int:
    if ack.refused:
        raise RefusedError(f"central refuses stream {ack.stream}: {ack.refused}")
    return ack.committed
