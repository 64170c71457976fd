"""Buying parties, calls, visits claimed back, and customers whose owner has left."""

import asyncio
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from contracts.gateway_api import CustomerView
from contracts.identity_api import (
    CallRequest,
    CallTaken,
    ClaimableVisit,
    OwnerAssignment,
    PartyLink,
    PartyView,
    PoolPage,
)
from contracts.ids import Uuid
from gateway.auth import Principal, require
from gateway.context import Context, get_context
from gateway.customers import service as customers
from gateway.idempotency import Answer, find, idempotency_key, once
from gateway.identity import lookups, owners, parties
from gateway.me.service import person_of
from gateway.problems import ProblemError
from gateway.writer import UnitOfWork

router = APIRouter(prefix="/v1", tags=["identity"])
desk = require("reception", "manager")
manager = require("manager")
consultant = require("consultant")
PAGE = 50


@router.get("/customers/{customer_id}/party", dependencies=[Depends(desk)])
async def party(customer_id: Uuid, context: Context = Depends(get_context)) -> PartyView:
    """Who buys together with this customer."""
    return await asyncio.to_thread(parties.read, context, customer_id)


@router.put("/customers/{customer_id}/party/{other_id}")
async def link(
    customer_id: Uuid,
    other_id: Uuid,
    request: PartyLink,
    principal: Principal = Depends(desk),
    context: Context = Depends(get_context),
) -> PartyView:
    """The other as related to this customer, who is the first of the party. Their visits are judged anew.

    409 `not_the_first`, `in_another_party`; 422 `same_person`.
    """
    await context.writer.run(lambda uow: parties.link(uow, context, principal, customer_id, other_id, request))
    return await asyncio.to_thread(parties.read, context, customer_id)


@router.delete("/customers/{customer_id}/party", dependencies=[Depends(desk)])
async def unlink(customer_id: Uuid, context: Context = Depends(get_context)) -> PartyView:
    """This customer leaves their buying party. 409 `first_of_party` while others are related to them."""
    await context.writer.run(lambda uow: parties.unlink(uow, context, customer_id))
    return await asyncio.to_thread(parties.read, context, customer_id)


@router.post("/calls", status_code=201, response_model=CallTaken)
async def call(
    request: CallRequest,
    key: str = Depends(idempotency_key),
    principal: Principal = Depends(require("consultant", "reception", "manager")),
    context: Context = Depends(get_context),
) -> Response:
    """A call (来电) that left a number. 422 `consultant_needed`, `unknown_consultant`; 403 `not_yourself`.

    It tells whether the number is somebody's: 429 `too_many_lookups` with `Retry-After`, as for searches.
    """
    scope = f"call:{principal.person_id or principal.device_id}"

    def work(uow: UnitOfWork) -> Answer | ProblemError:
        if find(uow.session, context.keys, scope=scope, key=key) is None:
            refusal = lookups.note(uow, context, principal, ["call"], request.phone, 1)
            if refusal is not None:
                return refusal
        taken = partial(owners.call, uow, context, principal, request)
        return once(uow, context.keys, scope=scope, key=key, work=taken, request=request)

    answer = await context.writer.run(work)
    if isinstance(answer, ProblemError):
        raise answer
    return answer.response()


@router.get("/claims")
async def to_claim(
    principal: Principal = Depends(consultant), context: Context = Depends(get_context)
) -> list[ClaimableVisit]:
    """Visits of my customers that a colleague received before anybody knew whose they were, and I may claim back."""
    return await asyncio.to_thread(owners.to_claim, context, person_of(principal))


@router.post("/visits/{visit_id}/claim", status_code=204)
async def claim(
    visit_id: Uuid, principal: Principal = Depends(consultant), context: Context = Depends(get_context)
) -> None:
    """Within the hours given, last instant included. 403 `not_yours_to_claim`."""
    await context.writer.run(lambda uow: owners.claim(uow, context, person_of(principal), visit_id))


@router.get("/pool", dependencies=[Depends(manager)])
def pool(
    cursor: Uuid | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = PAGE,
    context: Context = Depends(get_context),
) -> PoolPage:
    """Customers of consultants who left."""
    return owners.pool(context, cursor, limit)


@router.put("/customers/{customer_id}/owner")
async def assign(
    customer_id: Uuid,
    request: OwnerAssignment,
    principal: Principal = Depends(manager),
    context: Context = Depends(get_context),
) -> CustomerView:
    """A customer whose owner has left, or whom nobody owns. 409 `has_an_owner`, 422 `unknown_consultant`."""
    await context.writer.run(lambda uow: owners.assign(uow, context, principal, customer_id, request))
    return await asyncio.to_thread(customers.read, context, principal, customer_id)
