"""One ingest request: everything in one transaction, answered after the commit.

The office's row is locked first, so concurrent requests of one office follow one another and offices do not wait for
each other. What a domain cannot take consumes its sequence as a dead letter.
"""

import json
import logging
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, StatementError
from sqlalchemy.ext.asyncio import AsyncSession

from central.ingest import repository
from central.ingest.batch import Candidate, where
from central.ingest.handlers import HANDLERS, LEDGER_ONLY
from central.ingest.plan import plan_stream
from central.ingest.tables import Stream
from central.intake import Intake, Item, Rejection
from central.offices import repository as offices
from central.overview import figures
from central.runtime import Runtime
from central.timeframe import zone_of
from contracts.central_api import IngestAnswer
from contracts.events import Event
from contracts.facts import OFFICE_EVENTS
from contracts.messages import Ack

log = logging.getLogger(__name__)


async def ingest(runtime: Runtime, office: str, candidates: Sequence[Candidate]) -> IngestAnswer:
    async with runtime.database.write() as session:
        request = _Request(runtime, session, office, runtime.clock())
        answer = await request.run(candidates)
    outcomes = {"taken": answer.taken, "duplicate": answer.duplicates, "rejected": answer.rejected}
    for outcome, count in outcomes.items():
        runtime.metrics.events.labels(outcome).inc(count)
    if answer.rejected:
        log.warning("events dead-lettered", extra={"office": office, "count": answer.rejected})
    return answer


async def stand(runtime: Runtime, office: str, stream: str) -> Ack:
    """Where a stream stands; an unknown one stands at 0."""
    async with runtime.database.read() as session:
        found = await repository.find_stream(session, office, stream)
        epoch = await repository.epoch(session)
    if found is None:
        return Ack(stream=stream, committed=0, safe=0, epoch=epoch)
    return _ack(found, epoch)


def _ack(stream: Stream, epoch: str) -> Ack:
    """Committed here is safe: central is where an office's data survives the loss of the office."""
    return Ack(
        stream=stream.stream,
        committed=stream.committed,
        safe=stream.committed,
        epoch=epoch,
        refused="forked" if stream.refused else None,
    )


