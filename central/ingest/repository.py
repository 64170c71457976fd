from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from central.database import table_of
from central.ingest.batch import Candidate
from central.ingest.tables import LedgerEntry, Meta, Stream


async def epoch(session: AsyncSession) -> str:
    return (await session.scalars(select(col(Meta.value)).where(col(Meta.name) == "epoch"))).one()


async def find_stream(session: AsyncSession, office: str, stream: str) -> Stream | None:
    return await session.get(Stream, (office, stream))


async def open_stream(session: AsyncSession, office: str, stream: str, now: datetime) -> Stream:
    found = await find_stream(session, office, stream)
    if found is not None:
        return found
    new = Stream(office=office, stream=stream, committed=0, first_heard_at=now, last_heard_at=now)
    session.add(new)
    return new


async def recorded_ids(
    session: AsyncSession, office: str, stream: str, candidates: Iterable[Candidate]
) -> Mapping[int, str]:
    """sequence → id of what was taken at the candidates' places."""
    sequences = [candidate.sequence for candidate in candidates]
    table = table_of(LedgerEntry)
    statement = select(table.c.sequence, table.c.event_id).where(
        table.c.office == office,
        table.c.stream == stream,
        table.c.sequence >= min(sequences),
        table.c.sequence <= max(sequences),
    )
    return {row[0]: row[1] for row in (await session.execute(statement)).all()}


async def counted_ids(session: AsyncSession, office: str, event_ids: Sequence[str]) -> set[str]:
    """Those of the ids that this office has sent before, in whichever stream."""
    table = table_of(LedgerEntry)
    statement = select(table.c.event_id).where(table.c.office == office, table.c.event_id.in_(event_ids))
    return set((await session.scalars(statement)).all())


async def enter(
    session: AsyncSession, office: str, taken: Sequence[Candidate], repeated: set[int], now: datetime
) -> None:
    """Write the ledger; `repeated` are positions in `taken` whose id was counted before."""
    rows = [
        {
            "office": office,
            "stream": candidate.stream,
            "sequence": candidate.sequence,
            "event_id": candidate.event_id,
            "repeated": position in repeated,
            "received_at": now,
        }
        for position, candidate in enumerate(taken)
    ]
    if rows:
        await session.execute(table_of(LedgerEntry).insert(), rows)
