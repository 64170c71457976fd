"""A party arrives: it joins its visit that still goes on, takes up one it left a moment ago, or opens a new one."""

from contracts.gateway_api import CheckInRequest
from gateway.context import Context
from gateway.customers import store as customers
from gateway.customers.tables import CustomerRow
from gateway.greetings import store as greetings
from gateway.visits import book
from gateway.visits import service as visits
from gateway.visits import store as visit_store
from gateway.visits.book import Sign
from gateway.visits.domain import LastVisit, Match, kind_of_visit
from gateway.visits.tables import VisitRow
from gateway.writer import UnitOfWork


def arrive(
    uow: UnitOfWork,
    context: Context,
    request: CheckInRequest,
    sign: Sign,
    customer: CustomerRow | None,
    match: Match,
    *,
    visit_id: str | None = None,
) -> VisitRow:
    """Do what `match` says for a typed check-in or a recognised person alike. `visit_id` is for a new visit."""
    going_on = None if match.visit_id is None else visit_store.get(uow.session, match.visit_id)
    last = None if customer is None else book.last_of(uow.session, context, customer.customer_id)
    if going_on is not None:
        return _goes_on(uow, context, request, sign, match, going_on, last)
    kind = kind_of_visit(
        known_customer=customer is not None,
        earlier_visits=0 if customer is None else customers.figures(uow.session, customer).visits,
    )
    if customer is not None:
        visits.count_visit(uow, context, customer)
    return visits.open_visit(
        uow,
        context,
        sign,
        customer=customer,
        kind=kind,
        party_size=request.party_size,
        purpose=request.purpose,
        language=request.language,
        asked_for=request.asked_for,
        project=request.project,
        visit_id=visit_id,
        match=match,
        last=last,
    )


def _goes_on(
    uow: UnitOfWork,
    context: Context,
    request: CheckInRequest,
    sign: Sign,
    match: Match,
    visit: VisitRow,
    last: LastVisit | None,
) -> VisitRow:
    book.arrived(uow, context, visit, sign, match, last, request.party_size)
    changed = _told_more(uow, request, visit)
    if match.action == "reopen":
        visits.reopen(uow, context, visit)
    elif changed:
        visit_store.record(uow, visit)
    return visit


def _told_more(uow: UnitOfWork, request: CheckInRequest, going_on: VisitRow) -> bool:
    """The largest party counts, and the project named last.

    Of a visit that only a face had opened, the visitor's own words count as well.
    """
    before = going_on.party_size, going_on.purpose, going_on.language, going_on.asked_for, going_on.project
    going_on.party_size = max(going_on.party_size, request.party_size)
    going_on.project = request.project or going_on.project
    if greetings.is_face_alone(uow.session, going_on):
        going_on.purpose, going_on.language = request.purpose, request.language
        going_on.asked_for = request.asked_for or going_on.asked_for
    now = going_on.party_size, going_on.purpose, going_on.language, going_on.asked_for, going_on.project
    return before != now
