"""Appeals (申诉) by agents; what becomes of them is read with the registrations."""

from fastapi import APIRouter, Response

from central.access import AgentDep, roles
from central.appeals import service
from central.idempotency import Key
from central.runtime import RuntimeDep
from contracts.channels_api import AppealPost, ClaimAppeal

router = APIRouter(prefix="/v1/appeals", tags=["appeals"])


@router.post("", status_code=201, **roles("agent"))
async def file(runtime: RuntimeDep, agent_id: AgentDep, key: Key, body: AppealPost, response: Response) -> ClaimAppeal:
    """Against the newest verdict on a registration of one's own; the office's manager decides it.

    409 `appeal_period_over`, `verdict_superseded` or `already_appealed`. The same key again answers 200 and the same
    appeal.
    """
    view, first = await service.file(runtime, agent_id, key, body)
    response.status_code = 201 if first else 200
    return view
