"""What happens to a visit from the moment it is opened until it is closed."""

from datetime import datetime, timedelta

from contracts.gateway_api import FinishRequest, VisitKind
from contracts.ids import uuid7
from gateway.alerts import service as alerts
from gateway.attribution.service import judge_visit
from gateway.auth import Principal
from gateway.consents import book as consent_book
from gateway.consents.domain import kept_until
from gateway.context import Context
from gateway.customers import store as customers
from gateway.customers.tables import CustomerRow
from gateway.localtime import local_day
from gateway.offers import service as offers
from gateway.policy import store as policies
from gateway.problems import ProblemError
from gateway.rota import store as rota
from gateway.rota.model import Override
from gateway.tickets import panel
from gateway.tickets import store as tickets
from gateway.visits import store
from gateway.visits.domain import OFFICE_CLOSED, closes_at
from gateway.visits.tables import VisitRow
from gateway.writer import UnitOfWork

LONGEST_OPEN = timedelta(hours=24)


def open_visit(
    uow: UnitOfWork,
    context: Context,
    *,
    customer: CustomerRow | None,
    kind: VisitKind,
    party_size: int,
    purpose: str,
    language: str,
    asked_for: str | None = None,
    visit_id: str | None = None,
) -> VisitRow:
    """A new visit with its ticket and first verdict, offered at once when somebody is free.

    `visit_id` is for a caller whose evidence had to be stored before the verdict.
    """
    version, _ = policies.current(uow.session)
    day = local_day(uow.now, context.timezone)
    visit = VisitRow(
        visit_id=visit_id or uuid7(),
        day=day,
        customer_id=None if customer is None else customer.customer_id,
        kind=kind,
        state="waiting",
        party_size=party_size,
        purpose=purpose,
        language=language,
        opened_at=uow.now,
        waiting_since=uow.now,
        asked_for=asked_for,
        policy_version=version,
    )
    uow.session.add(visit)
    tickets.issue(uow.session, visit.visit_id, day, uow.now)
    judge_visit(uow, context, visit)
    store.record(uow, visit)
    alerts.arrived(uow, context, visit, customer)
    offers.dispatch(uow, context, newcomer=visit)
    return visit


def reopen(uow: UnitOfWork, context: Context, visit: VisitRow) -> None:
    """The party stepped out and is back: the same visit and ticket, first for who was serving them."""
    visit.returning_to = visit.consultant_id
    visit.consultant_id = None
    visit.closed_at = visit.close_reason = None
    visit.state = "waiting"
    visit.waiting_since = uow.now
    _set_ticket(uow, visit, "waiting")
    store.record(uow, visit)
    offers.dispatch(uow, context, newcomer=visit)


def begin_serving(uow: UnitOfWork, context: Context, visit: VisitRow, consultant_id: str) -> None:
    """A consultant receives the party: the number is called, and who received it becomes evidence."""
    another = visit.returning_to is not None and visit.returning_to != consultant_id
    if visit.accepted_at is None or (another and visit.accepted_at < visit.waiting_since):
        visit.accepted_at = uow.now
    visit.state = "serving"
    visit.consultant_id = consultant_id
    _set_ticket(uow, visit, "called")
    judge_visit(uow, context, visit)
    store.record(uow, visit)
    panel.call(uow, context, visit)


def finish(uow: UnitOfWork, context: Context, visit_id: str, principal: Principal, request: FinishRequest) -> VisitRow:
    """The party leaves. A consultant ends their own visit, a manager any; ending it twice is ending it once.

    Raises ProblemError 404, 403 `not_your_visit`.
    """
    visit = _get(uow, visit_id)
    if principal.role == "consultant" and visit.consultant_id != principal.person_id:
        raise ProblemError(403, "not_your_visit", "this visit is somebody else's")
    if visit.state == "closed":
        return visit
    if request.note:
        visit.note = context.keys.encrypt(request.note, record=f"visit:{visit_id}")
    close(uow, context, visit, request.outcome)
    offers.dispatch(uow, context)
    return visit


def close(uow: UnitOfWork, context: Context, visit: VisitRow, reason: str) -> None:
    """End the visit and free whoever served it. The caller dispatches."""
    offers.withdraw(uow, visit.visit_id)
    served = visit.state == "serving"
    visit.state, visit.closed_at, visit.close_reason = "closed", uow.now, reason
    _set_ticket(uow, visit, "done" if served else "cancelled")
    store.record(uow, visit)
    if served and visit.consultant_id is not None:
        rota.free_again(uow, local_day(uow.now, context.timezone), visit.consultant_id)


def close_forgotten(uow: UnitOfWork, context: Context) -> int:
    """Close what is still open after its closing time, with reason `office_closed`. Returns how many."""
    _, policy = policies.current(uow.session)
    forgotten = [
        visit
        for visit in store.in_state(uow.session, "waiting", "offered", "serving")
        if uow.now >= closes_at(visit.waiting_since, policy.closing_time, context.timezone)
    ]
    for visit in forgotten:
        close(uow, context, visit, OFFICE_CLOSED)
    if forgotten:
        offers.dispatch(uow, context)
    return len(forgotten)


def assign(
    uow: UnitOfWork, context: Context, visit_id: str, consultant_id: str, principal: Principal, reason: str
) -> VisitRow:
    """A manager or the reception gives the visit to a consultant, past the rota. The decision is kept with its reason.

    Raises ProblemError 404, 409 `visit_closed`.
    """
    visit = _get(uow, visit_id)
    if visit.state == "closed":
        raise ProblemError(409, "visit_closed", "a closed visit cannot be assigned")
    if visit.state == "serving" and visit.consultant_id == consultant_id:
        return visit
    before = visit.consultant_id if visit.state == "serving" else None
    by = principal.person_id or principal.device_id or ""
    offers.give(uow, context, visit, Override(kind="assigned", consultant_id=consultant_id, by=by, reason=reason))
    begin_serving(uow, context, visit, consultant_id)
    if before is not None:
        rota.free_again(uow, local_day(uow.now, context.timezone), before)
        uow.changed("offers", before)
    offers.dispatch(uow, context)
    return visit


def count_visit(uow: UnitOfWork, context: Context, customer: CustomerRow, opened_at: datetime | None = None) -> None:
    """One more visit on the customer's file; a consent to be recognised holds from the last visit on.

    `opened_at` is for a visit that turned out to be theirs afterwards.
    """
    at = opened_at or uow.now
    customer.visit_count += 1
    customer.last_visit_at = max(customer.last_visit_at or at, at)
    customers.record(uow, context.keys, customer)
    until = kept_until(at, context.config.faces.retention_days)
    consent_book.extend(uow, context, customer.customer_id, until)


def _get(uow: UnitOfWork, visit_id: str) -> VisitRow:
    visit = store.get(uow.session, visit_id)
    if visit is None:
        raise ProblemError(404, "not_found", "no such visit")
    return visit


def _set_ticket(uow: UnitOfWork, visit: VisitRow, state: str) -> None:
    ticket = tickets.of_visit(uow.session, visit.visit_id)
    if ticket is not None:
        ticket.state = state
        if state == "called":
            ticket.called_at = uow.now
        uow.session.add(ticket)
