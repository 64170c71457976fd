"""Follow-ups and sales, each sent with an `Idempotency-Key`."""

from fastapi import APIRouter, Depends, Response

from contracts.facts_api import FactCreated, FollowUpRequest, SaleRequest
from gateway.auth import Principal, require
from gateway.context import Context, get_context
from gateway.facts import service
from gateway.idempotency import idempotency_key
from gateway.me.service import person_of

router = APIRouter(prefix="/v1", tags=["customers"])
keeper = require("consultant", "manager")


@router.post("/follow-ups", status_code=201, response_model=FactCreated)
async def follow_up(
    request: FollowUpRequest,
    key: str = Depends(idempotency_key),
    principal: Principal = Depends(keeper),
    context: Context = Depends(get_context),
) -> Response:
    person = person_of(principal)
    answer = await context.writer.run(lambda uow: service.follow_up(uow, context, principal, person, key, request))
    return answer.response()


@router.post("/sales", status_code=201, response_model=FactCreated)
async def sale(
    request: SaleRequest,
    key: str = Depends(idempotency_key),
    principal: Principal = Depends(keeper),
    context: Context = Depends(get_context),
) -> Response:
    person = person_of(principal)
    answer = await context.writer.run(lambda uow: service.sale(uow, context, principal, person, key, request))
    return answer.response()
