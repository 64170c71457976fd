"""The order of changes of each office, written in the transaction of the change itself.

The caller holds the office's row (`offices.lock`), so numbers become visible in the order they were given.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from central.database import insert_into, table_of, upsert
from central.down.tables import DownChange, DownHead
from contracts.down_api import DownKind


async def note(
    session: AsyncSession,
    office: str,
    kind: DownKind,
    ids: Sequence[str],
    now: datetime,
    *,
    deleted: bool = False,
) -> None:
    """These things changed: the office hears of them at the end of its order."""
    if not ids:
        return
    await session.flush()
    last = await _advance(session, office, len(ids))
    rows = [
        {
            "office": office,
            "kind": kind,
            "item_id": item_id,
            "sequence": last - len(ids) + place,
            "deleted": deleted,
            "changed_at": now,
        }
        for place, item_id in enumerate(ids, start=1)
    ]
    await upsert(session, DownChange, rows)


async def _advance(session: AsyncSession, office: str, count: int) -> int:
    fresh = {"office": office, "sequence": 0, "forgotten": 0}
    await session.execute(insert_into(session, DownHead).values(fresh).on_conflict_do_nothing())
    heads = table_of(DownHead)
    moved = update(heads).where(heads.c.office == office).values(sequence=heads.c.sequence + count)
    await session.execute(moved)
    return int((await session.execute(select(heads.c.sequence).where(heads.c.office == office))).scalar_one())


async def head(session: AsyncSession, office: str) -> tuple[int, int]:
    """How far the order has come, and through where deletions were forgotten."""
    heads = table_of(DownHead)
    found = (await session.execute(select(heads.c.sequence, heads.c.forgotten).where(heads.c.office == office))).first()
    return (0, 0) if found is None else (found[0], found[1])


async def after(session: AsyncSession, office: str, sequence: int, limit: int) -> Sequence[DownChange]:
    statement = select(DownChange).where(col(DownChange.office) == office, col(DownChange.sequence) > sequence)
    return (await session.scalars(statement.order_by(col(DownChange.sequence)).limit(limit))).all()


async def forget_deletions(session: AsyncSession, before: datetime) -> int:
    """Forget deletions older than `before`: a cursor from before them is then too old. Answers how many."""
    changes, heads = table_of(DownChange), table_of(DownHead)
    old = changes.c.deleted & (changes.c.changed_at < before)
    grouped = select(changes.c.office, func.max(changes.c.sequence)).where(old).group_by(changes.c.office)
    for office, through in (await session.execute(grouped)).all():
        await session.execute(update(heads).where(heads.c.office == office).values(forgotten=through))
    result = await session.execute(delete(changes).where(old))
    return int(getattr(result, "rowcount", 0))
