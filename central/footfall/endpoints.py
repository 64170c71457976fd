"""Counts of one office by minute, hour or day."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query

from central.access import roles
from central.offices import repository as offices
from central.problems import ProblemError, not_found
from central.runtime import RuntimeDep
from central.timeframe import parse_span, zone_of
from contracts.central_api import FootfallSeries, Step
from contracts.ids import Slug

router = APIRouter(tags=["footfall"])
LONGEST = {"minute": timedelta(days=7), "hour": timedelta(days=366), "day": timedelta(days=3660)}


@router.get("/v1/footfall", **roles("manager"))
async def footfall(
    runtime: RuntimeDep,
    office: Slug,
    step: Step = "hour",
    start: Annotated[str | None, Query(alias="from")] = None,
    end: Annotated[str | None, Query(alias="to")] = None,
) -> FootfallSeries:
    """Without `from` and `to`: the last day. Steps without a report are left out; at most 7 days by minute."""
    async with runtime.database.read() as session:
        known = await offices.find(session, office)
        if known is None:
            raise not_found("office")
        zone = zone_of(known.time_zone)
        span = parse_span(start, end, zone)
        until = span.end or runtime.clock()
        since = span.start or until - timedelta(days=1)
        if until - since > LONGEST[step]:
            raise ProblemError(422, "range_too_long", f"at most {LONGEST[step].days} days by {step}")
        points = await runtime.timeseries.points(session, office, zone, step, since, until)
    return FootfallSeries(office=office, step=step, points=points)
