"""The console's page."""

from typing import Annotated

from fastapi import APIRouter, Query

from central.access import roles
from central.overview import service
from central.runtime import RuntimeDep
from contracts.central_api import Overview

router = APIRouter(tags=["overview"])


@router.get("/v1/overview", **roles("manager"))
async def overview(runtime: RuntimeDep, days: Annotated[int, Query(ge=1, le=366)] = 14) -> Overview:
    """Every office: today, hours since midnight, `days` days up to today, and what is usual by now."""
    async with runtime.database.read() as session:
        return await service.overview(session, now=runtime.clock(), days=days)
