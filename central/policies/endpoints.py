"""The rules of an office."""

from fastapi import APIRouter

from central.access import roles
from central.policies import service
from central.runtime import RuntimeDep
from contracts.channels_api import PolicyView
from contracts.ids import Slug
from contracts.policy import PolicyConfig

router = APIRouter(tags=["policies"])


@router.put("/v1/offices/{office}/policy", **roles("admin"))
async def put_policy(runtime: RuntimeDep, office: Slug, body: PolicyConfig) -> PolicyView:
    """Replace the rules that the office works by; what is left out takes its default."""
    return await service.put(runtime, office, body)


@router.get("/v1/offices/{office}/policy", **roles("manager"))
async def policy(runtime: RuntimeDep, office: Slug) -> PolicyView:
    return await service.read(runtime, office)
