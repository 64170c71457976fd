"""Figures of consultants."""

from fastapi import APIRouter

from central.access import roles
from central.consultants import service
from central.ranges import From, To, span_of
from central.runtime import RuntimeDep
from contracts.central_api import ConsultantFigures
from contracts.ids import Slug

router = APIRouter(tags=["consultants"])


@router.get("/v1/consultants", **roles("manager"))
async def consultants(
    runtime: RuntimeDep, office: Slug | None = None, start: From = None, end: To = None
) -> list[ConsultantFigures]:
    """Visits received, turns offered and lost, contracts; per consultant and office."""
    async with runtime.database.read() as session:
        return await service.figures(session, office, await span_of(session, office, start, end))
