"""A consultant's own tablet."""

from fastapi import APIRouter, Depends

from contracts.gateway_api import Me
from gateway.auth import Principal, require
from gateway.context import Context, get_context
from gateway.me import service

router = APIRouter(tags=["tablet"])


@router.get("/v1/me")
def me(principal: Principal = Depends(require("consultant")), context: Context = Depends(get_context)) -> Me:
    return service.read(context, principal)
