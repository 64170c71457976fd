"""Entering a follow-up at head office."""

from fastapi import APIRouter, Response

from central.access import CallerDep, roles
from central.followups import service
from central.idempotency import Key
from central.runtime import RuntimeDep
from contracts.central_api import FollowUpPost

router = APIRouter(tags=["follow-ups"])


@router.post("/v1/follow-ups", status_code=201, **roles("manager"))
async def enter(
    runtime: RuntimeDep, caller: CallerDep, key: Key, body: FollowUpPost, response: Response
) -> dict[str, str]:
    """Answers `fact_id`; the same key again answers 200 and the same id."""
    fact_id, first = await service.enter(runtime, caller.name, key, body)
    response.status_code = 201 if first else 200
    return {"fact_id": fact_id}
