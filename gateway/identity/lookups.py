"""Every search is written down with who made it, and nobody searches without end. So is every file revealed and
every number entered as a call: they tell as much.

What was typed is kept as a keyed digest only: enough to see the same search again, not what it was.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import Session, col, select

from contracts.identity_api import LookupPage, LookupView
from contracts.ids import uuid7
from gateway.auth import Principal
from gateway.context import Context
from gateway.identity.limits import Past, wait_seconds
from gateway.identity.tables import LookupRow
from gateway.policy import store as policies
from gateway.problems import ProblemError
from gateway.roster import store as roster
from gateway.writer import UnitOfWork

HOUR = timedelta(hours=1)


def note(
    uow: UnitOfWork, context: Context, principal: Principal, found_by: Sequence[str], typed: str, shown: int
) -> ProblemError | None:
    """Write the search down before its files are shown. Returns the refusal 429 `too_many_lookups`, if there is one.

    The caller raises it after the commit, so that a refused search is written down as well.
    """
    who = principal.person_id or principal.device_id or ""
    _, policy = policies.current(uow.session)
    wait = wait_seconds(_past(uow.session, who, uow.now - HOUR), uow.now, policy)
    row = LookupRow(
        lookup_id=uuid7(),
        at=uow.now,
        role=principal.role,
        by=who,
        found_by=",".join(dict.fromkeys(found_by)),
        typed_index=context.keys.index("lookup", typed),
        shown=0 if wait else shown,
        refused=wait > 0,
    )
    uow.session.add(row)
    if not wait:
        return None
    said = "too many customer files were looked up from here; every search is written down"
    return ProblemError(429, "too_many_lookups", said, headers={"Retry-After": str(wait)})


def page(context: Context, cursor: str | None, limit: int) -> LookupPage:
    """Newest first; `cursor` is the last lookup id of the page before."""
    query = select(LookupRow).order_by(col(LookupRow.lookup_id).desc()).limit(limit)
    if cursor is not None:
        query = query.where(LookupRow.lookup_id < cursor)
    with context.database.read() as session:
        names = roster.names(session, context.keys)
        items = [_view(row, names) for row in session.exec(query)]
    return LookupPage(items=items, next_cursor=items[-1].lookup_id if len(items) == limit else None)


def forget_before(session: Session, at: datetime) -> None:
    session.exec(delete(LookupRow).where(col(LookupRow.at) < at))


def _past(session: Session, who: str, since: datetime) -> list[Past]:
    query = select(LookupRow.at, LookupRow.shown).where(
        LookupRow.by == who, col(LookupRow.at) > since, col(LookupRow.refused).is_(False)
    )
    return [Past(at, shown) for at, shown in session.exec(query)]


def _view(row: LookupRow, names: dict[str, str]) -> LookupView:
    same = row.model_dump(include={"lookup_id", "at", "role", "by", "shown", "refused"})
    return LookupView.model_validate(
        {**same, "by_name": names.get(row.by, row.by), "found_by": [k for k in row.found_by.split(",") if k]}
    )
