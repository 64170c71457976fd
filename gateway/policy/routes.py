"""`GET /v1/policy`: the rules of the house, for whoever has to stand by them."""

from fastapi import APIRouter, Depends

from contracts.rota_api import PolicyInForce
from gateway.auth import require
from gateway.context import Context, get_context
from gateway.policy import store

router = APIRouter(prefix="/v1/policy", tags=["policy"], dependencies=[Depends(require("consultant", "manager"))])


@router.get("")
def in_force(context: Context = Depends(get_context)) -> PolicyInForce:
    """The newest version, since when, and every number in it."""
    with context.database.read() as session:
        version, policy = store.current(session)
        return PolicyInForce(version=version, since=store.since(session, version), policy=policy)
