"""A verdict as one side reads it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from contracts.ids import Uuid
from contracts.periods import end_of
from contracts.verdicts_api import ClaimConflict, SeenVerdict, Side
from gateway.attribution import conflicts, store
from gateway.attribution.seen import Reader, concerns, seen_by
from gateway.auth import Principal, may, require
from gateway.context import Context, get_context
from gateway.me.service import person_of
from gateway.policy import store as policies
from gateway.problems import ProblemError

router = APIRouter(prefix="/v1", tags=["visits"])


@router.get("/conflicts", dependencies=[Depends(require("reception", "manager"))])
def torn(context: Context = Depends(get_context)) -> list[ClaimConflict]:
    """Visits that several masked registrations claim, newest first, while the manager can rule on them."""
    return conflicts.standing(context)


@router.get("/visits/{visit_id}/verdict")
def verdict(
    visit_id: Uuid,
    side: Annotated[Side | None, Query(alias="as")] = None,
    reader_id: Uuid | None = None,
    agent_id: Uuid | None = None,
    principal: Principal = Depends(require("consultant", "reception", "manager")),
    context: Context = Depends(get_context),
) -> SeenVerdict:
    """The newest verdict as the caller reads it; manager and reception may read it `as` a consultant or a channel does.

    403 `not_your_verdict` for a consultant whom it does not concern, `not_yours` for another side's reading; 422
    `reader` when nobody is named.
    """
    reader = _reader(principal, side, reader_id, agent_id)
    with context.database.read() as session:
        row = store.newest(session, visit_id)
        if row is None:
            raise ProblemError(404, "not_found", "no such visit, or it was never judged")
        policy = policies.at(session, row.policy_version)
        same = row.model_dump(include={"verdict_id", "visit_id", "made_at", "policy_version"})
        until = end_of(row.made_at, policy.appeal_days, policy.day_count, context.timezone)
        seen = seen_by(reader, store.said(row), store.weighed(row))
        if principal.role == "consultant" and not concerns(seen):
            raise ProblemError(403, "not_your_verdict", "this verdict is about somebody else")
        return SeenVerdict(**seen.model_dump(), **same, appeal_until=until)


def _reader(principal: Principal, side: Side | None, reader_id: str | None, agent_id: str | None) -> Reader:
    if principal.role == "consultant":
        me = person_of(principal)
        if side not in (None, "consultant") or reader_id not in (None, me):
            raise ProblemError(403, "not_yours", "a consultant reads verdicts as themselves")
        return Reader("consultant", me)
    if side in ("consultant", "channel"):
        if reader_id is None:
            raise ProblemError(422, "reader", "name the consultant or the channel in reader_id")
        return Reader(side, reader_id, agent_id)
    return Reader("manager" if may(principal, "manager") else "reception")
