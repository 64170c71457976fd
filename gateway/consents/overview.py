"""The office's view of its faces, and what is wrong with them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from contracts.faces_api import FaceActView, FaceLog, FaceNodeView, FacesOverview
from contracts.gateway_api import RuleNote
from gateway.consents import book, nodes, store, texts
from gateway.consents.tables import FaceAct
from gateway.context import Context
from gateway.localtime import local_day
from gateway.withdrawals import store as withdrawals

RECENT = timedelta(days=30)
LOG_PAGE = 500


def read(context: Context) -> FacesOverview:
    now = context.clock()
    with context.database.read() as session:
        views = nodes.views(session, context)
        active = store.count(session, "active")
        found = alarms(session, context, views, active, now)
        reason = _reason(session, context, views)
        return FacesOverview(
            available=not reason,
            reason=reason,
            active=active,
            granted=store.count(session, "granted"),
            refused_today=store.refusals(session, local_day(now, context.timezone)),
            ended_last_30_days=store.ended_since(session, now - RECENT),
            withdrawals_pending=withdrawals.pending(session),
            count_alarm_at=context.config.faces.count_alarm,
            text_version=texts.versions()[-1],
            retention_days=context.config.faces.retention_days,
            nodes=views,
            alarms=found,
        )


def _reason(session: Session, context: Context, views: Sequence[FaceNodeView]) -> str:
    """Why no screen may ask now; empty when one may."""
    if any(nodes.can_enrol(session, context, device_id) for device_id in context.config.devices):
        return ""
    if not views:
        return "no_node"
    if not any(device.camera for device in context.config.devices.values()):
        return "no_kiosk_camera"
    vault = book.read(session).vault_node
    if vault is None:
        return "no_vault"
    if not nodes.is_online(session, context, vault):
        return "vault_offline"
    return "camera_offline"


def alarms(session: Session, context: Context, views: Sequence[FaceNodeView], active: int, now: datetime) -> list[str]:
    """Codes, in a fixed order. An office without a node with faces has none."""
    if not views:
        return []
    claimed = [view for view in views if view.faces.vault]
    vault = book.read(session).vault_node
    people = max([active, *(view.faces.people for view in claimed)])
    found = {
        "filing_duty_near": people >= context.config.faces.count_alarm,
        "no_vault": vault is None or not nodes.is_online(session, context, vault),
        "two_vaults": len(claimed) > 1,
        "engine_failed": any(nodes.engine_failed(view) for view in views),
        "lease_lapsed": any(nodes.lease_lapsed(view, now) for view in views),
    }
    return [code for code, is_so in found.items() if is_so]


def floor_alarms(session: Session, context: Context, now: datetime) -> list[RuleNote]:
    """The same for the floor board; `faces` alarms are the manager's to look into."""
    views = nodes.views(session, context)
    if not views:
        return []
    active = store.count(session, "active")
    facts = {"active": active, "withdrawals_pending": withdrawals.pending(session)}
    return [
        RuleNote(rule="faces", outcome="won", reason=code, facts=facts)
        for code in alarms(session, context, views, active, now)
    ]


def log_page(session: Session, begin: datetime, end: datetime, after: int | None) -> FaceLog:
    """The processing log of a span of time, for an auditor."""
    query = select(FaceAct).where(FaceAct.at >= begin, FaceAct.at < end)
    if after is not None:
        query = query.where(col(FaceAct.act_id) > after)
    rows = session.exec(query.order_by(col(FaceAct.act_id)).limit(LOG_PAGE + 1)).all()
    shown = rows[:LOG_PAGE]
    items = [FaceActView.model_validate(row.model_dump(exclude={"act_id"})) for row in shown]
    return FaceLog(items=items, next_after=shown[-1].act_id if len(rows) > LOG_PAGE else None)
