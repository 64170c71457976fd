"""Who turned out to be no customer, who joined a party later: said by the reception, and taken back."""

from datetime import timedelta

from contracts.ids import uuid7
from contracts.marks_api import JoinersRequest, MarkedPeople, MarkPeopleRequest, NonCustomerReason, NonCustomerRequest
from gateway.attribution.again import judge_again
from gateway.attribution.service import judge_visit
from gateway.auth import Principal, may
from gateway.context import Context
from gateway.customers import store as customers
from gateway.localtime import local_day
from gateway.offers import service as offers
from gateway.problems import ProblemError
from gateway.visits import book, doors, links, service, store
from gateway.visits.domain import NOT_CUSTOMER
from gateway.visits.signals import Signal
from gateway.visits.tables import SignalRow, VisitRow
from gateway.writer import UnitOfWork

LARGEST_PARTY = 50


def who(principal: Principal) -> str:
    return principal.person_id or principal.device_id or ""


# ---- a visit -------------------------------------------------------------------------------------------------------
def mark_visit(
    uow: UnitOfWork, context: Context, visit_id: str, principal: Principal, request: NonCustomerRequest
) -> VisitRow:
    """Raises ProblemError 404, 403 `manager_needed`, 409 `not_a_visit`."""
    visit = to_say_of(uow, context, visit_id, principal)
    if visit.close_reason in ("mistaken", "joined_other_visit"):
        raise ProblemError(409, "not_a_visit", "nobody was there: there is nobody to mark")
    mark(uow, context, visit, request.reason, how=request.how, by=who(principal), note=request.note)
    return visit


def mark(
    uow: UnitOfWork, context: Context, visit: VisitRow, reason: NonCustomerReason, *, how: str, by: str, note: str = ""
) -> None:
    """The party is no customer: its visit ends, its people leave the net count, and it is evidence of nothing any more.

    The first mark stands.
    """
    if visit.non_customer is not None:
        return
    service.close_if_due(uow, context, visit)
    visit.non_customer, visit.before_mark = reason, visit.close_reason or ""
    if visit.state == "closed":
        visit.close_reason = NOT_CUSTOMER
        store.record(uow, visit)
    else:
        service.end(uow, context, visit, NOT_CUSTOMER)
    book.told(uow, context, visit, "mark", "non_customer", reason=reason, how=how, by=by, note=note)
    _judge_anew(uow, context, visit)
    offers.dispatch(uow, context)


def unmark_visit(uow: UnitOfWork, context: Context, visit_id: str, principal: Principal) -> VisitRow:
    """Customers after all: the visit is what it was. One that went on goes on, unless the office has closed on it.

    Raises ProblemError 404, 403 `manager_needed`.
    """
    visit = to_say_of(uow, context, visit_id, principal)
    if visit.non_customer is None:
        return visit
    before, visit.non_customer, visit.before_mark = visit.before_mark, None, None
    book.told(uow, context, visit, "unmark", "customer_after_all", by=who(principal))
    _judge_anew(uow, context, visit)
    if before:
        visit.close_reason = before
        store.record(uow, visit)
    elif not _ended_meanwhile(uow, context, visit):
        service.reopen(uow, context, visit)
    return visit


def to_say_of(uow: UnitOfWork, context: Context, visit_id: str, principal: Principal) -> VisitRow:
    """Of today's visits everybody may say something, of any a manager: commission has been reckoned on those before.

    Raises ProblemError 404, 403 `manager_needed`.
    """
    visit = service.get(uow, visit_id)
    if not may(principal, "manager") and visit.day != local_day(uow.now, context.timezone):
        raise ProblemError(403, "manager_needed", "a visit of an earlier day: a manager says what it was")
    return visit


def _judge_anew(uow: UnitOfWork, context: Context, visit: VisitRow) -> None:
    """The visit, and whatever rested on it: their other visits and their family's, their count and their owner."""
    uow.session.add(visit)
    uow.session.flush()
    customer = customers.file(uow.session, visit.customer_id) if visit.customer_id else None
    if customer is None:
        judge_visit(uow, context, visit)
        store.record(uow, visit)
        return
    if visit.non_customer is None:
        service.count_visit(uow, context, customer, visit.opened_at)
    else:
        links.uncount(uow, context, customer)
    judge_again(uow, context, [customer.customer_id])


def _ended_meanwhile(uow: UnitOfWork, context: Context, visit: VisitRow) -> bool:
    """The office closed while the visit was marked."""
    visit.state, visit.closed_at, visit.close_reason = "waiting", None, None
    return service.close_if_due(uow, context, visit)


def add_joiners(
    uow: UnitOfWork, context: Context, visit_id: str, principal: Principal, request: JoinersRequest
) -> VisitRow:
    """More people of the party came later. Raises ProblemError 404, 403 `not_your_visit`, 409."""
    visit = service.get(uow, visit_id)
    if principal.role == "consultant" and visit.consultant_id != principal.person_id:
        raise ProblemError(403, "not_your_visit", "this visit is somebody else's")
    if service.close_if_due(uow, context, visit) or visit.state == "closed":
        raise ProblemError(409, "visit_closed", "nobody joins a visit that is over: they check in")
    if visit.party_size + request.people > LARGEST_PARTY:
        raise ProblemError(409, "party_too_large", f"a party has at most {LARGEST_PARTY} people")
    visit.party_size += request.people
    book.told(
        uow,
        context,
        visit,
        "joiner",
        "late_joiner",
        people=request.people,
        by=who(principal),
        note=request.reason,
    )
    store.record(uow, visit)
    return visit


# ---- people at the door --------------------------------------------------------------------------------------------
def mark_people(uow: UnitOfWork, context: Context, principal: Principal, request: MarkPeopleRequest) -> MarkedPeople:
    """Somebody counted at the door who is no customer. Raises ProblemError 422 `other_day`."""
    at = uow.now - timedelta(minutes=request.minutes_ago)
    if local_day(at, context.timezone) != local_day(uow.now, context.timezone):
        raise ProblemError(422, "other_day", "only today's people can be marked")
    signal = Signal(
        signal_id=uuid7(), at=at, kind="mark", people=request.people, reason=request.reason, how=request.how
    )
    row = book.mark_people(uow, context, signal, by=who(principal), note=request.note)
    uow.session.flush()
    return view(context, row)


def unmark_people(uow: UnitOfWork, context: Context, mark_id: str, principal: Principal) -> MarkedPeople:
    """Raises ProblemError 404."""
    row = uow.session.get(SignalRow, mark_id)
    if row is None or row.kind != "mark" or row.about is not None:
        raise ProblemError(404, "not_found", "no such mark")
    if row.claimed:
        book.unmark_people(uow, context, row, by=who(principal))
    return view(context, row)


def view(context: Context, row: SignalRow) -> MarkedPeople:
    note = context.keys.decrypt(row.note, record=f"signal:{row.signal_id}") if row.note else ""
    return MarkedPeople.model_validate(
        {
            "mark_id": row.signal_id,
            "at": row.at,
            "people": row.people,
            "reason": row.reason,
            "how": row.how,
            "note": note,
            "counted": sum(part.people for part in doors.taken(row)),
            "undone": row.claimed == 0,
        }
    )
