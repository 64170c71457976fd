"""Referrals, entered at head office."""

from fastapi import APIRouter, Response

from central.access import CallerDep, roles
from central.idempotency import Key
from central.referrals import service
from central.runtime import RuntimeDep
from contracts.central_api import Page
from contracts.channels_api import ReferralPost, ReferralView
from contracts.ids import Slug

router = APIRouter(prefix="/v1/referrals", tags=["referrals"])


@router.post("", status_code=201, **roles("manager"))
async def enter(
    runtime: RuntimeDep, caller: CallerDep, key: Key, body: ReferralPost, response: Response
) -> ReferralView:
    """Counts from `recorded_at`. The same key again answers 200 and the same referral."""
    view, first = await service.enter(runtime, caller.name, key, body)
    response.status_code = 201 if first else 200
    return view


@router.get("", **roles("manager"))
async def referrals(runtime: RuntimeDep, office: Slug | None = None, cursor: str | None = None) -> Page:
    """ReferralView, newest first."""
    return await service.page(runtime, office, cursor)
