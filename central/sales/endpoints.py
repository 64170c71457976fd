"""Sales of all offices, and entering one at head office."""

from fastapi import APIRouter, Response

from central.access import CallerDep, roles
from central.idempotency import Key
from central.paging import cursor_of, cut
from central.ranges import From, To, span_of
from central.runtime import RuntimeDep
from central.sales import repository, service
from contracts.central_api import CentralSale, Page, SalePost
from contracts.cursors import Cursor
from contracts.ids import Slug

router = APIRouter(tags=["sales"])


@router.get("/v1/sales", **roles("manager"))
async def sales(
    runtime: RuntimeDep,
    office: Slug | None = None,
    start: From = None,
    end: To = None,
    cursor: str | None = None,
) -> Page:
    """Newest first."""
    async with runtime.database.read() as session:
        span = await span_of(session, office, start, end)
        rows = await repository.page(session, office, span, cursor_of(cursor))
    shown, following = cut(rows, lambda row: Cursor(row.at, row.fact_id))
    return Page(items=[service.view(row).model_dump(mode="json") for row in shown], next_cursor=following)


@router.post("/v1/sales", status_code=201, **roles("manager"))
async def enter(runtime: RuntimeDep, caller: CallerDep, key: Key, body: SalePost, response: Response) -> CentralSale:
    """The same key again answers 200 and the same sale."""
    sale, first = await service.enter(runtime, caller.name, key, body)
    response.status_code = 201 if first else 200
    return sale
