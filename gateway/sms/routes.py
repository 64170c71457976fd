"""Codes by text message, and the demo's telephone."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from contracts.faces_api import CodeProof, CodeRequest, CodeSent, FaceFile, SimulatedMessage
from contracts.ids import Uuid
from gateway.auth import Principal, require
from gateway.context import Context, get_context
from gateway.problems import ProblemError
from gateway.sms import sender, service

router = APIRouter(prefix="/v1", tags=["faces"])
kiosk = require("kiosk")
PAGE = 50


@router.post("/face-codes", status_code=202)
async def send_code(
    request: CodeRequest, principal: Principal = Depends(kiosk), context: Context = Depends(get_context)
) -> CodeSent:
    """The same answer whoever it is, with a face here or without."""
    return await context.writer.run(lambda uow: service.send_code(uow, context, principal, request))


@router.post("/face-codes/{code_id}/proof")
async def prove(
    code_id: Uuid, proof: CodeProof, principal: Principal = Depends(kiosk), context: Context = Depends(get_context)
) -> FaceFile:
    """What is kept of the person whose number it is, and a grant to take it back."""
    return await service.prove(context, principal, code_id, proof)


@router.get("/simulated-messages", dependencies=[Depends(require("phone", "admin"))])
def simulated_messages(
    cursor: Uuid | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = PAGE,
    context: Context = Depends(get_context),
) -> list[SimulatedMessage]:
    """Newest first; `cursor` is the last message of the page before. 404 where messages are really sent."""
    if context.config.sms.sender != "simulated":
        raise ProblemError(404, "not_found", "this office has no simulated telephone")
    with context.database.read() as session:
        return sender.simulated(session, context.keys, cursor=cursor, limit=limit)
