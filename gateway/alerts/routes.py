"""Alerts of the caller, what their page confirms, and who was told when."""

from fastapi import APIRouter, Depends, Query, Response

from contracts.alerts_api import AlertList, AlertReceipts, ReceiptPage
from contracts.ids import Uuid
from gateway.alerts import service, views
from gateway.auth import Principal, require
from gateway.context import Context, get_context
from gateway.rota import service as rota

router = APIRouter(prefix="/v1/alerts", tags=["alerts"])
told = require("consultant", "reception", "manager")


@router.get("")
def mine(principal: Principal = Depends(told), context: Context = Depends(get_context)) -> AlertList:
    """The caller's alerts of the last 12 hours, newest first."""
    return views.read(context, principal)


@router.post("/receipts", status_code=204)
async def confirm(
    receipts: AlertReceipts, principal: Principal = Depends(told), context: Context = Depends(get_context)
) -> Response:
    """What a page confirms, and that somebody can see it: the rota goes by the same sign of life.

    From a page that is not visible nothing is noted.
    """
    if receipts.visible:
        await rota.heard_of(context, principal.person_id)
        if receipts.items:
            await context.writer.run(lambda uow: service.confirm(uow, principal, receipts))
    return Response(status_code=204)


@router.get("/receipts", dependencies=[Depends(require("reception", "manager"))])
def receipts(
    cursor: Uuid | None = None,
    limit: int = Query(default=50, ge=1, le=200),
    context: Context = Depends(get_context),
) -> ReceiptPage:
    """Who was told what and when, newest first: when it reached a page somebody could see, was shown and was read."""
    return views.receipts(context, cursor=cursor, limit=limit)
