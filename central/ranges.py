"""The `office`, `from` and `to` of a question, read in the office's time zone."""

from typing import Annotated

from fastapi import Query
from sqlalchemy.ext.asyncio import AsyncSession

from central.offices import repository as offices
from central.problems import not_found
from central.timeframe import DEFAULT_ZONE, Span, parse_span, zone_of

From = Annotated[
    str | None, Query(alias="from", description="A time with its zone, or a day YYYY-MM-DD of the office's zone")
]
To = Annotated[str | None, Query(alias="to", description="Up to, not including, this time; a day is included whole")]


async def span_of(session: AsyncSession, office: str | None, start: str | None, end: str | None) -> Span:
    """Without an office, days are Chinese days. Raises ProblemError 404, 422."""
    if office is None:
        return parse_span(start, end, zone_of(DEFAULT_ZONE))
    known = await offices.find(session, office)
    if known is None:
        raise not_found("office")
    return parse_span(start, end, zone_of(known.time_zone))
