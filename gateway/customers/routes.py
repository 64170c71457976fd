"""Customer files."""

import asyncio

from fastapi import APIRouter, Depends, Response

from contracts.gateway_api import CustomerPatch, CustomerView, TimelineEntry
from contracts.ids import Uuid
from gateway import etags
from gateway.auth import Principal, require
from gateway.context import Context, get_context
from gateway.customers import service
from gateway.me.service import person_of

router = APIRouter(prefix="/v1/customers", tags=["customers"])
reader = require("consultant", "reception", "manager")
keeper = require("consultant", "manager")


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
    """The full number and name, to a person; who asked is logged first."""
    person_id = person_of(principal)
    await context.writer.run(lambda uow: service.log_reveal(uow, principal, person_id, customer_id))
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


@router.get("/{customer_id}/timeline")
def timeline(
    customer_id: Uuid, principal: Principal = Depends(keeper), context: Context = Depends(get_context)
) -> list[TimelineEntry]:
    return service.timeline(context, principal, customer_id)
