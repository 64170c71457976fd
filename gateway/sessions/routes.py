"""`/v1/sessions`."""

from fastapi import APIRouter, Depends, Request, Response

from contracts.rest import Session as SessionBody
from contracts.rest import SessionRequest
from gateway.auth import Principal, bearer, open_route, require, token_hash
from gateway.context import Context, get_context
from gateway.sessions import service, store

router = APIRouter(prefix="/v1/sessions", tags=["sessions"])


@router.post("", status_code=200)
@open_route
async def sign_in(body: SessionRequest, context: Context = Depends(get_context)) -> SessionBody:
    """Sign in with staff number and PIN; the token is valid for 12 hours. Five wrong PINs lock it for a minute."""
    return await service.sign_in(context, body)


@router.delete("/current", status_code=204)
async def sign_out(
    request: Request, context: Context = Depends(get_context), caller: Principal = Depends(require())
) -> Response:
    """Forget the token that the call carries. A device's token belongs to the configuration and stays."""
    token = bearer(request)
    if token is not None and caller.person_id is not None:
        await context.writer.run(lambda uow: store.remove(uow.session, token_hash(token)))
    return Response(status_code=204)
