"""Check-ins being typed, kept so that a reloaded page goes on where it was."""

from datetime import timedelta

from fastapi import APIRouter, Depends, Response

from contracts.gateway_api import Draft
from contracts.ids import Uuid
from gateway.auth import require
from gateway.context import Context, get_context
from gateway.drafts import store
from gateway.policy import store as policies
from gateway.problems import ProblemError

router = APIRouter(prefix="/v1/drafts", tags=["check-in"], dependencies=[Depends(require("kiosk", "reception"))])


@router.put("/{draft_id}")
async def put(draft_id: Uuid, draft: Draft, context: Context = Depends(get_context)) -> Draft:
    await context.writer.run(lambda uow: store.put(uow, context.keys, draft_id, draft))
    return draft


@router.get("/{draft_id}")
def get(draft_id: Uuid, context: Context = Depends(get_context)) -> Draft:
    """404 when unknown or expired."""
    with context.database.read() as session:
        _, policy = policies.current(session)
        oldest = context.clock() - timedelta(minutes=policy.draft_minutes)
        draft = store.get(session, context.keys, draft_id, oldest)
    if draft is None:
        raise ProblemError(404, "not_found", "no such draft, or it expired")
    return draft


@router.delete("/{draft_id}", status_code=204)
async def delete(draft_id: Uuid, context: Context = Depends(get_context)) -> Response:
    await context.writer.run(lambda uow: store.delete(uow, draft_id))
    return Response(status_code=204)
