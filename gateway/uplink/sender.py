"""Sends the uplink outbox to central: in order, again until acknowledged, with backoff while central is away.

The office never waits for this: facts are committed here first, and a day without central only makes the outbox longer.
"""

import asyncio
import logging
import random
from collections.abc import Callable

import httpx
import pydantic_core

from contracts.central_api import IngestAnswer
from contracts.events import Event
from contracts.messages import Ack
from gateway.config import read_secret
from gateway.context import Context
from gateway.ingest import store as ingest_store
from gateway.ingest.store import StreamState
from gateway.recovery.service import recover
from gateway.uplink import store
from gateway.writer import UnitOfWork

log = logging.getLogger(__name__)
BATCH_EVENTS = 500
BATCH_BYTES = 512 * 1024
GATHER_SECONDS = 0.05
FIRST_WAIT_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 30.0
IDLE_SECONDS = 30.0
"""An idle sender asks this often where central stands, so that `safe` moves and a rebuilt central is noticed."""


class UplinkError(Exception):
    """Central did not take a batch. `retry` says what to do is wait."""


class Sender:
    """`safe_moved` is called on the event loop with the node streams whose safe watermark moved."""

    def __init__(
        self,
        context: Context,
        safe_moved: Callable[[list[StreamState]], None],
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._context = context
        self._safe_moved = safe_moved
        self._wake = asyncio.Event()
        central = context.config.central
        self._client = httpx.AsyncClient(
            base_url=central.url,
            headers={"Authorization": f"Bearer {read_secret(central.token_file)}"},
            timeout=httpx.Timeout(15.0, connect=5.0),
            transport=transport,
        )

    def wake(self) -> None:
        """There is something new to send."""
        self._wake.set()

    async def run(self) -> None:
        """Until cancelled."""
        try:
            await self._run()
        finally:
            await self._client.aclose()

    async def _run(self) -> None:
        failures = 0
        asked = False
        while True:
            try:
                if not asked:
                    await self._ask()
                    asked = True
                while await self._send():
                    failures = 0
                self._online(True)
                failures = 0
                await self._sleep(IDLE_SECONDS)
                asked = self._wake.is_set()
            except Exception as error:  # a full disk as well: nothing ends this for good
                failures += 1
                self._online(False)
                self._context.link.failures += 1
                if failures in (1, 10) or failures % 100 == 0:
                    log.warning("central is away", extra={"error": _short(error), "failures": failures})
                asked = False
                await asyncio.sleep(_backoff(failures))
            await asyncio.sleep(GATHER_SECONDS)

    async def _ask(self) -> None:
        """Where central stands; a database that was restored first learns what central had been told."""
        await recover(self._context, self._client)
        stream = await asyncio.to_thread(self._stream)
        answer = await self._client.get("/v1/ingest/ack", params={"stream": stream})
        _check(answer)
        await self._noted([Ack.model_validate_json(answer.content)], None)

    def _stream(self) -> str:
        with self._context.database.read() as session:
            return store.stream(session).stream

    async def _send(self) -> bool:
        """Send one batch; False when nothing waits."""
        self._wake.clear()
        events = await asyncio.to_thread(self._next)
        if not events:
            return False
        body = pydantic_core.to_json([event.model_dump(mode="json") for event in events])
        answer = await self._client.post("/v1/ingest", content=body, headers={"Content-Type": "application/json"})
        _check(answer)
        if not await self._noted(IngestAnswer.model_validate_json(answer.content).acks, events[-1].sequence):
            raise UplinkError("central took none of a batch")
        self._context.link.sent += len(events)
        return True

    def _next(self) -> list[Event]:
        with self._context.database.read() as session:
            events = store.batch(session, self._context.config.office, limit=BATCH_EVENTS, max_bytes=BATCH_BYTES)
            waiting = store.pending(session)
        alarm = waiting >= self._context.config.retention.uplink_alarm_events
        if alarm and not self._context.link.alarm:
            log.error("the uplink outbox is very long", extra={"waiting": waiting})
        self._context.link.alarm = alarm
        return events

    async def _noted(self, acks: list[Ack], through: int | None) -> bool:
        """Store what central says; True when our stream moved (or was replaced)."""
        moved, states = await self._context.writer.run(lambda uow: note(uow, acks, through))
        if states:
            self._safe_moved(states)
        return moved

    def _online(self, online: bool) -> None:
        if self._context.link.online != online:
            log.info("line to central", extra={"online": online})
            self._context.link.online = online
            self._context.hub.changed("floor")

    async def _sleep(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._wake.wait(), seconds)
        except TimeoutError:
            return


def note(uow: UnitOfWork, acks: list[Ack], through: int | None) -> tuple[bool, list[StreamState]]:
    """Store central's acknowledgements and move the nodes' safe watermarks with them.

    `through` is the last sequence that was sent; None when we only asked: that may move us back, never on.
    """
    uow.routine = True
    before = store.stream(uow.session)
    committed, name = before.committed, before.stream
    mine = next((ack for ack in acks if ack.stream == name), None)
    if mine is None:
        return False, []
    if mine.refused is not None:
        log.error("central refuses our stream: beginning a new one", extra={"stream": name, "refused": mine.refused})
        store.begin_new_stream(uow.session)
        uow.session.flush()
        return True, []
    store.acknowledge(uow.session, mine, uow.now, through=committed if through is None else through)
    uow.session.flush()
    row = store.stream(uow.session)
    uow.changed("floor")
    states = ingest_store.pass_safe(uow.session.connection(), row.safe)
    return row.committed != committed, states


def _check(answer: httpx.Response) -> None:
    if answer.status_code != httpx.codes.OK:
        raise UplinkError(f"central answered {answer.status_code}")


def _short(error: Exception) -> str:
    return str(error) if isinstance(error, UplinkError) else type(error).__name__


def _backoff(failures: int) -> float:
    longest = min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * float(1 << min(failures - 1, 10)))
    return longest * random.uniform(0.5, 1.0)  # noqa: S311  (jitter, not a secret)
