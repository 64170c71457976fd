"""`/v1/readings`."""

from fastapi import APIRouter, Depends

from contracts.identity_api import IdNumberNoted
from contracts.ids import Uuid
from contracts.readings_api import ReadingList, ReadingUse
from gateway.auth import Principal, require
from gateway.context import Context, get_context
from gateway.readers import service

viewer = require("kiosk", "reception", "manager")
desk = require("reception", "manager")
router = APIRouter(prefix="/v1/readings", tags=["readings"])


@router.get("")
def readings(principal: Principal = Depends(viewer), context: Context = Depends(get_context)) -> ReadingList:
    """What the reader beside this screen has just read, the reception's for people at the desk."""
    return service.read(context, principal)


@router.delete("/{reading_id}", status_code=204)
async def used(
    reading_id: Uuid, principal: Principal = Depends(viewer), context: Context = Depends(get_context)
) -> None:
    """It was used, or is put aside."""
    await context.writer.run(lambda uow: service.use(uow, context, principal, reading_id))


@router.post("/{reading_id}/id-number")
async def note(
    reading_id: Uuid,
    request: ReadingUse,
    principal: Principal = Depends(desk),
    context: Context = Depends(get_context),
) -> IdNumberNoted:
    """The identity card that was read is this customer's: the number is noted without being shown to anybody.

    404 when the reading is gone, 409 `other_id_number`.
    """
    return await context.writer.run(lambda uow: service.note(uow, context, principal, reading_id, request.customer_id))
