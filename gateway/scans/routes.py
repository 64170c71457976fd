"""`POST /v1/scans`."""

from fastapi import APIRouter, Depends

from contracts.scans_api import ScanAnswer, ScanRequest
from gateway.auth import Principal, require
from gateway.context import Context, get_context
from gateway.scans import service

reader = require("kiosk", "reception")
router = APIRouter(prefix="/v1/scans", tags=["scans"], dependencies=[Depends(reader)])


@router.post("", status_code=201)
async def scan(
    request: ScanRequest, principal: Principal = Depends(reader), context: Context = Depends(get_context)
) -> ScanAnswer:
    """An agent's code as the scanner typed it; a code that proves nothing is answered with the reason, and kept.

    409 `visit_closed` for a visit that is over.
    """
    return await context.writer.run(lambda uow: service.scan_for(uow, context, principal, request))
