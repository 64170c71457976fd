"""What the rota has to say about one visit: why not me, and handing it to the colleague whose customer it is."""

import asyncio

from fastapi import APIRouter, Depends

from contracts.gateway_api import HandOverRequest, VisitView, WhyNot
from contracts.ids import Uuid
from gateway.auth import Principal, require
from gateway.context import Context, get_context
from gateway.problems import ProblemError
from gateway.roster import store as roster
from gateway.rota import decisions
from gateway.rota.handover import hand_over
from gateway.visits import store as visits
from gateway.visits.views import view_one

router = APIRouter(prefix="/v1/visits", tags=["rota"])


@router.get("/{visit_id}/why-not")
def why_not(
    visit_id: Uuid,
    consultant_id: Uuid,
    principal: Principal = Depends(require("consultant", "manager")),
    context: Context = Depends(get_context),
) -> WhyNot:
    """What each stored decision about any visit said of one consultant. A consultant asks for themselves only."""
    if principal.role == "consultant" and consultant_id != principal.person_id:
        raise ProblemError(403, "not_yourself", "a consultant may ask for themselves only")
    with context.database.read() as session:
        if visits.get(session, visit_id) is None:
            raise ProblemError(404, "not_found", "no such visit")
        return decisions.why_not(session, visit_id, consultant_id, roster.names(session, context.keys))


@router.post("/{visit_id}/hand-over")
async def hand_over_visit(
    visit_id: Uuid,
    request: HandOverRequest,
    principal: Principal = Depends(require("consultant", "reception", "manager")),
    context: Context = Depends(get_context),
) -> VisitView:
    """The receiver returns to the head of the rota; they go on, assisting, when the colleague is not free."""
    await context.writer.run(
        lambda uow: hand_over(uow, context, visit_id, request.consultant_id, principal, request.reason)
    )
    return await asyncio.to_thread(view_one, context, visit_id)
