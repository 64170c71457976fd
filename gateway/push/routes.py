"""What people want on their telephones, and pushes that nobody took."""

import asyncio

from fastapi import APIRouter, Depends, Query, Response

from contracts.alerts_api import PushDeadLetter, PushDeadLetterPage, PushPreferences, PushPreferencesView
from contracts.ids import Uuid
from gateway.auth import Principal, require
from gateway.context import Context, get_context
from gateway.me.service import person_of
from gateway.push import service, store

router = APIRouter(prefix="/v1/push", tags=["alerts"])
told = require("consultant", "reception", "manager")
manager = require("manager")


def _read(context: Context, person_id: str) -> PushPreferencesView:
    with context.database.read() as session:
        return service.chosen_by(session, context, person_id)


@router.get("/preferences")
def preferences(principal: Principal = Depends(told), context: Context = Depends(get_context)) -> PushPreferencesView:
    """The caller's own; 403 `person_needed` for a device."""
    return _read(context, person_of(principal))


@router.put("/preferences")
async def choose(
    wish: PushPreferences, principal: Principal = Depends(told), context: Context = Depends(get_context)
) -> PushPreferencesView:
    person_id = person_of(principal)
    await context.writer.run(lambda uow: service.choose(uow, context, person_id, wish))
    return await asyncio.to_thread(_read, context, person_id)


@router.get("/dead-letters", dependencies=[Depends(manager)])
def dead_letters(
    cursor: Uuid | None = None,
    limit: int = Query(default=50, ge=1, le=200),
    context: Context = Depends(get_context),
) -> PushDeadLetterPage:
    """Pushes given up, newest first."""
    with context.database.read() as session:
        rows = store.dead(session, cursor=cursor, limit=limit)
    same = set(PushDeadLetter.model_fields) - {"recipient_id"}
    items = [
        PushDeadLetter.model_validate({**row.model_dump(include=same), "recipient_id": row.recipient or None})
        for row in rows
    ]
    return PushDeadLetterPage(items=items, next_cursor=items[-1].push_id if len(items) == limit else None)


@router.post("/dead-letters/{push_id}/resend", status_code=204, dependencies=[Depends(manager)])
async def send_again(push_id: Uuid, context: Context = Depends(get_context)) -> Response:
    """409 `not_dead` when it is not among them (any more)."""
    await context.writer.run(lambda uow: service.send_again(uow, context, push_id))
    return Response(status_code=204)
