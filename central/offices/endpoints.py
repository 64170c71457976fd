"""Offices and their rosters."""

from typing import Annotated

from fastapi import APIRouter, Header, Response

from central.access import CallerDep, own_office, roles
from central.etags import IfMatch, etag
from central.offices import repository, service
from central.problems import not_found
from central.runtime import Runtime, RuntimeDep
from contracts.central_api import OfficePut, OfficeView, RosterPut
from contracts.ids import Slug
from contracts.rest import Roster

router = APIRouter(tags=["offices"])


@router.put("/v1/offices/{office}", **roles("admin"))
async def put_office(
    runtime: RuntimeDep, office: Slug, body: OfficePut, response: Response, if_match: IfMatch = None
) -> OfficeView:
    """Open an office, without `If-Match`, or change it; a new time zone moves its hours and days.

    412 `changed_meanwhile`, 428 `if_match_needed` for an office that somebody has entered.
    """
    put = await service.put(runtime, office, body, if_match)
    response.headers["ETag"] = etag(service.edition(put))
    return put


@router.get("/v1/offices", **roles("manager"))
async def offices(runtime: RuntimeDep) -> list[OfficeView]:
    async with runtime.database.read() as session:
        return [service.view(office) for office in await repository.everyone(session)]


@router.get("/v1/offices/{office}", **roles("manager"))
async def one(runtime: RuntimeDep, office: Slug, response: Response) -> OfficeView:
    """With an `ETag` of what people enter: its name, city and time zone."""
    async with runtime.database.read() as session:
        known = await repository.find(session, office)
    if known is None:
        raise not_found("office")
    found = service.view(known)
    response.headers["ETag"] = etag(service.edition(found))
    return found


@router.put("/v1/offices/{office}/roster", **roles("admin"))
async def put_roster(
    runtime: RuntimeDep, office: Slug, body: RosterPut, response: Response, if_match: IfMatch = None
) -> Roster:
    """Replace the roster that `If-Match` names; its version goes up by one.

    412 `changed_meanwhile`, 428 `if_match_needed`; an office that was just opened has version 0.
    """
    put = await service.put_roster(runtime, office, body, if_match)
    response.headers["ETag"] = etag(put.version)
    return put


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
    version = etag(known.roster_version)
    asked = [tag.strip().removeprefix("W/") for tag in (if_none_match or "").split(",")]
    if version in asked:
        return Response(status_code=304, headers={"ETag": version})
    response.headers["ETag"] = version
    return Roster(office=office, version=known.roster_version, people=people)


async def _heard(runtime: Runtime, office: str) -> None:
    async with runtime.database.write() as session:
        await repository.heard(session, office, runtime.clock(), None)
