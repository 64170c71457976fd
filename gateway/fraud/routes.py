"""Signals of fraud, for the manager only."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, StringConstraints

from contracts.fraud_api import FraudPage
from gateway.auth import require
from gateway.context import Context, get_context
from gateway.fraud import service
from gateway.problems import ProblemError

router = APIRouter(prefix="/v1", tags=["fraud"])
PAGE = 50
LONGEST = timedelta(days=31)
Cursor = Annotated[str, StringConstraints(pattern=r"^\d{1,17}\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]


@router.get("/fraud-signals", dependencies=[Depends(require("manager"))])
def signals(
    since: Annotated[AwareDatetime, Query(alias="from")],
    until: Annotated[AwareDatetime, Query(alias="to")],
    cursor: Cursor | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = PAGE,
    context: Context = Depends(get_context),
) -> FraudPage:
    """Newest first, from `from` to before `to`. They decide nothing. 422 `period`: empty, or over 31 days."""
    if not timedelta(0) < until - since <= LONGEST:
        raise ProblemError(422, "period", "name a period of at most 31 days that ends after it begins")
    try:
        return service.page(context, since, until, cursor=cursor, limit=limit)
    except OverflowError:
        raise ProblemError(422, "period", "name a period of this age") from None
