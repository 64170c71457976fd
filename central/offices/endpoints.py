"""Offices and their rosters."""

from typing import Annotated

from fastapi import APIRouter, Header, Response

from central.access import CallerDep, own_office, roles
from central.offices import repository, service
from central.problems import not_found
from central.runtime import Runtime, RuntimeDep
from contracts.central_api import OfficePut, OfficeView, RosterPut
from contracts.ids import Slug
from contracts.rest import Roster

router = APIRouter(tags=["offices"])


@router.put("/v1/offices/{office}", **roles("admin"))
async def put_office(runtime: RuntimeDep, office: Slug, body: OfficePut) -> OfficeView:
    """Open an office or change it; a new time zone moves its hours and days."""
    return await service.put(runtime, office, body)


@router.get("/v1/offices", **roles("manager"))
async def offices(runtime: RuntimeDep) -> list[OfficeView]:
    async with runtime.database.read() as session:
        return [service.view(office) for office in await repository.everyone(session)]


@router.put("/v1/offices/{office}/roster", **roles("admin"))
async def put_roster(runtime: RuntimeDep, office: Slug, body: RosterPut) -> Roster:
    """Replace the roster; its version goes up by one."""
    return await service.put_roster(runtime, office, body)


@router.get("/v1/offices/{office}/roster", response_model=Roster, **roles("office", "admin"))
async def roster(
    runtime: RuntimeDep,
    caller: CallerDep,
    office: Slug,
    response: Response,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Roster | Response:
    """`ETag` is the version; `If-None-Match` with it answers 304."""
    own_office(caller, office)
    async with runtime.database.read() as session:
        known = await repository.find(session, office)
        people = await repository.roster(session, office) if known else []
    if known is None:
        raise not_found("office")
    if caller.role == "office" and not repository.heard_recently(known, runtime.clock()):
        await _heard(runtime, office)
    etag = f'"{known.roster_version}"'
    asked = [tag.strip().removeprefix("W/") for tag in (if_none_match or "").split(",")]
    if etag in asked:
        return Response(status_code=304, headers={"ETag": etag})
    response.headers["ETag"] = etag
    return Roster(office=office, version=known.roster_version, people=people)


async def _heard(runtime: Runtime, office: str) -> None:
    async with runtime.database.write() as session:
        await repository.heard(session, office, runtime.clock(), None)
