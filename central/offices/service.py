"""Opening and changing offices, their rosters, and the states of their devices."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from central.consultants import repository as consultants
from central.database import upsert
from central.intake import Intake, Item, Rejection
from central.offices import repository
from central.offices.tables import DeviceReport, Office
from central.overview import figures
from central.problems import ProblemError
from central.runtime import Runtime
from central.sales import repository as sales
from central.timeframe import zone_of
from central.visits import repository as visits
from contracts.central_api import OfficePut, OfficeView, RosterPut
from contracts.events import DeviceState
from contracts.rest import FieldError, Roster


def view(office: Office) -> OfficeView:
    return OfficeView(
        office=office.office,
        name=office.name,
        city=office.city,
        time_zone=office.time_zone,
        created_at=office.created_at,
        last_heard_at=office.last_heard_at,
        lag_seconds=office.lag_seconds,
    )


async def put(runtime: Runtime, slug: str, body: OfficePut) -> OfficeView:
    try:
        zone = zone_of(body.time_zone)
    except ValueError as error:
        raise ProblemError(422, "invalid_request", errors=[FieldError(field="time_zone", code=str(error))]) from None
    async with runtime.database.write() as session:
        office = await repository.lock(session, slug, runtime.clock())
        moved = office.time_zone != body.time_zone
        office.name, office.city, office.time_zone = body.name, body.city, body.time_zone
        await session.flush()
        if moved:
            await runtime.timeseries.rezone(session, slug, zone)
            for domain in (visits, sales, consultants):
                await domain.rezone(session, slug, zone)
            await figures.rebuild(session, slug)
        return view(office)


async def put_roster(runtime: Runtime, slug: str, body: RosterPut) -> Roster:
    for field in ("person_id", "staff_no"):
        if any(n > 1 for n in Counter(getattr(person, field) for person in body.people).values()):
            raise ProblemError(422, "invalid_request", errors=[FieldError(field=f"people.{field}", code="repeated")])
    async with runtime.database.write() as session:
        if await repository.find(session, slug) is None:
            raise ProblemError(404, "not_found", "no such office")
        office = await repository.lock(session, slug, runtime.clock())
        version = await repository.replace_roster(session, office, body.people)
        return Roster(office=slug, version=version, people=await repository.roster(session, slug))


async def take_device_states(
    session: AsyncSession, intake: Intake, items: Sequence[Item[DeviceState]]
) -> list[Rejection]:
    rows: list[dict[str, Any]] = [
        {"office": intake.office, "source": item.event.source, "at": item.event.time, **item.data.model_dump()}
        for item in items
    ]
    await upsert(session, DeviceReport, rows, newer="at")
    return []
