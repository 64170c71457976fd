"""Withdrawals, their certificates, and nodes that will never answer."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Header, Response

from contracts.faces_api import (
    Certificate,
    CustomerFaceFile,
    FaceFileQuery,
    FacesOverview,
    ReleaseRequest,
    Withdrawal,
    WithdrawalList,
    WithdrawalRequest,
)
from contracts.ids import Slug, Uuid
from gateway.auth import Principal, require
from gateway.consents import overview
from gateway.context import Context, get_context
from gateway.idempotency import idempotency_key
from gateway.withdrawals import service, store

router = APIRouter(prefix="/v1", tags=["faces"])
wisher = require("kiosk", "consultant", "reception", "manager")
manager = require("manager")
Grant = Annotated[str | None, Header(alias="X-Face-Grant", max_length=100)]


@router.post("/face-files")
async def face_file(
    query: FaceFileQuery,
    principal: Principal = Depends(require("reception", "manager")),
    context: Context = Depends(get_context),
) -> CustomerFaceFile:
    """What is kept under the number a visitor says at the reception; the processing log names who looked."""
    return await context.writer.run(lambda uow: service.face_file(uow, context, principal, query.phone))


@router.post("/withdrawals", status_code=202, response_model=Withdrawal)
async def withdraw(
    wish: WithdrawalRequest,
    key: str = Depends(idempotency_key),
    principal: Principal = Depends(wisher),
    context: Context = Depends(get_context),
) -> Response:
    """Ends the consents at once; the deletion is pending until every node has confirmed it."""
    answer = await context.writer.run(lambda uow: service.request(uow, context, principal, key, wish))
    return answer.response()


@router.get("/withdrawals", dependencies=[Depends(require("reception", "manager"))])
def withdrawals(
    state: Literal["pending", "complete"] | None = None, context: Context = Depends(get_context)
) -> WithdrawalList:
    """All that are pending, oldest first; otherwise the newest 200."""
    with context.database.read() as session:
        return service.listed(session, state)


@router.get("/withdrawals/{withdrawal_id}")
def withdrawal(
    withdrawal_id: Uuid,
    grant: Grant = None,
    principal: Principal = Depends(wisher),
    context: Context = Depends(get_context),
) -> Withdrawal:
    with context.database.read() as session:
        return store.view(session, service.read(session, principal, withdrawal_id, grant, context.clock()))


@router.get("/withdrawals/{withdrawal_id}/certificate")
def certificate(
    withdrawal_id: Uuid,
    grant: Grant = None,
    principal: Principal = Depends(wisher),
    context: Context = Depends(get_context),
) -> Certificate:
    """The signed proof, as it was issued."""
    with context.database.read() as session:
        return service.certificate(service.read(session, principal, withdrawal_id, grant, context.clock()))


@router.post("/withdrawals/{withdrawal_id}/nodes/{node}/release")
async def release(
    withdrawal_id: Uuid,
    node: Slug,
    body: ReleaseRequest,
    principal: Principal = Depends(manager),
    context: Context = Depends(get_context),
) -> Withdrawal:
    """That node will never answer: nothing waits for it any more, and the certificate says so."""
    return await context.writer.run(
        lambda uow: service.release(uow, context, principal, withdrawal_id, node, body.reason)
    )


@router.post("/faces/nodes/{node}/release")
async def release_node(
    node: Slug,
    body: ReleaseRequest,
    principal: Principal = Depends(manager),
    context: Context = Depends(get_context),
) -> FacesOverview:
    """The same for a node that no withdrawal waits for, such as the machine the templates were moved away from."""
    await context.writer.run(lambda uow: service.release_node(uow, context, principal, node, body.reason))
    return overview.read(context)
