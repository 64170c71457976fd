"""Visits of all offices."""

from fastapi import APIRouter

from central.access import roles
from central.paging import cursor_of, cut
from central.ranges import From, To, span_of
from central.runtime import RuntimeDep
from central.visits import repository
from contracts.central_api import CentralVisit, Page
from contracts.cursors import Cursor
from contracts.ids import Slug

router = APIRouter(tags=["visits"])


@router.get("/v1/visits", **roles("manager"))
async def visits(
    runtime: RuntimeDep,
    office: Slug | None = None,
    start: From = None,
    end: To = None,
    cursor: str | None = None,
) -> Page:
    """Newest first, by the time the visit was opened."""
    async with runtime.database.read() as session:
        span = await span_of(session, office, start, end)
        rows = await repository.page(session, office, span, cursor_of(cursor))
    shown, following = cut(rows, lambda row: Cursor(row.opened_at, row.visit_id))
    views = [CentralVisit(**row.model_dump(include=set(CentralVisit.model_fields))) for row in shown]
    return Page(items=[view.model_dump(mode="json") for view in views], next_cursor=following)
