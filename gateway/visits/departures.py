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


def finish(uow: UnitOfWork, context: Context, visit_id: str, principal: Principal, request: FinishRequest) -> VisitRow:
    """A consultant ends their own visit, a manager any; ending it twice is ending it once.

    Raises ProblemError 404, 403 `not_your_visit`.
    """
    visit = service.get(uow, visit_id)
    if principal.role == "consultant" and visit.consultant_id != principal.person_id:
        raise ProblemError(403, "not_your_visit", "this visit is somebody else's")
    if visit.state == "closed":
        return visit
    if request.note:
        visit.note = context.keys.encrypt(request.note, record=f"visit:{visit_id}")
    if request.outcome == NOT_CUSTOMER:
        marks.mark(uow, context, visit, "other", how="note", by=marks.who(principal))
    else:
        _leave(uow, context, visit, "finish", request.outcome, marks.who(principal))
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
) -> None:
    if not service.close_if_due(uow, context, visit):
        service.end(uow, context, visit, reason, at=at)
        book.told(uow, context, visit, kind, kind, reason=reason, by=by, at=at)
    offers.dispatch(uow, context)
