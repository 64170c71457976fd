"""The rota: what it is now, and consultants taking and leaving their places."""

import asyncio
from collections.abc import Callable

from fastapi import APIRouter, Depends

from contracts.gateway_api import TurnVisit
from contracts.rota_api import AwayRequest, Me, RotaView
from gateway.auth import Principal, require
from gateway.context import Context, get_context
from gateway.me import service as me
from gateway.rota import service, today
from gateway.writer import UnitOfWork

router = APIRouter(prefix="/v1/rota", tags=["rota"])
consultant = require("consultant")


@router.get("", dependencies=[Depends(require("consultant", "reception", "manager"))])
def view(context: Context = Depends(get_context)) -> RotaView:
    with context.database.read() as session:
        return service.view(session, context)


@router.get("/visits", dependencies=[Depends(require("consultant", "manager"))])
def visits_of_today(context: Context = Depends(get_context)) -> list[TurnVisit]:
    """Newest first: what a consultant may ask «why not me?» about. Nothing of who came."""
    with context.database.read() as session:
        return today.of_today(session, context)


@router.post("/sign-in")
async def sign_in(principal: Principal = Depends(consultant), context: Context = Depends(get_context)) -> Me:
    return await _change(context, principal, lambda uow, person: service.sign_in(uow, context, person))


@router.post("/sign-out")
async def sign_out(principal: Principal = Depends(consultant), context: Context = Depends(get_context)) -> Me:
    """409 `still_serving` while a party is with them."""
    return await _change(context, principal, lambda uow, person: service.sign_out(uow, context, person))


@router.post("/back")
async def back(principal: Principal = Depends(consultant), context: Context = Depends(get_context)) -> Me:
    return await _change(context, principal, lambda uow, person: service.back(uow, context, person))


@router.post("/away")
async def away(
    request: AwayRequest, principal: Principal = Depends(consultant), context: Context = Depends(get_context)
) -> Me:
    return await _change(context, principal, lambda uow, person: service.away(uow, context, person, request))


async def _change(context: Context, principal: Principal, work: Callable[[UnitOfWork, str], None]) -> Me:
    person_id = me.person_of(principal)
    await context.writer.run(lambda uow: work(uow, person_id))
    return await asyncio.to_thread(me.read, context, principal)
