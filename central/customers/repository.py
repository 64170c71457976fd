from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, func, outerjoin, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from central.customers.tables import Customer, CustomerMerge, Erasure, Lookup
from central.database import Base, Row, table_of, upsert
from central.followups.tables import FollowUp
from central.paging import newest_first
from central.sales.tables import Sale
from central.visits.tables import Visit
from contracts.cursors import Cursor
from contracts.lookup_limits import Past


async def save(session: AsyncSession, rows: Sequence[Row]) -> None:
    await upsert(session, Customer, rows, newer="revision")


async def save_merges(session: AsyncSession, rows: Sequence[Row]) -> None:
    await upsert(session, CustomerMerge, rows, newer="revision")


async def erased(session: AsyncSession, office: str, customer_ids: Collection[str]) -> set[str]:
    """Those of the files that were erased: nothing that is told of them is kept."""
    statement = select(col(Erasure.customer_id)).where(
        col(Erasure.office) == office, col(Erasure.customer_id).in_(customer_ids)
    )
    return set((await session.scalars(statement)).all())


async def merges(session: AsyncSession, office: str, ids: Collection[str]) -> Sequence[CustomerMerge]:
    statement = select(CustomerMerge).where(col(CustomerMerge.office) == office, col(CustomerMerge.merge_id).in_(ids))
    return (await session.scalars(statement)).all()


async def find(session: AsyncSession, customer_id: str) -> Customer | None:
    """Of a merged file the one it was merged into."""
    kept = select(col(CustomerMerge.kept_id)).where(
        col(CustomerMerge.merged_id) == customer_id, col(CustomerMerge.state) == "merged"
    )
    speaking = (await session.scalars(kept.limit(1))).first() or customer_id
    statement = select(Customer).where(col(Customer.customer_id) == speaking).order_by(col(Customer.office))
    return (await session.scalars(statement.limit(1))).first()


async def of_phone(session: AsyncSession, phone_index: bytes) -> Sequence[Customer]:
    """Files of all offices with that number, the oldest first; of a merged file the one it was merged into."""
    merge, file = table_of(CustomerMerge).c, table_of(Customer).c
    same = and_(merge.office == file.office, merge.merged_id == file.customer_id, merge.state == "merged")
    numbered = (
        select(file.office, func.coalesce(merge.kept_id, file.customer_id))
        .select_from(outerjoin(table_of(Customer), table_of(CustomerMerge), same))
        .where(file.phone_index == phone_index)
    )
    statement = select(Customer).where(tuple_(col(Customer.office), col(Customer.customer_id)).in_(numbered))
    return (await session.scalars(statement.order_by(col(Customer.created_at), col(Customer.office)))).all()


async def speaking_for(session: AsyncSession, office: str, customer_id: str) -> list[str]:
    """The file itself, and those merged into it."""
    statement = select(col(CustomerMerge.merged_id)).where(
        col(CustomerMerge.office) == office,
        col(CustomerMerge.kept_id) == customer_id,
        col(CustomerMerge.state) == "merged",
    )
    return [customer_id, *(await session.scalars(statement)).all()]


async def lookups_since(session: AsyncSession, who: str, since: datetime) -> list[Past]:
    """When that person searched, and how many files were shown."""
    statement = select(col(Lookup.at), col(Lookup.shown)).where(col(Lookup.who) == who, col(Lookup.at) > since)
    return [Past(row[0], row[1]) for row in (await session.execute(statement)).all()]


async def lookups(session: AsyncSession, cursor: Cursor | None) -> Sequence[Lookup]:
    at, key = col(Lookup.at), col(Lookup.lookup_id)
    return (await session.scalars(newest_first(select(Lookup), cursor, at, key))).all()  # type: ignore[arg-type]


async def forget_lookups(session: AsyncSession, before: datetime) -> None:
    await session.execute(delete(Lookup).where(col(Lookup.at) < before))


async def by_ids(session: AsyncSession, office: str, customer_ids: Collection[str]) -> dict[str, Customer]:
    statement = select(Customer).where(col(Customer.office) == office, col(Customer.customer_id).in_(customer_ids))
    return {row.customer_id: row for row in (await session.scalars(statement)).all()}


async def exists(session: AsyncSession, office: str, customer_id: str) -> bool:
    return await session.get(Customer, (office, customer_id)) is not None


async def page(session: AsyncSession, office: str | None, cursor: Cursor | None) -> Sequence[Customer]:
    merged = select(col(CustomerMerge.merge_id)).where(
        col(CustomerMerge.office) == col(Customer.office),
        col(CustomerMerge.merged_id) == col(Customer.customer_id),
        col(CustomerMerge.state) == "merged",
    )
    statement = select(Customer).where(~merged.exists())
    if office is not None:
        statement = statement.where(col(Customer.office) == office)
    at, key = col(Customer.created_at), col(Customer.customer_id)
    return (await session.scalars(newest_first(statement, cursor, at, key))).all()  # type: ignore[arg-type]


Tally = dict[tuple[str, str], int]


async def tallies(session: AsyncSession, customer_ids: Sequence[str]) -> tuple[Tally, Tally, Tally]:
    """(office, customer) → visits, follow-ups, sales, those of files merged into theirs included."""
    kept = select(col(CustomerMerge.office), col(CustomerMerge.merged_id), col(CustomerMerge.kept_id)).where(
        col(CustomerMerge.kept_id).in_(customer_ids), col(CustomerMerge.state) == "merged"
    )
    speaking = {(row[0], row[1]): row[2] for row in (await session.execute(kept)).all()}
    return (
        await _tally(session, Visit, customer_ids, speaking),
        await _tally(session, FollowUp, customer_ids, speaking),
        await _tally(session, Sale, customer_ids, speaking),
    )


async def _tally(
    session: AsyncSession, model: type[Base], customer_ids: Sequence[str], speaking: Mapping[tuple[str, str], str]
) -> Tally:
    table: Any = table_of(model)
    files = [*customer_ids, *(merged for _, merged in speaking)]
    statement = (
        select(table.c.office, table.c.customer_id, func.count())
        .where(table.c.office.in_(select(col(Customer.office)).where(col(Customer.customer_id).in_(customer_ids))))
        .where(table.c.customer_id.in_(files))
        .group_by(table.c.office, table.c.customer_id)
    )
    counted: Tally = {}
    for office, customer_id, number in (await session.execute(statement)).all():
        person = office, speaking.get((office, customer_id), customer_id)
        counted[person] = counted.get(person, 0) + number
    return counted
