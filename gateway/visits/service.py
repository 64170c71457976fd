"""What happens to a visit while it lasts: opened, taken up again, received, given to somebody, closed."""

from datetime import datetime

from contracts.gateway_api import VisitKind
from contracts.ids import uuid7
from gateway.alerts import service as alerts
from gateway.attribution.service import judge_visit
from gateway.auth import Principal
from gateway.consents import book as consent_book
from gateway.consents.domain import kept_until
from gateway.context import Context
from gateway.customers import store as customers
from gateway.customers.tables import CustomerRow
from gateway.greetings import ending as greeting_ends
from gateway.localtime import local_day
from gateway.offers import service as offers
from gateway.policy import store as policies
from gateway.problems import ProblemError
from gateway.rota import store as rota
from gateway.rota.model import Override
from gateway.tickets import panel
from gateway.tickets import store as tickets
from gateway.visits import book, decisions, store
from gateway.visits.assembly import NO_NUMBER
from gateway.visits.book import Sign
from gateway.visits.domain import OFFICE_CLOSED, LastVisit, Match, closes_at
from gateway.visits.tables import VisitRow
from gateway.writer import UnitOfWork


def open_visit(
    uow: UnitOfWork,
    context: Context,
    sign: Sign,
    *,
    customer: CustomerRow | None,
    kind: VisitKind,
    party_size: int,
    purpose: str,
    language: str,
    asked_for: str | None = None,
    project: str = "",
    visit_id: str | None = None,
    match: Match = NO_NUMBER,
    last: LastVisit | None = None,
) -> VisitRow:
    """A new visit with its ticket and first verdict, offered at once when somebody is free.

    `visit_id` is for a caller whose evidence had to be stored before the verdict. `match` says why it is a new one,
    `last` is the customer's visit before it.
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
        arrived_at=sign.at,
        waiting_since=uow.now,
        asked_for=asked_for,
        project=context.config.project_of(project),
        policy_version=version,
    )
    uow.session.add(visit)
    tickets.issue(uow.session, visit.visit_id, day, uow.now)
    book.arrived(uow, context, visit, sign, match, last, party_size)
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
    set_ticket(uow, visit, "waiting")
    store.record(uow, visit)
    offers.dispatch(uow, context, newcomer=visit)


def begin_serving(uow: UnitOfWork, context: Context, visit: VisitRow, consultant_id: str) -> None:
    """A consultant receives the party: the number is called, and who received it becomes evidence."""
    another = visit.returning_to is not None and visit.returning_to != consultant_id
    if visit.accepted_at is None or (another and visit.accepted_at < visit.waiting_since):
        visit.accepted_at = uow.now
    visit.state = "serving"
    visit.consultant_id = consultant_id
    set_ticket(uow, visit, "called")
    judge_visit(uow, context, visit)
    store.record(uow, visit)
    panel.call(uow, context, visit)


def close(uow: UnitOfWork, context: Context, visit: VisitRow, reason: str, *, at: datetime | None = None) -> None:
    """Close the visit, now or as of `at`, and free whoever served it. The caller dispatches."""
    offers.withdraw(uow, visit.visit_id)
    served = visit.state == "serving"
    visit.state, visit.closed_at, visit.close_reason = "closed", at or uow.now, reason
    set_ticket(uow, visit, "done" if served else "cancelled")
    store.record(uow, visit)
    if served and visit.consultant_id is not None:
        rota.free_again(uow, local_day(uow.now, context.timezone), visit.consultant_id)


def end(uow: UnitOfWork, context: Context, visit: VisitRow, reason: str, *, at: datetime | None = None) -> None:
    """The party is gone: close the visit, and greet nobody of it any more. The caller dispatches."""
    close(uow, context, visit, reason, at=at)
    greeting_ends.with_visit(uow, visit.visit_id)


def close_if_due(uow: UnitOfWork, context: Context, visit: VisitRow) -> bool:
    """Whether the office has closed on it: then it ended at closing time, and how long it was is not known."""
    _, policy = policies.current(uow.session)
    due = closes_at(visit.waiting_since, policy.closing_time, context.timezone)
    if visit.state == "closed" or uow.now < due:
        return False
    end(uow, context, visit, OFFICE_CLOSED, at=due)
    inputs = {"waiting_since": visit.waiting_since.isoformat(), "closing_time": policy.closing_time.isoformat()}
    decisions.keep(uow, visit.visit_id, OFFICE_CLOSED, OFFICE_CLOSED, inputs)
    return True


def assign(
    uow: UnitOfWork, context: Context, visit_id: str, consultant_id: str, principal: Principal, reason: str
) -> VisitRow:
    """A manager or the reception gives the visit to a consultant, past the rota. The decision is kept with its reason.

    Raises ProblemError 404, 409 `visit_closed`.
    """
    visit = get(uow, visit_id)
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


def get(uow: UnitOfWork, visit_id: str) -> VisitRow:
    """Raises ProblemError 404."""
    visit = store.get(uow.session, visit_id)
    if visit is None:
        raise ProblemError(404, "not_found", "no such visit")
    return visit


def set_ticket(uow: UnitOfWork, visit: VisitRow, state: str) -> None:
    ticket = tickets.of_visit(uow.session, visit.visit_id)
    if ticket is not None:
        ticket.state = state
        if state == "called":
            ticket.called_at = uow.now
        uow.session.add(ticket)
