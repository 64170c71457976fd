"""What a customer's file tells: visits, follow-ups and sales over all files of that person, a page at a time."""

from collections.abc import Callable, Collection
from typing import Any

from sqlmodel import Session, select

from contracts.cursors import Cursor
from contracts.gateway_api import TimelineEntry, TimelinePage
from gateway import paging
from gateway.auth import Principal
from gateway.context import Context
from gateway.customers import aliases
from gateway.customers.service import accessible
from gateway.facts import store as facts
from gateway.facts.tables import FollowUpRow, SaleRow
from gateway.keys import Keys
from gateway.roster import store as roster
from gateway.visits.tables import VisitRow

Names = dict[str, str]
Told = list[tuple[Cursor, TimelineEntry]]


def page(context: Context, principal: Principal, customer_id: str, cursor: str | None, limit: int) -> TimelinePage:
    """Newest first. Raises ProblemError 404, 403 `not_your_customer`, 422 for a cursor that is none."""
    before = paging.cursor_of(cursor)
    with context.database.read() as session:
        theirs = aliases.group(session, accessible(session, context, principal, customer_id).customer_id)
        names = roster.names(session, context.keys)
        told = _told(session, context.keys, theirs, names, before, limit + 1)
    shown = told[:limit]
    return TimelinePage(
        items=[entry for _, entry in shown], next_cursor=str(shown[-1][0]) if len(told) > limit else None
    )


def _told(
    session: Session, keys: Keys, customer_ids: Collection[str], names: Names, before: Cursor | None, most: int
) -> Told:
    """The newest of each kind, and of them all the newest: what is left out is older than what is shown."""

    def newest(table: Any, at: str, item_id: str, tell: Callable[[Any], TimelineEntry]) -> Told:
        columns = table.__table__.columns
        query = select(table).where(columns["customer_id"].in_(customer_ids))
        rows = session.exec(paging.newest(query, columns[at], columns[item_id], before, most))
        return [(Cursor(getattr(row, at), getattr(row, item_id)), tell(row)) for row in rows]

    told = [
        *newest(VisitRow, "opened_at", "visit_id", lambda row: visit_entry(keys, row, names)),
        *newest(FollowUpRow, "at", "fact_id", lambda row: facts.follow_up(keys, row, names)),
        *newest(SaleRow, "at", "fact_id", lambda row: facts.sale(row, names)),
    ]
    return sorted(told, key=lambda each: each[0], reverse=True)[:most]


def visit_entry(keys: Keys, visit: VisitRow, names: Names) -> TimelineEntry:
    return TimelineEntry(
        at=visit.opened_at,
        kind="visit",
        title=f"visit.{visit.kind}",
        by=names.get(visit.consultant_id or "", ""),
        text="" if visit.note is None else keys.decrypt(visit.note, record=f"visit:{visit.visit_id}"),
    )
