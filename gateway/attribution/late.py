"""Evidence that arrives after the verdict: a new verdict under the policy in force at the visit, never another turn."""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlmodel import Session, col, or_, select

from contracts.periods import within
from gateway.attribution.again import with_family
from gateway.attribution.service import judge_visit
from gateway.context import Context
from gateway.customers.tables import CustomerRow
from gateway.policy import store as policies
from gateway.visits import store as visits
from gateway.visits.tables import VisitRow
from gateway.writer import UnitOfWork


def judge_numbers(uow: UnitOfWork, context: Context, *, phones: Collection[str], phones37: Collection[str]) -> int:
    """Judge the visits of these numbers and their buying parties that are still open to evidence; answers how many.

    Open visits, and closed ones up to the end of the appeal period (domain.md: 7 days).
    """
    if not phones and not phones37:
        return 0
    uow.session.flush()
    found = list(_open_to_evidence(uow, context, _people(uow.session, phones, phones37)))
    for visit in found:
        before = (visit.source, visit.owner_id, visit.hints)
        judge_visit(uow, context, visit)
        if (visit.source, visit.owner_id, visit.hints) != before:
            visits.record(uow, visit)
    return len(found)


def _people(session: Session, phones: Collection[str], phones37: Collection[str]) -> set[str]:
    """Every file of these numbers' people and of who buys with them."""
    query = select(CustomerRow.customer_id).where(
        or_(col(CustomerRow.phone_index).in_(phones), col(CustomerRow.phone37_index).in_(phones37))
    )
    return with_family(session, session.exec(query).all())


def _open_to_evidence(uow: UnitOfWork, context: Context, people: Iterable[str]) -> Iterable[VisitRow]:
    query = select(VisitRow).where(col(VisitRow.customer_id).in_(set(people))).order_by(col(VisitRow.opened_at))
    for visit in uow.session.exec(query).all():
        if visit.closed_at is None or _in_appeal(uow, context, visit, visit.closed_at):
            yield visit


def _in_appeal(uow: UnitOfWork, context: Context, visit: VisitRow, closed_at: datetime) -> bool:
    policy = policies.at(uow.session, visit.policy_version)
    return within(closed_at, uow.now, policy.appeal_days, policy.day_count, context.timezone)
