"""What the reception says of visits and of people at the door: gone, joined, no customers, and all of it taken back."""

import asyncio
from collections.abc import Callable

from fastapi import APIRouter, Depends

from contracts.gateway_api import VisitView
from contracts.ids import Uuid
from contracts.marks_api import JoinersRequest, MarkedPeople, MarkPeopleRequest, NonCustomerRequest
from gateway.auth import Principal, require
from gateway.context import Context, get_context
from gateway.localtime import local_day
from gateway.visits import departures, marks, store
from gateway.visits.tables import VisitRow
from gateway.visits.views import view_one
from gateway.writer import UnitOfWork

router = APIRouter(prefix="/v1", tags=["visits"])
desk = require("reception", "manager")
receiving = require("consultant", "reception", "manager")


@router.post("/visits/{visit_id}/departure")
async def depart(
    visit_id: Uuid, principal: Principal = Depends(desk), context: Context = Depends(get_context)
) -> VisitView:
    """The party was seen to leave."""
    return await _say(context, visit_id, lambda uow: departures.depart(uow, context, visit_id, principal))


@router.post("/visits/{visit_id}/joiners")
async def join(
    visit_id: Uuid,
    request: JoinersRequest,
    principal: Principal = Depends(receiving),
    context: Context = Depends(get_context),
) -> VisitView:
    """More people of the party came. 409 `visit_closed` or `party_too_large`."""
    return await _say(context, visit_id, lambda uow: marks.add_joiners(uow, context, visit_id, principal, request))


@router.post("/visits/{visit_id}/non-customer")
async def mark_visit(
    visit_id: Uuid,
    request: NonCustomerRequest,
    principal: Principal = Depends(desk),
    context: Context = Depends(get_context),
) -> VisitView:
    """The visit ends and its people leave the net count; the first mark stands. 409 `not_a_visit`; 403
    `manager_needed` for the reception and a visit of an earlier day."""
    return await _say(context, visit_id, lambda uow: marks.mark_visit(uow, context, visit_id, principal, request))


@router.delete("/visits/{visit_id}/non-customer")
async def unmark_visit(
    visit_id: Uuid, principal: Principal = Depends(desk), context: Context = Depends(get_context)
) -> VisitView:
    """Customers after all: a visit that went on when it was marked goes on."""
    return await _say(context, visit_id, lambda uow: marks.unmark_visit(uow, context, visit_id, principal))


@router.post("/door/non-customers", status_code=201)
async def mark_people(
    request: MarkPeopleRequest, principal: Principal = Depends(desk), context: Context = Depends(get_context)
) -> MarkedPeople:
    """People counted at the door, and in no visit. 422 `other_day`."""
    return await context.writer.run(lambda uow: marks.mark_people(uow, context, principal, request))


@router.delete("/door/non-customers/{mark_id}")
async def unmark_people(
    mark_id: Uuid, principal: Principal = Depends(desk), context: Context = Depends(get_context)
) -> MarkedPeople:
    return await context.writer.run(lambda uow: marks.unmark_people(uow, context, mark_id, principal))


@router.get("/door/non-customers", dependencies=[Depends(desk)])
def marked_today(context: Context = Depends(get_context)) -> list[MarkedPeople]:
    """Today's marks of people at the door, newest first."""
    with context.database.read() as session:
        rows = store.marks_of_day(session, local_day(context.clock(), context.timezone))
        return [marks.view(context, row) for row in rows]


async def _say(context: Context, visit_id: str, work: Callable[[UnitOfWork], VisitRow]) -> VisitView:
    await context.writer.run(work)
    return await asyncio.to_thread(view_one, context, visit_id)
