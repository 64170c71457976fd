"""A consultant's own tablet."""

from fastapi import APIRouter, Depends

from contracts.rota_api import Me
from contracts.verdicts_api import OwnVerdict
from gateway.attribution.own import own
from gateway.auth import Principal, require
from gateway.context import Context, get_context
from gateway.me import service

router = APIRouter(tags=["tablet"])


@router.get("/v1/me")
def me(principal: Principal = Depends(require("consultant")), context: Context = Depends(get_context)) -> Me:
    return service.read(context, principal)


@router.get("/v1/me/verdicts")
def verdicts(
    principal: Principal = Depends(require("consultant")), context: Context = Depends(get_context)
) -> list[OwnVerdict]:
    """What was judged of visits that concern me and is still open to appeal, newest first, as I may read it."""
    return own(context, service.person_of(principal))
