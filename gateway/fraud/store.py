"""The visits and registrations that signals are read from. What was withdrawn, and who is no customer, is not read."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement
from sqlmodel import Session, and_, col, select

from contracts.policy import PolicyConfig
from gateway.attribution.tables import AgentScanRow, RegistrationRow, VerdictRow
from gateway.customers import aliases
from gateway.customers.tables import CustomerRow
from gateway.fraud.domain import Arrived, Facts, Registered
from gateway.localtime import local_day
from gateway.visits.tables import VisitRow

DAY = timedelta(days=1)


def read(session: Session, since: datetime, until: datetime, policy: PolicyConfig, zone: ZoneInfo) -> Facts:
    """All that a signal of the period can rest on."""
    reach = timedelta(days=policy.protection_to_visit_days)
    visits = _visits(session, since - reach, until + reach, zone)
    people = aliases.groups(session, {visit.customer_id for visit in visits if visit.customer_id})
    before = max(reach, timedelta(days=policy.fraud_phone_days), timedelta(hours=policy.fraud_rival_hours))
    after = max(timedelta(hours=policy.fraud_after_hours), timedelta(minutes=policy.fraud_near_minutes))
    rows = _registrations(session, since - before, until + after)
    files = session.exec(select(CustomerRow).where(col(CustomerRow.customer_id).in_(list(people)))).all()
    return Facts(since, until, _arrived(session, visits, people), _registered(rows, files, people), policy)


def _visits(session: Session, since: datetime, until: datetime, zone: ZoneInfo) -> Sequence[VisitRow]:
    """`day` is indexed; a party may arrive on the day before its visit was opened."""
    days = col(VisitRow.day).between(local_day(since, zone), local_day(until + DAY, zone))
    return session.exec(select(VisitRow).where(days, _counts(), VisitRow.arrived_at >= since)).all()


def _counts() -> ColumnElement[bool]:
    """A known person's visit, not marked as no customer's. One that was ended as a mistake is nobody's."""
    return and_(col(VisitRow.customer_id).is_not(None), col(VisitRow.non_customer).is_(None))


def _registrations(session: Session, since: datetime, until: datetime) -> Sequence[RegistrationRow]:
    row = RegistrationRow
    span = and_(col(row.accepted_at) >= since, col(row.accepted_at) <= until)
    return session.exec(select(row).where(span, col(row.withdrawn_at).is_(None))).all()


def _arrived(session: Session, visits: Sequence[VisitRow], people: dict[str, str]) -> list[Arrived]:
    ids = [visit.visit_id for visit in visits]
    told = select(VerdictRow.visit_id, VerdictRow.channel_id).where(col(VerdictRow.visit_id).in_(ids))
    newest = dict(session.exec(told.order_by(col(VerdictRow.verdict_id))).all())
    scans = select(AgentScanRow).where(col(AgentScanRow.visit_id).in_(ids), AgentScanRow.refused == "")
    scanned: dict[str, set[str]] = {}
    for scan in session.exec(scans):
        scanned.setdefault(scan.visit_id or "", set()).add(scan.channel_id)
    return [
        Arrived(
            visit.visit_id,
            people[visit.customer_id or ""],
            visit.arrived_at,
            visit.source,  # type: ignore[arg-type]
            frozenset(
                scanned.get(visit.visit_id, set()) | ({channel} if (channel := newest.get(visit.visit_id)) else set())
            ),
        )
        for visit in visits
    ]


def _registered(
    rows: Iterable[RegistrationRow], files: Sequence[CustomerRow], people: dict[str, str]
) -> list[Registered]:
    """Matched as a verdict matches them: by the full number, a masked one by its first 3 and last 4."""
    full: dict[str, set[str]] = {}
    ends: dict[str, set[str]] = {}
    for file in files:
        for index, found in ((file.phone_index, full), (file.phone37_index, ends)):
            if index is not None:
                found.setdefault(index, set()).add(people[file.customer_id])
    return [
        Registered(
            row.registration_id,
            row.channel_id,
            row.agent_id,
            row.accepted_at,
            row.phone_index,
            row.phone37_index,
            frozenset(full.get(row.phone_index, ()) if row.phone_index else ends.get(row.phone37_index or "", ())),
        )
        for row in rows
    ]
