"""For an office whose gateway was restored or rebuilt: what it had told us, and what of it we can give back."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query

from central.access import OfficeDep, roles
from central.problems import ProblemError
from central.recovery import repository
from central.runtime import RuntimeDep
from contracts.central_api import CountedPage, HeldSince
from contracts.facts import FootfallMinute

router = APIRouter(prefix="/v1/recovery", tags=["recovery"])
Since = Annotated[datetime, Query(description="A time with its zone")]


@router.get("", **roles("office"))
async def held(runtime: RuntimeDep, office: OfficeDep, since: Since) -> HeldSince:
    """How much central knows of what happened in the office since then, by kind."""
    async with runtime.database.read() as session:
        return HeldSince(since=_aware(since), counts=await repository.counts(session, office, since))


@router.get("/footfall", **roles("office"))
async def footfall(runtime: RuntimeDep, office: OfficeDep, since: Since) -> CountedPage:
    """The office's minute sums from `since` on; `next_since` begins the next page, which may repeat this one's last."""
    async with runtime.database.read() as session:
        rows = await repository.minutes(session, office, _aware(since))
    items = [
        FootfallMinute(
            device=row.device,
            line=row.line,
            minute=row.minute,
            count_in=row.count_in,
            count_out=row.count_out,
            revision=row.revision,
            through=row.through,
        )
        for row in rows[: repository.PAGE]
    ]
    return CountedPage(items=items, next_since=items[-1].minute if len(rows) > repository.PAGE else None)


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ProblemError(422, "time_without_zone", "`since` needs a time zone, as in 2026-11-22T09:00:00Z")
    return at
