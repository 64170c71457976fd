"""Appeals: filed for a verdict, listed, read, decided by the manager."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from contracts.appeals_api import AppealDecision, AppealRequest, AppealState, AppealView, HiddenRequest
from contracts.gateway_api import VisitView
from contracts.ids import Uuid
from gateway import etags
from gateway.appeals import names, service, store
from gateway.appeals.domain import Party
from gateway.auth import Principal, require
from gateway.context import Context, get_context
from gateway.idempotency import idempotency_key, once
from gateway.me.service import person_of
from gateway.problems import ProblemError
from gateway.visits.views import view_one
from gateway.writer import UnitOfWork

router = APIRouter(prefix="/v1", tags=["appeals"])
concerned = require("consultant", "reception", "manager")
manager = require("manager")
PAGE = 50


@router.post("/appeals", status_code=201, response_model=AppealView)
async def file(
    request: AppealRequest,
    key: str = Depends(idempotency_key),
    principal: Principal = Depends(concerned),
    context: Context = Depends(get_context),
) -> Response:
    """403 `not_your_verdict`, 409 `appeal_period_over`, `verdict_superseded` or `already_appealed`, 422 `channel`."""
    party = _party(principal, request)
    by = principal.person_id or principal.device_id or ""

    def work(uow: UnitOfWork) -> AppealView:
        filed = service.file_appeal(
            uow, context, verdict_id=request.verdict_id, party=party, filed_by=by, text=request.text
        )
        return store.view(context.keys, filed, names.of(uow.session, context.keys, [filed]))

    answer = await context.writer.run(
        lambda uow: once(uow, context.keys, scope=f"appeal:{by}", key=key, work=lambda: work(uow), request=request)
    )
    return answer.response()


@router.get("/appeals")
def page(
    state: AppealState | None = None,
    cursor: Uuid | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = PAGE,
    principal: Principal = Depends(concerned),
    context: Context = Depends(get_context),
) -> list[AppealView]:
    """Newest first, a consultant's own; the next page begins after `cursor`, the last appeal id of this one."""
    mine = person_of(principal) if principal.role == "consultant" else None
    return service.page(context, state=state, party_id=mine, cursor=cursor, limit=limit)


@router.get("/appeals/{appeal_id}")
def one(
    appeal_id: Uuid,
    response: Response,
    principal: Principal = Depends(concerned),
    context: Context = Depends(get_context),
) -> AppealView:
    """`ETag` is the revision that a decision must name in `If-Match`. A consultant reads their own."""
    found = service.one(context, appeal_id)
    if principal.role == "consultant" and found.party_id != principal.person_id:
        raise ProblemError(403, "not_your_appeal", "this appeal is somebody else's")
    response.headers["ETag"] = etags.etag(found.revision)
    return found


@router.post("/appeals/{appeal_id}/decision")
async def decide(
    appeal_id: Uuid,
    request: AppealDecision,
    response: Response,
    principal: Principal = Depends(manager),
    seen: str = Depends(etags.if_match),
    context: Context = Depends(get_context),
) -> AppealView:
    """Once. 428 without `If-Match`, 412 `changed_meanwhile`, 403 `party_to_it`."""
    person = person_of(principal)
    await context.writer.run(lambda uow: service.decide(uow, context, appeal_id, person, seen, request))
    found = await asyncio.to_thread(service.one, context, appeal_id)
    response.headers["ETag"] = etags.etag(found.revision)
    return found


@router.post("/visits/{visit_id}/hidden")
async def hidden(
    visit_id: Uuid,
    request: HiddenRequest,
    principal: Principal = Depends(manager),
    context: Context = Depends(get_context),
) -> VisitView:
    """The manager rules whether the visit was kept from the owner: then a deal of that day is all the owner's.

    409 `not_received`, `appeal_open`: a consultant's appeal on it is answered by the decision on that.
    """
    person = person_of(principal)
    await context.writer.run(lambda uow: service.rule_hidden(uow, context, visit_id, person, request))
    return await asyncio.to_thread(view_one, context, visit_id)


def _party(principal: Principal, request: AppealRequest) -> Party:
    if principal.role == "consultant":
        if request.channel_id is not None:
            raise ProblemError(422, "channel", "a consultant appeals for themselves: leave channel_id out")
        return Party("consultant", person_of(principal))
    if request.channel_id is None:
        raise ProblemError(422, "channel", "name the channel in whose name this is filed")
    return Party("channel", request.channel_id, request.agent_id)
