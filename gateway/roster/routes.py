"""`PUT /v1/roster`."""

from fastapi import APIRouter, Depends

from contracts.rest import Roster
from gateway.auth import require
from gateway.context import Context, get_context
from gateway.roster import service

router = APIRouter(prefix="/v1/roster", tags=["roster"], dependencies=[Depends(require("admin"))])


@router.put("")
async def put_roster(body: Roster, context: Context = Depends(get_context)) -> Roster:
    """Replace who works here. With a central configured, its next roster of another version replaces this one."""
    service.check(context, body)
    return await context.writer.run(lambda uow: service.replace(uow, context, body))
