"""Judging a visit: read the evidence, decide, keep the verdict, let visit and customer follow it."""

from gateway.attribution import store
from gateway.attribution.domain import Verdict, judge
from gateway.attribution.tables import VerdictRow
from gateway.context import Context
from gateway.customers import store as customers
from gateway.policy import store as policies
from gateway.visits.tables import VisitRow
from gateway.writer import UnitOfWork


def judge_visit(uow: UnitOfWork, context: Context, visit: VisitRow) -> Verdict:
    """Judge under the policy in force when the visit began. A verdict that says the same again is not stored.

    The caller records the visit, whose `source` and `owner_id` are set here.
    """
    uow.session.flush()
    weighed = store.evidence(uow.session, visit)
    verdict = judge(weighed, policies.at(uow.session, visit.policy_version))
    earlier = store.newest(uow.session, visit.visit_id)
    if earlier is None or _said(earlier) != (
        verdict.source,
        verdict.owner_id,
        verdict.rule,
        store.names_face(verdict.rules),
    ):
        store.append(uow, weighed, verdict, visit.policy_version)
    visit.source, visit.owner_id = verdict.source, verdict.owner_id
    _follow(uow, context, visit)
    return verdict


def _said(earlier: VerdictRow) -> tuple[str, str | None, str, bool]:
    return earlier.source, earlier.owner_id, earlier.rule, store.names_face(store.notes(earlier))


def _follow(uow: UnitOfWork, context: Context, visit: VisitRow) -> None:
    customer = customers.get(uow.session, visit.customer_id) if visit.customer_id else None
    if customer is not None and customer.owner_id != visit.owner_id:
        customer.owner_id = visit.owner_id
        customers.record(uow, context.keys, customer)
