"""Who a visitor was may be learnt late: a number told during the tour, or after it (补登号码)."""

from contracts.gateway_api import CheckInRequest, LateNumber
from gateway.auth import Principal
from gateway.checkins.service import identify
from gateway.context import Context
from gateway.customers import aliases
from gateway.customers.tables import CustomerRow
from gateway.greetings import links
from gateway.greetings import store as greetings
from gateway.greetings.domain import MISTAKEN
from gateway.problems import ProblemError
from gateway.visits import book, marks
from gateway.visits import links as visit_links
from gateway.visits import store as visits
from gateway.visits.tables import VisitRow
from gateway.writer import UnitOfWork


def add_number(uow: UnitOfWork, context: Context, visit_id: str, principal: Principal, request: LateNumber) -> VisitRow:
    """The visit is judged anew; after its end an earlier owner has the hours to claim it. Answers the visit that stays.

    Raises ProblemError 404, 403 `not_your_visit` or `manager_needed`, 409 `not_a_visit` or `has_customer`.
    """
    visit = marks.to_say_of(uow, context, visit_id, principal)
    if principal.role == "consultant" and visit.consultant_id != principal.person_id:
        raise ProblemError(403, "not_your_visit", "this visit is somebody else's")
    if visit.close_reason == MISTAKEN or visit.close_reason == "joined_other_visit" or visit.non_customer is not None:
        raise ProblemError(409, "not_a_visit", "nobody was there, or no customer: there is nobody to name")
    customer = identify(uow, context, CheckInRequest(phone=request.phone, name=request.name))
    if customer is None:
        raise AssertionError("a number always has a file")
    uow.session.flush()
    if visit.customer_id is not None:
        if visit.customer_id not in aliases.group(uow.session, customer.customer_id):
            raise ProblemError(409, "has_customer", "this visit has a customer already: merge the files if it is one")
        return visit
    visit = the_one(uow, context, visit, customer)
    visit_links.adopt_customer(uow, context, visit, customer, by=marks.who(principal))
    return visit


def the_one(uow: UnitOfWork, context: Context, visit: VisitRow, customer: CustomerRow) -> VisitRow:
    """Which visit is that customer's. When another of theirs goes on, the one that nothing happened on gives way."""
    if visit.customer_id == customer.customer_id:
        return visit
    other = _going_on(uow, context, customer.customer_id)
    if other is None:
        return visit
    greeting = greetings.of_visit(uow.session, other, customer.customer_id)
    if greeting is not None and greetings.is_face_alone(uow.session, other):
        links.take_back(uow, context, greeting)
    elif visit_links.is_untouched(visit):
        visit_links.close_mistaken(uow, context, visit, MISTAKEN)
        return other
    return visit


def _going_on(uow: UnitOfWork, context: Context, customer_id: str) -> VisitRow | None:
    last = book.last_of(uow.session, context, customer_id)
    return None if last is None or last.state == "closed" else visits.get(uow.session, last.visit_id)
