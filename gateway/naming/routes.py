"""Telling afterwards whose visit it was."""

import asyncio

from fastapi import APIRouter, Depends

from contracts.gateway_api import LateNumber, VisitView
from contracts.ids import Uuid
from gateway.auth import Principal, require
from gateway.context import Context, get_context
from gateway.naming import service
from gateway.visits.views import view_one

router = APIRouter(prefix="/v1/visits", tags=["visits"])


@router.put("/{visit_id}/number")
async def add_number(
    visit_id: Uuid,
    request: LateNumber,
    principal: Principal = Depends(require("consultant", "reception", "manager")),
    context: Context = Depends(get_context),
) -> VisitView:
    """The number of who checked in without one; the visit is judged anew. 403 `not_your_visit`, or `manager_needed` for
    an earlier day; 409 `has_customer`, `not_a_visit`. The visit answered is another where they had checked in twice."""
    stays = await context.writer.run(
        lambda uow: service.add_number(uow, context, visit_id, principal, request).visit_id
    )
    return await asyncio.to_thread(view_one, context, stays)
