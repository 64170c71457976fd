"""What an office's gateway fetches."""

from typing import Annotated

from fastapi import APIRouter, Query

from central.access import CallerDep, own_office, roles
from central.down import service
from central.runtime import RuntimeDep
from contracts.down_api import DOWN_LIMIT, DownPage
from contracts.ids import Slug

router = APIRouter(tags=["down"])


@router.get("/v1/offices/{office}/down", **roles("office"))
async def down(
    runtime: RuntimeDep,
    caller: CallerDep,
    office: Slug,
    after: Annotated[str | None, Query(max_length=80)] = None,
    limit: Annotated[int, Query(ge=1, le=DOWN_LIMIT)] = 500,
) -> DownPage:
    """The office's share of what central masters, in the order of change; 410: begin again without a cursor."""
    own_office(caller, office)
    return await service.page(runtime, office, after, limit)
