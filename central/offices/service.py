"""Opening and changing offices, their rosters, and the states of their devices."""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from central import etags
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
        name_en=office.name_en,
        city=office.city,
        city_en=office.city_en,
        time_zone=office.time_zone,
        created_at=office.created_at,
        last_heard_at=office.last_heard_at,
        lag_seconds=office.lag_seconds,
    )


def edition(office: OfficeView) -> str:
    """Of what people enter; what is heard of the office changes nothing about it."""
    entered = json.dumps([getattr(office, field) for field in OfficePut.model_fields], ensure_ascii=False)
    return hashlib.sha256(entered.encode()).hexdigest()[:16]


async def put(runtime: Runtime, slug: str, body: OfficePut, seen: str | None) -> OfficeView:
    """`seen`: the If-Match of the change. Raises ProblemError 412, 422, 428."""
    try:
        zone = zone_of(body.time_zone)
    except ValueError as error:
        raise ProblemError(422, "invalid_request", errors=[FieldError(field="time_zone", code=str(error))]) from None
    async with runtime.database.write() as session:
        office = await repository.lock(session, slug, runtime.clock())
        if seen is not None or not repository.is_only_heard_of(office):
            etags.check(seen, edition(view(office)))
        moved = office.time_zone != body.time_zone
        for field in OfficePut.model_fields:
            setattr(office, field, getattr(body, field))
        await session.flush()
        if moved:
            await runtime.timeseries.rezone(session, slug, zone)
            for domain in (visits, sales, consultants):
                await domain.rezone(session, slug, zone)
            await figures.rebuild(session, slug)
        return view(office)


async def put_roster(runtime: Runtime, slug: str, body: RosterPut, seen: str | None) -> Roster:
    """`seen`: the If-Match of the change. Raises ProblemError 404, 412, 422, 428."""
    for field in ("person_id", "staff_no"):
        if any(n > 1 for n in Counter(getattr(person, field) for person in body.people).values()):
            raise ProblemError(422, "invalid_request", errors=[FieldError(field=f"people.{field}", code="repeated")])
    async with runtime.database.write() as session:
        if await repository.find(session, slug) is None:
            raise ProblemError(404, "not_found", "no such office")
        office = await repository.lock(session, slug, runtime.clock())
        etags.check(seen, office.roster_version)
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
