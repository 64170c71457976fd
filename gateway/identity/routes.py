"""Finding a customer's file, and who looked."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from contracts.identity_api import CandidatePage, IdNumberNoted, IdNumberPut, LookupPage, SearchPage, SearchRequest
from contracts.ids import Uuid
from gateway.auth import Principal, require
from gateway.context import Context, get_context
from gateway.identity import alike, documents, lookups, service

router = APIRouter(prefix="/v1", tags=["identity"])
desk = require("reception", "manager")
PAGE = 50


@router.post("/customers/search")
async def search(
    request: SearchRequest, principal: Principal = Depends(desk), context: Context = Depends(get_context)
) -> SearchPage:
    """Masked; every search is written down. 422 `unreadable_search`; 429 `too_many_lookups` with `Retry-After`."""
    return await service.search(context, principal, request)


@router.put("/customers/{customer_id}/id-number")
async def id_number(
    customer_id: Uuid,
    request: IdNumberPut,
    principal: Principal = Depends(desk),
    context: Context = Depends(get_context),
) -> IdNumberNoted:
    """Kept encrypted and never shown. 422 `bad_id_number`, 409 `other_id_number`."""
    return await context.writer.run(lambda uow: documents.note(uow, context, principal, customer_id, request))


@router.get("/customers/{customer_id}/candidates", dependencies=[Depends(desk)])
def candidates(customer_id: Uuid, context: Context = Depends(get_context)) -> CandidatePage:
    """Other files that may be the same person, masked, strongest first, with the question asked about each."""
    return alike.of_customer(context, customer_id)


@router.get("/visits/{visit_id}/candidates", dependencies=[Depends(desk)])
def candidates_of_visit(visit_id: Uuid, context: Context = Depends(get_context)) -> CandidatePage:
    """The same of whoever came; nobody for a visit without a file."""
    return alike.of_visit(context, visit_id)


@router.get("/lookups", dependencies=[Depends(require("manager"))])
def looked_up(
    cursor: Uuid | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = PAGE,
    context: Context = Depends(get_context),
) -> LookupPage:
    """Who searched the customer files, newest first."""
    return lookups.page(context, cursor, limit)
