from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from central.customers.tables import Customer, CustomerMerge, Erasure
from central.database import Base, Row, table_of, upsert
from central.followups.tables import FollowUp
from central.paging import newest_first
from central.sales.tables import Sale
from central.visits.tables import Visit
from contracts.cursors import Cursor


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
