"""Customer files."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from contracts.gateway_api import CustomerPatch, CustomerView, TimelinePage
from contracts.ids import Uuid
from gateway import etags
from gateway.auth import Principal, require
from gateway.context import Context, get_context
from gateway.customers import erasure, service
from gateway.customers import timeline as timelines
from gateway.me.service import person_of

router = APIRouter(prefix="/v1/customers", tags=["customers"])
reader = require("consultant", "reception", "manager")
keeper = require("consultant", "manager")
PAGE = 50


@router.get("/{customer_id}")
def get(
    customer_id: Uuid,
    response: Response,
    principal: Principal = Depends(reader),
    context: Context = Depends(get_context),
) -> CustomerView:
    """Masked; `ETag` is its edition."""
    found = service.read(context, principal, customer_id)
    response.headers["ETag"] = etags.etag(found.edition)
    return found


@router.post("/{customer_id}/reveal")
async def reveal(
    customer_id: Uuid, principal: Principal = Depends(reader), context: Context = Depends(get_context)
) -> CustomerView:
    """The full number and name, to a person; who asked is logged first. 429 `too_many_lookups` with `Retry-After`."""
    person_id = person_of(principal)
    refusal = await context.writer.run(lambda uow: service.log_reveal(uow, context, principal, person_id, customer_id))
    if refusal is not None:
        raise refusal
    return await asyncio.to_thread(service.read, context, principal, customer_id, revealed=True)


@router.patch("/{customer_id}")
async def patch(
    customer_id: Uuid,
    change: CustomerPatch,
    principal: Principal = Depends(keeper),
    seen: str = Depends(etags.if_match),
    context: Context = Depends(get_context),
) -> CustomerView:
    """What is not given stays. 412 `changed_meanwhile`, 428 `if_match_needed`."""
    await context.writer.run(lambda uow: service.patch(uow, context, principal, customer_id, change, seen))
    return await asyncio.to_thread(service.read, context, principal, customer_id)


@router.delete("/{customer_id}", status_code=204)
async def erase(
    customer_id: Uuid, principal: Principal = Depends(require("manager")), context: Context = Depends(get_context)
) -> None:
    """The person asked for it. Name, numbers and all that was written about them are gone for good, here and at head
    office; visits and decisions keep their ids, rules and times. Their face is deleted with proof, as a withdrawal."""
    person_of(principal)
    await context.writer.run(lambda uow: erasure.erase(uow, context, customer_id, principal))
    await asyncio.to_thread(context.database.leave_no_copy)


@router.get("/{customer_id}/timeline")
def timeline(
    customer_id: Uuid,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = PAGE,
    principal: Principal = Depends(keeper),
    context: Context = Depends(get_context),
) -> TimelinePage:
    """Visits, follow-ups and sales, newest first."""
    return timelines.page(context, principal, customer_id, cursor, limit)
