"""Judging a visit: read the evidence, decide, keep the verdict, let visit and customer follow it."""

from contracts.periods import end_of
from gateway.attribution import gate, gather, store
from gateway.attribution.domain import Verdict, judge
from gateway.attribution.evidence import Assigned, Called, Came, Evidence
from gateway.attribution.tables import VerdictRow
from gateway.context import Context
from gateway.customers import store as customers
from gateway.policy import store as policies
from gateway.visits.tables import VisitRow
from gateway.writer import UnitOfWork


def judge_visit(uow: UnitOfWork, context: Context, visit: VisitRow) -> Verdict:
    """Judge under the policy in force when the visit began. A verdict that says the same again is not stored.

    The caller records the visit, whose `source`, `owner_id` and `hints` are set here.
    """
    uow.session.flush()
    weighed = gather.evidence(uow.session, visit, uow.now)
    policy = policies.at(uow.session, visit.policy_version)
    verdict = judge(weighed, policy, context.timezone)
    earlier = store.newest(uow.session, visit.visit_id)
    if earlier is None or not _says_the_same(earlier, weighed, verdict):
        until = end_of(uow.now, policy.appeal_days, policy.day_count, context.timezone)
        store.append(uow, weighed, verdict, visit.policy_version, until)
    visit.source, visit.owner_id = verdict.source, verdict.owner_id
    visit.hints = ",".join(gate.hints(verdict.rules))
    if verdict.rule != "non_customer" and (verdict.owner_rule == "appeal_upheld" or not _overtaken(weighed, visit)):
        _follow(uow, context, visit)
    return verdict


def _overtaken(weighed: Evidence, visit: VisitRow) -> bool:
    """Whether they came again since, left their number with a consultant, or were given to one: then the file says
    what that made of them, and not whose they were at this visit."""
    since, not_these = visit.accepted_at or visit.opened_at, {visit.visit_id, *(m.visit_id for m in weighed.marked)}
    return any(
        signal.at > since
        and signal.customer_id == weighed.customer_id
        and not (isinstance(signal, Came) and signal.visit_id in not_these)
        for signal in weighed.signals
        if isinstance(signal, Came | Called | Assigned)
    )


def _says_the_same(earlier: VerdictRow, weighed: Evidence, verdict: Verdict) -> bool:
    """Of every claim too: whoever made one that comes late and loses has a verdict to read and to appeal against."""
    before = store.said(earlier)
    return (
        earlier.customer_id == weighed.customer_id
        and before.model_copy(update={"rules": ()}) == verdict.model_copy(update={"rules": ()})
        and store.names_face(before.rules) == store.names_face(verdict.rules)
        and store.stated(before.rules) == store.stated(verdict.rules)
        and store.weighed_claims(before) == store.weighed_claims(verdict)
    )


def _follow(uow: UnitOfWork, context: Context, visit: VisitRow) -> None:
    customer = customers.get(uow.session, visit.customer_id) if visit.customer_id else None
    if customer is not None and customer.owner_id != visit.owner_id:
        customer.owner_id = visit.owner_id
        customers.record(uow, context.keys, customer)
