"""Registrations by agents and by head office."""

from fastapi import APIRouter, Response

from central.access import CallerDep, roles
from central.idempotency import Key
from central.registrations import service
from central.runtime import RuntimeDep
from contracts.central_api import Page
from contracts.channels_api import RegistrationPost, RegistrationView
from contracts.ids import Slug, Uuid

router = APIRouter(prefix="/v1/registrations", tags=["registrations"])


@router.post("", status_code=201, **roles("agent", "manager"))
async def register(
    runtime: RuntimeDep, caller: CallerDep, key: Key, body: RegistrationPost, response: Response
) -> RegistrationView:
    """Accepted at `accepted_at`, which is what counts. The same key again answers 200 and the same registration.

    429 `too_many_registrations` with `Retry-After` to an agent who has made the office's most of a day.
    """
    view, first = await service.register(runtime, caller, key, body)
    response.status_code = 201 if first else 200
    return view


@router.get("", **roles("agent", "manager"))
async def registrations(
    runtime: RuntimeDep,
    caller: CallerDep,
    office: Slug | None = None,
    channel_id: Uuid | None = None,
    cursor: str | None = None,
) -> Page:
    """RegistrationView, newest first; an agent reads their own."""
    return await service.page(runtime, caller, cursor, office, channel_id)


@router.get("/{registration_id}", **roles("agent", "manager"))
async def registration(runtime: RuntimeDep, caller: CallerDep, registration_id: Uuid) -> RegistrationView:
    return await service.one(runtime, caller, registration_id)


@router.post("/{registration_id}/withdraw", **roles("agent", "manager"))
async def withdraw(runtime: RuntimeDep, caller: CallerDep, registration_id: Uuid) -> RegistrationView:
    """It claims nothing from now on."""
    return await service.withdraw(runtime, caller, registration_id)
