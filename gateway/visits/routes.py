"""Visits: the list, one, why it went where it went, its end, and giving it to somebody."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from contracts.gateway_api import AssignRequest, Explanation, FinishRequest, VisitState, VisitView
from contracts.ids import Uuid
from gateway.auth import Principal, require
from gateway.context import Context, get_context
from gateway.offers import store as offers
from gateway.problems import ProblemError
from gateway.roster import store as roster
from gateway.visits import departures, service, store
from gateway.visits.views import Views, view_one

router = APIRouter(prefix="/v1/visits", tags=["visits"])
PAGE = 50


@router.get("", dependencies=[Depends(require("reception", "manager"))])
def page(
    state: VisitState | None = None,
    customer_id: Uuid | None = None,
    cursor: Uuid | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = PAGE,
    context: Context = Depends(get_context),
) -> list[VisitView]:
    """Newest first; the next page begins after `cursor`, the last visit id of this one."""
    with context.database.read() as session:
        rows = store.page(session, state=state, cursor=cursor, limit=limit, customer_id=customer_id)
        return Views.read(session, context).visits(rows)


@router.get("/{visit_id}")
def one(
    visit_id: Uuid,
    principal: Principal = Depends(require("consultant", "reception", "manager")),
    context: Context = Depends(get_context),
) -> VisitView:
    _check_access(context, principal, visit_id)
    return view_one(context, visit_id)


@router.get("/{visit_id}/explanation")
def explanation(
    visit_id: Uuid,
    principal: Principal = Depends(require("consultant", "reception", "manager")),
    context: Context = Depends(get_context),
) -> Explanation:
    _check_access(context, principal, visit_id)
    with context.database.read() as session:
        return Views.read(session, context).explanation(visit_id)


@router.post("/{visit_id}/finish")
async def finish(
    visit_id: Uuid,
    request: FinishRequest,
    principal: Principal = Depends(require("consultant", "manager")),
    context: Context = Depends(get_context),
) -> VisitView:
    await context.writer.run(lambda uow: departures.finish(uow, context, visit_id, principal, request))
    return await asyncio.to_thread(view_one, context, visit_id)


@router.post("/{visit_id}/assign")
async def assign(
    visit_id: Uuid,
    request: AssignRequest,
    principal: Principal = Depends(require("reception", "manager")),
    context: Context = Depends(get_context),
) -> VisitView:
    """422 `unknown_consultant` for somebody who is not an active consultant of this office."""
    with context.database.read() as session:
        person = roster.get(session, context.keys, request.consultant_id)
    if person is None or not person.active or person.role != "consultant":
        raise ProblemError(422, "unknown_consultant", "not an active consultant of this office")
    await context.writer.run(
        lambda uow: service.assign(uow, context, visit_id, request.consultant_id, principal, request.reason)
    )
    return await asyncio.to_thread(view_one, context, visit_id)


def _check_access(context: Context, principal: Principal, visit_id: str) -> None:
    """A consultant reads the visits they receive, own, or were offered. Raises ProblemError 404 or 403."""
    with context.database.read() as session:
        visit = store.get(session, visit_id)
        if visit is None:
            raise ProblemError(404, "not_found", "no such visit")
        if principal.role != "consultant":
            return
        offered = {o.consultant_id for o in offers.of_visit(session, visit_id) if o.state in ("pending", "accepted")}
        if principal.person_id not in {visit.consultant_id, visit.owner_id} | offered:
            raise ProblemError(403, "not_your_visit", "this visit is somebody else's")
