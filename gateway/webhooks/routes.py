"""Subscriptions of other systems; all of it for admins."""

import asyncio

from fastapi import APIRouter, Depends, Query, Response

from contracts.alerts_api import (
    WebhookCreated,
    WebhookDeadLetter,
    WebhookDeadLetterPage,
    WebhookPing,
    WebhookRequest,
    WebhookView,
)
from contracts.ids import Uuid
from gateway.auth import require
from gateway.context import Context, get_context
from gateway.outbound.client import SendError
from gateway.problems import ProblemError
from gateway.webhooks import service, store
from gateway.webhooks.tables import WebhookDeadLetterRow, WebhookFactRow, WebhookRow
from gateway.writer import UnitOfWork

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"], dependencies=[Depends(require("admin"))])


@router.get("")
def webhooks(context: Context = Depends(get_context)) -> list[WebhookView]:
    with context.database.read() as session:
        return [service.view(session, row) for row in store.all_of(session)]


@router.post("", status_code=201)
async def subscribe(request: WebhookRequest, context: Context = Depends(get_context)) -> WebhookCreated:
    """From the next fact on; the answer holds the secret, which is shown only here."""
    return await context.writer.run(lambda uow: service.subscribe(uow, context, request))


@router.delete("/{webhook_id}", status_code=204)
async def unsubscribe(webhook_id: Uuid, context: Context = Depends(get_context)) -> Response:
    """With what waits for it and its dead letters."""
    await context.writer.run(lambda uow: store.remove(uow.session, webhook_id))
    return Response(status_code=204)


@router.post("/{webhook_id}/ping")
async def ping(webhook_id: Uuid, context: Context = Depends(get_context)) -> WebhookPing:
    """Send a signed `ping` now and say whether it was taken."""
    webhook = await asyncio.to_thread(_existing, context, webhook_id)
    try:
        await context.webhooks.ping(webhook)
    except SendError as error:
        return WebhookPing(taken=False, error=error.code)
    return WebhookPing(taken=True)


@router.get("/{webhook_id}/dead-letters")
def dead_letters(
    webhook_id: Uuid,
    cursor: Uuid | None = None,
    limit: int = Query(default=50, ge=1, le=200),
    context: Context = Depends(get_context),
) -> WebhookDeadLetterPage:
    """Facts that were not taken in time, newest first."""
    with context.database.read() as session:
        service.existing(session, webhook_id)
        found = store.dead(session, webhook_id, cursor=cursor, limit=limit)
    items = [_letter(dead, fact) for dead, fact in found]
    return WebhookDeadLetterPage(items=items, next_cursor=items[-1].dead_letter_id if len(items) == limit else None)


@router.post("/{webhook_id}/dead-letters/{dead_letter_id}/resend", status_code=204)
async def send_again(webhook_id: Uuid, dead_letter_id: Uuid, context: Context = Depends(get_context)) -> Response:
    """Send it now under its own id, out of order. 502 `not_taken` leaves it where it is."""
    webhook, dead, fact = await asyncio.to_thread(_dead, context, webhook_id, dead_letter_id)
    try:
        await context.webhooks.post(webhook, fact.message_id, fact.body.encode())
    except SendError as error:
        raise ProblemError(502, "not_taken", f"the other side did not take it: {error.code}") from None

    def remove(uow: UnitOfWork) -> None:
        row = uow.session.get(WebhookDeadLetterRow, dead.dead_letter_id)
        if row is not None:
            uow.session.delete(row)

    await context.writer.run(remove)
    return Response(status_code=204)


def _letter(dead: WebhookDeadLetterRow, fact: WebhookFactRow) -> WebhookDeadLetter:
    told = dead.model_dump(exclude={"webhook_id", "sequence"}) | fact.model_dump(include={"kind", "message_id", "at"})
    return WebhookDeadLetter.model_validate(told)


def _existing(context: Context, webhook_id: str) -> WebhookRow:
    with context.database.read() as session:
        return service.existing(session, webhook_id)


def _dead(
    context: Context, webhook_id: str, dead_letter_id: str
) -> tuple[WebhookRow, WebhookDeadLetterRow, WebhookFactRow]:
    with context.database.read() as session:
        webhook = service.existing(session, webhook_id)
        found = store.dead_letter(session, dead_letter_id)
        if found is None or found[0].webhook_id != webhook_id:
            raise ProblemError(404, "not_found", "no such dead letter")
        return webhook, *found
