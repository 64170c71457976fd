"""Offices, their rosters and devices."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from central.database import insert_into, table_of, upsert
from central.offices.tables import Office, StaffMember
from central.timeframe import DEFAULT_ZONE
from contracts.rest import RosterEntry


async def find(session: AsyncSession, office: str) -> Office | None:
    return await session.get(Office, office)


async def everyone(session: AsyncSession) -> Sequence[Office]:
    return (await session.scalars(select(Office).order_by(col(Office.office)))).all()


async def lock(session: AsyncSession, office: str, now: datetime) -> Office:
    """The office's row, locked until the transaction ends; made under its own name when it is heard for the first time.

    Everything that changes an office's data takes this lock first, so two senders for one office never interleave.
    """
    made = {"office": office, "name": office, "time_zone": DEFAULT_ZONE, "created_at": now}
    empty = {"name_en": "", "city": "", "city_en": "", "roster_version": 0}
    await session.execute(insert_into(session, Office).values(made | empty).on_conflict_do_nothing())
    statement = select(Office).where(col(Office.office) == office).with_for_update()
    return (await session.scalars(statement, execution_options={"populate_existing": True})).one()


def is_only_heard_of(office: Office) -> bool:
    """Nobody has entered anything about it yet."""
    untouched = (office.name, office.time_zone) == (office.office, DEFAULT_ZONE)
    return untouched and not (office.name_en or office.city or office.city_en)


async def heard(session: AsyncSession, office: str, now: datetime, lag_seconds: float | None) -> None:
    table = table_of(Office)
    changes = {"last_heard_at": now} | ({} if lag_seconds is None else {"lag_seconds": lag_seconds})
    await session.execute(update(table).where(table.c.office == office).values(changes))


def heard_recently(office: Office, now: datetime) -> bool:
    return office.last_heard_at is not None and now - office.last_heard_at < timedelta(minutes=1)


async def roster(session: AsyncSession, office: str) -> list[RosterEntry]:
    statement = (
        select(StaffMember)
        .where(col(StaffMember.office) == office, col(StaffMember.listed))
        .order_by(col(StaffMember.position))
    )
    return [
        RosterEntry(**member.model_dump(include=set(RosterEntry.model_fields)))
        for member in (await session.scalars(statement)).all()
    ]


async def replace_roster(session: AsyncSession, office: Office, people: Iterable[RosterEntry]) -> int:
    """Answers the new version."""
    table = table_of(StaffMember)
    await session.execute(update(table).where(table.c.office == office.office).values(listed=False))
    rows = [
        {"office": office.office, **person.model_dump(), "position": position, "listed": True}
        for position, person in enumerate(people)
    ]
    await upsert(session, StaffMember, rows)
    office.roster_version += 1
    return office.roster_version


async def staff_names(session: AsyncSession, office: str | None) -> dict[tuple[str, str], str]:
    """(office, person) → name, those who left included."""
    statement = select(col(StaffMember.office), col(StaffMember.person_id), col(StaffMember.name))
    if office is not None:
        statement = statement.where(col(StaffMember.office) == office)
    return {(row[0], row[1]): row[2] for row in (await session.execute(statement)).all()}


async def works_there(session: AsyncSession, office: str, person_id: str) -> bool:
    return await session.get(StaffMember, (office, person_id)) is not None
