"""Raising alerts in the transaction of what caused them, ending them, and noting how far they came."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlmodel import Session, col, func, select

from contracts.alerts_api import AlertKind, AlertReceipts
from contracts.gateway_api import TurnCandidate
from contracts.ids import uuid7
from gateway.alerts import domain, store
from gateway.alerts.domain import Arrival, Raised, Recipient, Turn
from gateway.auth import Principal
from gateway.context import Context
from gateway.customers import store as customers
from gateway.customers.tables import CustomerRow
from gateway.facts.tables import FollowUpRow, SaleRow
from gateway.policy import store as policies
from gateway.push import service as pushes
from gateway.visits.tables import VisitRow
from gateway.writer import UnitOfWork


def arrived(uow: UnitOfWork, context: Context, visit: VisitRow, customer: CustomerRow | None) -> None:
    """Once a visit is judged: a returning VIP, a lead that was silent for long. Saying it again tells nobody twice."""
    if customer is None or visit.kind != "return":
        return
    _, policy = policies.current(uow.session)
    facts = Arrival(
        visit_id=visit.visit_id,
        at=visit.opened_at,
        now=uow.now,
        returning=True,
        tags=frozenset(customers.secrets(context.keys, customer).details.tags),
        owner_id=visit.owner_id,
        last_contact_at=_last_contact(uow.session, customer.customer_id, visit),
        signed=_has_signed(uow.session, customer.customer_id),
    )
    _raise(uow, context, domain.of_arrival(facts, policy, context.timezone), visit.visit_id)


def turned(
    uow: UnitOfWork,
    context: Context,
    visit: VisitRow,
    decision_id: str,
    rule: str,
    candidates: tuple[TurnCandidate, ...],
    offers: Mapping[str, tuple[str, datetime]],
) -> None:
    """The rota decided. `offers`: offer id and deadline by consultant."""
    turn = Turn(
        visit_id=visit.visit_id,
        decision_id=decision_id,
        rule=rule,
        offers=offers,
        owner_id=visit.owner_id,
        candidates=candidates,
        known=store.known_kinds(uow.session, visit.visit_id) if offers else frozenset(),
    )
    _raise(uow, context, domain.of_turn(turn), visit.visit_id)


def greeted(
    uow: UnitOfWork, context: Context, greeting_id: str, expires_at: datetime, visit_id: str, people: Iterable[str]
) -> None:
    """A recognised customer waits to be greeted by these people."""
    raised = [
        Raised(
            kind="greeting",
            subject_id=greeting_id,
            recipient=Recipient(role="consultant", person_id=person_id),
            expires_at=expires_at,
        )
        for person_id in sorted(set(people))
    ]
    _raise(uow, context, raised, visit_id)


def ruled(uow: UnitOfWork, context: Context, appeal_id: str, visit_id: str, people: Iterable[str]) -> None:
    """A manager ruled on a visit of these people."""
    raised = [
        Raised(kind="ruling", subject_id=appeal_id, recipient=Recipient(role="consultant", person_id=person_id))
        for person_id in sorted(set(people))
    ]
    _raise(uow, context, raised, visit_id)


def subject_ended(uow: UnitOfWork, kind: AlertKind, subject_id: str, acted: str | None = None) -> None:
    """An offer or a greeting is over; `acted` is whoever answered it, who has read it then."""
    store.settle(uow, read_by=acted, kind=kind, subject_id=subject_id)


def answered(uow: UnitOfWork, visit_id: str) -> None:
    """Somebody receives the visit, or it is closed: nobody need be found for it any more."""
    store.settle(uow, kind="unanswered", visit_id=visit_id)


def confirm(uow: UnitOfWork, principal: Principal, receipts: AlertReceipts) -> None:
    """Note what a page that somebody can see confirms; alerts of others are passed over."""
    mine = store.own(uow.session, principal, (item.alert_id for item in receipts.items))
    by = principal.person_id or principal.device_id or ""
    for item in receipts.items:
        if item.alert_id in mine:
            store.receive(uow, [item.alert_id], item.stage, by)
    if mine:
        store.tell(uow, {principal.person_id} if principal.role == "consultant" else {None})
        uow.changed("floor")


def _raise(uow: UnitOfWork, context: Context, raised: Iterable[Raised], visit_id: str) -> None:
    _, policy = policies.current(uow.session)
    uow.session.flush()
    new = [
        one for one in raised if store.add(uow, uuid7(), one, visit_id, one.expires_at or uow.now + policy.alert_time)
    ]
    for one in new:
        uow.changed("alerts", one.recipient.person_id)
    pushes.queue(uow, context, new, visit_id)


def _last_contact(session: Session, customer_id: str, visit: VisitRow) -> datetime | None:
    """The latest earlier visit, its end when that was measured, or follow-up that reached the customer."""
    before = select(func.max(func.coalesce(VisitRow.closed_at, VisitRow.opened_at))).where(
        VisitRow.customer_id == customer_id, VisitRow.visit_id != visit.visit_id
    )
    reached = select(func.max(FollowUpRow.at)).where(FollowUpRow.customer_id == customer_id, col(FollowUpRow.reached))
    times = [session.exec(before).one(), session.exec(reached).one()]
    return max((at for at in times if at is not None), default=None)


def _has_signed(session: Session, customer_id: str) -> bool:
    signed = select(SaleRow.fact_id).where(
        SaleRow.customer_id == customer_id, col(SaleRow.kind).in_(("contract", "payment"))
    )
    return session.exec(signed.limit(1)).first() is not None
