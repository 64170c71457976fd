"""`GET /v1/dead-letters`."""

from fastapi import APIRouter, Depends, Query

from contracts.floor_api import DeadLetterPage
from contracts.ids import Uuid
from gateway.auth import require
from gateway.context import Context, get_context
from gateway.deadletters import store

router = APIRouter(prefix="/v1/dead-letters", tags=["dead letters"], dependencies=[Depends(require("manager"))])


@router.get("")
def list_dead_letters(
    cursor: Uuid | None = None,
    limit: int = Query(default=50, ge=1, le=200),
    context: Context = Depends(get_context),
) -> DeadLetterPage:
    """Messages that could not be taken, newest first: reason and size, never their bytes."""
    with context.database.read() as session:
        items = list(store.page(session, cursor=cursor, limit=limit))
    return DeadLetterPage(items=items, next_cursor=items[-1].dead_letter_id if len(items) == limit else None)
