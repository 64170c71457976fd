"""Greetings: who may be here, the answer to it, and «that is me»."""

import asyncio

from fastapi import APIRouter, Depends, Response

from contracts.checkin_api import CheckInForm
from contracts.faces_api import FaceCheckIn, Greeting, GreetingList, KioskGreeting, KioskGreetingList
from contracts.gateway_api import CheckInResult
from contracts.ids import Uuid
from gateway.auth import Principal, require
from gateway.context import Context, get_context
from gateway.greetings import questions, service, views
from gateway.idempotency import idempotency_key

router = APIRouter(prefix="/v1", tags=["greetings"])
viewer = require("kiosk", "consultant", "reception", "manager")


@router.get("/greetings")
def greetings(
    principal: Principal = Depends(viewer), context: Context = Depends(get_context)
) -> GreetingList | KioskGreetingList:
    """People: the alerts that concern them. A kiosk: family names seen by its own camera a moment ago."""
    return views.read(context, principal)


@router.post("/greetings/{greeting_id}/confirm")
async def confirm(
    greeting_id: Uuid, principal: Principal = Depends(viewer), context: Context = Depends(get_context)
) -> Greeting | KioskGreeting:
    await context.writer.run(lambda uow: service.confirm(uow, context, principal, greeting_id))
    return await asyncio.to_thread(views.one, context, principal, greeting_id)


@router.post("/greetings/{greeting_id}/wrong")
async def wrong(
    greeting_id: Uuid, principal: Principal = Depends(viewer), context: Context = Depends(get_context)
) -> Greeting | KioskGreeting:
    """The visit is nobody's we know again, or ends as `mistaken` when nobody had received it."""
    await context.writer.run(lambda uow: service.wrong(uow, context, principal, greeting_id))
    return await asyncio.to_thread(views.one, context, principal, greeting_id)


@router.get("/greetings/{greeting_id}/form")
def form(
    greeting_id: Uuid, principal: Principal = Depends(require("kiosk")), context: Context = Depends(get_context)
) -> CheckInForm:
    """What is asked of who says «that is me» beside the usual: as at any check-in there, less what is known."""
    with context.database.read() as session:
        return questions.form(session, context, principal, service.answerable(session, context, principal, greeting_id))


@router.post("/face-checkins", status_code=201, response_model=CheckInResult)
async def check_in(
    request: FaceCheckIn,
    key: str = Depends(idempotency_key),
    principal: Principal = Depends(require("kiosk")),
    context: Context = Depends(get_context),
) -> Response:
    """«That is me». One check-in per `Idempotency-Key`, the same as by number."""
    answer = await context.writer.run(lambda uow: service.check_in(uow, context, principal, key, request))
    return answer.response()
