"""People of head office and agents signing in and out."""

from fastapi import APIRouter, Request, Response

from central.access import bearer, open_route, roles
from central.runtime import RuntimeDep
from central.sessions import service
from contracts.rest import Session, SessionRequest

router = APIRouter(prefix="/v1/sessions", tags=["sessions"])


@router.post("", **open_route())
async def sign_in(runtime: RuntimeDep, body: SessionRequest) -> Session:
    """Staff number and PIN; the token is valid for 12 hours. Five wrong PINs lock the number for a minute."""
    return await service.sign_in(runtime, body)


@router.delete("/current", status_code=204, **roles("manager", "agent"))
async def sign_out(runtime: RuntimeDep, request: Request) -> Response:
    """Forget the token that the call carries; a tool's token belongs to the configuration and stays."""
    await service.sign_out(runtime.database, bearer(request.headers.get("authorization", "")))
    return Response(status_code=204)
