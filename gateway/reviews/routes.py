"""Questions to the reception."""

import asyncio
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query

from contracts.faces_api import Review, ReviewDecision
from contracts.ids import Uuid
from gateway.auth import Principal, require
from gateway.context import Context, get_context
from gateway.reviews import service

router = APIRouter(prefix="/v1/reviews", tags=["greetings"])
reception = require("reception", "manager")
PAGE = 50


@router.get("", dependencies=[Depends(reception)])
def page(
    state: Literal["open", "decided", "expired"] | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = PAGE,
    context: Context = Depends(get_context),
) -> list[Review]:
    """Newest first."""
    return service.page(context, state, limit)


@router.post("/{review_id}/decision")
async def decide(
    review_id: Uuid,
    request: ReviewDecision,
    principal: Principal = Depends(reception),
    context: Context = Depends(get_context),
) -> Review:
    """409 `decided` when somebody answered before."""
    await context.writer.run(lambda uow: service.decide(uow, context, principal, review_id, request))
    return await asyncio.to_thread(service.one, context, review_id)
