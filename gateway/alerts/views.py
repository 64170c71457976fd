"""Alerts as each person may see them, and who was told when."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session

from contracts.alerts_api import AlertList, AlertView, ReceiptPage, ReceiptView
from contracts.values import mask_name
from gateway.alerts import store
from gateway.alerts.domain import is_over
from gateway.alerts.tables import AlertRow
from gateway.auth import Principal
from gateway.context import Context
from gateway.customers import store as customers
from gateway.policy import store as policies
from gateway.roster import store as roster
from gateway.visits import store as visits

LOOKED_BACK = timedelta(hours=12)
"""A day's work: what was told longer ago is for the receipts."""


def read(context: Context, principal: Principal) -> AlertList:
    """What `GET /v1/alerts` and the live topic show."""
    now = context.clock()
    with context.database.read() as session:
        rows = store.listed(session, principal, now - LOOKED_BACK)
        names = roster.names(session, context.keys) if rows else {}
        customer_names = _customer_names(session, context, rows)
        items = [_view(row, now, names, customer_names.get(row.visit_id or "", "")) for row in rows]
    return AlertList(items=items, unread=sum(item.live for item in items))


def receipts(context: Context, *, cursor: str | None, limit: int) -> ReceiptPage:
    with context.database.read() as session:
        rows = store.page(session, cursor=cursor, limit=limit)
        items = told(session, context, rows)
    return ReceiptPage(items=items, next_cursor=items[-1].alert_id if len(items) == limit else None)


def told(session: Session, context: Context, rows: Sequence[AlertRow]) -> list[ReceiptView]:
    """Who was told of these, and whether their tablet is awake now."""
    if not rows:
        return []
    now = context.clock()
    names = roster.names(session, context.keys)
    within = policies.current(session)[1].undeclared_absence
    same = set(ReceiptView.model_fields) - {"recipient_id", "recipient_name", "awake"}
    return [
        ReceiptView.model_validate(
            {
                **row.model_dump(include=same),
                "recipient_id": row.person_id,
                "recipient_name": names.get(row.person_id or "", ""),
                "awake": context.presence.awake(row.person_id, now, within),
            }
        )
        for row in rows
    ]


def _view(row: AlertRow, now: datetime, names: dict[str, str], customer_name: str) -> AlertView:
    same = set(AlertView.model_fields) - {"customer_name", "owner_name", "receiver_name", "live"}
    live = row.read_at is None and row.settled_at is None and not is_over(row.expires_at, now)
    return AlertView.model_validate(
        {
            **row.model_dump(include=same),
            "customer_name": customer_name,
            "owner_name": names.get(row.owner_id or "", ""),
            "receiver_name": names.get(row.receiver_id or "", ""),
            "live": live,
        }
    )


def _customer_names(session: Session, context: Context, rows: Sequence[AlertRow]) -> dict[str, str]:
    """Masked, by visit."""
    of_visit = {}
    for visit_id in {row.visit_id for row in rows if row.visit_id is not None}:
        visit = visits.get(session, visit_id)
        if visit is not None and visit.customer_id is not None:
            of_visit[visit_id] = visit.customer_id
    found = customers.by_ids(session, set(of_visit.values()))
    masked = {i: mask_name(customers.secrets(context.keys, row).name) for i, row in found.items()}
    return {visit_id: masked.get(customer_id, "") for visit_id, customer_id in of_visit.items()}
