"""A party leaves: the consultant finishes, the reception or a camera at the exit sees them go, or the office closes."""

from datetime import datetime

from contracts.gateway_api import FinishRequest
from gateway.auth import Principal
from gateway.context import Context
from gateway.offers import service as offers
from gateway.problems import ProblemError
from gateway.visits import book, marks, service, store
from gateway.visits.domain import NOT_CUSTOMER
from gateway.visits.signals import DepartureKind
from gateway.visits.tables import VisitRow
from gateway.writer import UnitOfWork

LEFT = "left"
SAID_NOT_CUSTOMER = "said_not_customer"


def finish(uow: UnitOfWork, context: Context, visit_id: str, principal: Principal, request: FinishRequest) -> VisitRow:
    """A consultant ends their own visit, a manager any; ending it twice is ending it once.

    That somebody with a file was no customer is the reception's or a manager's to say (domain.md): a consultant who
    could, would make a walk-in free for an agent's registration. Their word is kept with the visit.

    Raises ProblemError 404, 403 `not_your_visit`.
    """
    visit = service.get(uow, visit_id)
    if principal.role == "consultant" and visit.consultant_id != principal.person_id:
        raise ProblemError(403, "not_your_visit", "this visit is somebody else's")
    if visit.state == "closed":
        return visit
    if request.note:
        visit.note = context.keys.encrypt(request.note, record=f"visit:{visit_id}")
    by = marks.who(principal)
    if request.outcome != NOT_CUSTOMER:
        _leave(uow, context, visit, "finish", request.outcome, by)
    elif principal.role == "consultant" and visit.customer_id is not None:
        _leave(uow, context, visit, "finish", LEFT, by, rule=SAID_NOT_CUSTOMER)
    else:
        marks.mark(uow, context, visit, "other", how="note", by=by)
    return visit


def depart(uow: UnitOfWork, context: Context, visit_id: str, principal: Principal) -> VisitRow:
    """The reception saw the party go. Saying it twice is saying it once. Raises ProblemError 404."""
    visit = service.get(uow, visit_id)
    if visit.state != "closed":
        _leave(uow, context, visit, "reception_departure", LEFT, marks.who(principal))
    return visit


def seen_leaving(uow: UnitOfWork, context: Context, visit: VisitRow, at: datetime) -> None:
    """A camera at the exit recognised the party of an open visit that nobody serves: they left when they were seen."""
    _leave(uow, context, visit, "exit_face", LEFT, "", at=at)


def close_forgotten(uow: UnitOfWork, context: Context) -> int:
    """Close what is still open after its closing time, with reason `office_closed`. Returns how many."""
    still_open = store.in_state(uow.session, "waiting", "offered", "serving")
    closed = sum(service.close_if_due(uow, context, visit) for visit in still_open)
    if closed:
        offers.dispatch(uow, context)
    return closed


def _leave(
    uow: UnitOfWork,
    context: Context,
    visit: VisitRow,
    kind: DepartureKind,
    reason: str,
    by: str,
    *,
    at: datetime | None = None,
    rule: str = "",
) -> None:
    if not service.close_if_due(uow, context, visit):
        service.end(uow, context, visit, reason, at=at)
        book.told(uow, context, visit, kind, rule or kind, reason=reason, by=by, at=at)
    offers.dispatch(uow, context)
