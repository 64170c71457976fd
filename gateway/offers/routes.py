"""Answering an offer."""

import asyncio

from fastapi import APIRouter, Depends, Response

from contracts.gateway_api import DeclineRequest, VisitView
from contracts.ids import Uuid
from gateway.auth import Principal, require
from gateway.context import Context, get_context
from gateway.me.service import person_of
from gateway.offers import service
from gateway.visits import service as visits
from gateway.visits import store as visit_store
from gateway.visits.views import view_one
from gateway.writer import UnitOfWork

router = APIRouter(prefix="/v1/offers", tags=["tablet"])
consultant = require("consultant")


@router.post("/{offer_id}/accept")
async def accept(
    offer_id: Uuid, principal: Principal = Depends(consultant), context: Context = Depends(get_context)
) -> VisitView:
    """409 `offer_lost` when the time is over or somebody else was quicker. Sent twice it is one accept."""
    person_id = person_of(principal)

    def work(uow: UnitOfWork) -> str:
        offer = service.own(uow, offer_id, person_id)
        answered = offer.state == "accepted"
        service.accept(uow, offer_id, person_id)
        visit = visit_store.get(uow.session, offer.visit_id)
        if visit is None:
            raise LookupError(f"offer {offer_id} of an unknown visit")
        if not answered:
            visits.begin_serving(uow, context, visit, person_id)
        return visit.visit_id

    visit_id = await context.writer.run(work)
    return await asyncio.to_thread(view_one, context, visit_id)


@router.post("/{offer_id}/decline", status_code=204)
async def decline(
    offer_id: Uuid,
    request: DeclineRequest,
    principal: Principal = Depends(consultant),
    context: Context = Depends(get_context),
) -> Response:
    person_id = person_of(principal)
    await context.writer.run(lambda uow: service.decline(uow, context, offer_id, person_id, request.reason))
    return Response(status_code=204)