class _Request:
    """One transaction's work."""

    def __init__(self, runtime: Runtime, session: AsyncSession, office: str, now: datetime) -> None:
        self._runtime = runtime
        self._session = session
        self._office = office
        self._now = now
        self._duplicates = 0
        self._rejected = 0

    async def run(self, candidates: Sequence[Candidate]) -> IngestAnswer:
        session = self._session
        row = await offices.lock(session, self._office, self._now)
        intake = Intake(
            office=self._office,
            zone=zone_of(row.time_zone),
            received_at=self._now,
            sealer=self._runtime.sealers[self._office],
            vault=self._runtime.vault,
            timeseries=self._runtime.timeseries,
        )
        epoch = await repository.epoch(session)
        acks, taken = await self._settle(candidates, epoch)
        fresh = await self._enter(taken)
        items = [item for item in [await self._item(candidate) for candidate in fresh] if item is not None]
        await self._apply(intake, items)
        await figures.refresh(session, self._office, intake.touched_days)
        await offices.heard(session, self._office, self._now, _lag(taken, self._now))
        return IngestAnswer(
            acks=acks,
            taken=len(fresh),
            duplicates=self._duplicates,
            rejected=self._rejected,
        )

    async def _settle(self, candidates: Sequence[Candidate], epoch: str) -> tuple[list[Ack], list[Candidate]]:
        """Move each stream forward as far as its contiguous part goes."""
        by_stream: dict[str, list[Candidate]] = defaultdict(list)
        for candidate in candidates:
            by_stream[candidate.stream].append(candidate)
        streams: list[Stream] = []
        taken: list[Candidate] = []
        for name, offered in by_stream.items():
            stream = await repository.open_stream(self._session, self._office, name, self._now)
            streams.append(stream)
            if stream.refused:
                continue
            recorded = await repository.recorded_ids(self._session, self._office, name, offered)
            plan = plan_stream(stream.committed, recorded, offered)
            stream.committed, stream.last_heard_at = plan.committed, self._now
            if plan.forked:
                stream.refused = "forked"
                log.warning("forked outbox refused", extra={"office": self._office, "stream": name})
            self._duplicates += plan.duplicates
            taken += plan.take
        await self._session.flush()
        return [_ack(stream, epoch) for stream in streams], taken

    async def _enter(self, taken: Sequence[Candidate]) -> list[Candidate]:
        """Write the ledger; answers what is counted now: an id known from another stream is not counted again."""
        if not taken:
            return []
        seen = await repository.counted_ids(self._session, self._office, [c.event_id for c in taken])
        repeated: set[int] = set()
        for position, candidate in enumerate(taken):
            if candidate.event_id in seen:
                repeated.add(position)
            seen.add(candidate.event_id)
        self._duplicates += len(repeated)
        await repository.enter(self._session, self._office, taken, repeated, self._now)
        return [candidate for position, candidate in enumerate(taken) if position not in repeated]

    async def _item(self, candidate: Candidate) -> Item[Any] | None:
        """The typed event, or None after it became a dead letter."""
        event = candidate.event
        if event is None:
            await self._reject(candidate.raw, candidate, "envelope", candidate.detail)
        elif not event.source.startswith(f"/offices/{self._office}/"):
            await self._reject(candidate.raw, candidate, "foreign_source", "the source is not of this token's office")
        elif event.type not in OFFICE_EVENTS:
            await self._reject(candidate.raw, candidate, "unknown_type", "central does not take this type")
        else:
            try:
                return Item(event, event.parse(OFFICE_EVENTS))
            except ValidationError as error:
                await self._reject(candidate.raw, candidate, "schema", where(error))
            except OverflowError:
                await self._reject(candidate.raw, candidate, "schema", "a time that cannot be represented")
        return None

    async def _apply(self, intake: Intake, items: Sequence[Item[Any]]) -> None:
        """Hand the items to their domains, each domain its own together; one that poisons its batch is singled out."""
        by_type: dict[str, list[Item[Any]]] = defaultdict(list)
        for item in items:
            by_type[item.event.type].append(item)
        for name, group in by_type.items():
            if name in LEDGER_ONLY:
                continue
            if await self._try(intake, group) is not None:
                for item in group:
                    if refusal := await self._try(intake, [item]):
                        await self._refuse(refusal)

    async def _try(self, intake: Intake, group: list[Item[Any]]) -> Rejection | None:
        """Apply a group behind a savepoint; a value no column can hold undoes it and names the first of the group.

        Raises what is the database's trouble rather than the data's.
        """
        try:
            async with self._session.begin_nested():
                rejections = await HANDLERS[group[0].event.type](self._session, intake, group)
        except (OperationalError, InterfaceError):
            raise
        except (StatementError, ValueError, OverflowError) as error:
            if isinstance(error, DBAPIError) and error.connection_invalidated:
                raise
            return Rejection(group[0].event, "unstorable", type(error).__name__)
        for rejection in rejections:
            await self._refuse(rejection)
        return None

    async def _refuse(self, rejection: Rejection) -> None:
        raw = rejection.event.model_dump(mode="json")
        await self._reject(raw, rejection.event, rejection.reason, rejection.detail)

    async def _reject(self, raw: Any, place: Candidate | Event, reason: str, detail: str) -> None:
        self._rejected += 1
        await self._runtime.dead_letters.keep(
            self._session,
            office=self._office,
            origin="ingest",
            reason=reason,
            detail=detail,
            payload=json.dumps(raw).encode(),
            now=self._now,
            stream=place.stream,
            sequence=place.sequence,
            event_type=place.event_type if isinstance(place, Candidate) else place.type,
        )


def _lag(taken: Sequence[Candidate], now: datetime) -> float | None:
    times = [candidate.event.time for candidate in taken if candidate.event is not None]
    return max(0.0, (now - max(times)).total_seconds()) if times else None
