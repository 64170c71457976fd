"""A received "first" visitor turns out to be a colleague's: handed over, and the turn was none."""

from gateway.auth import Principal
from gateway.context import Context
from gateway.localtime import local_day
from gateway.offers import service as offers
from gateway.problems import ProblemError
from gateway.roster import store as roster
from gateway.rota import store
from gateway.rota.model import Override
from gateway.rota.standing import Standing
from gateway.visits import service as visits
from gateway.visits import store as visit_store
from gateway.visits.tables import VisitRow
from gateway.writer import UnitOfWork


def hand_over(
    uow: UnitOfWork, context: Context, visit_id: str, colleague_id: str, principal: Principal, reason: str
) -> VisitRow:
    """The receiver returns to the head of the rota. A colleague who is not free is assisted: the receiver goes on.

    Who goes on with the party has their turn back only when more than their own word says that it was none: whose
    customer it is as the visit was judged, or the reception or a manager.

    Raises ProblemError 404, 403 `not_your_visit`, 409 `not_serving`, 422 `unknown_consultant`.
    """
    visit = _to_hand_over(uow, context, visit_id, colleague_id, principal)
    receiver = visit.consultant_id or ""
    if receiver == colleague_id:
        return visit
    here = Standing.read(uow.session, context, local_day(uow.now, context.timezone))
    takes_it = here.can_take(colleague_id)
    if takes_it or principal.role != "consultant" or visit.owner_id == colleague_id:
        offers.return_turn(uow, visit_id, receiver)
    by = principal.person_id or principal.device_id or ""
    to = colleague_id if takes_it else receiver
    offers.give(uow, context, visit, Override(kind="handed_over", consultant_id=to, by=by, reason=reason))
    if takes_it:
        visits.begin_serving(uow, context, visit, colleague_id)
        store.free_again(uow, here.day, receiver)
        uow.changed("offers", receiver)
    uow.session.flush()
    offers.dispatch(uow, context)
    uow.changed("floor")
    return visit


def _to_hand_over(
    uow: UnitOfWork, context: Context, visit_id: str, colleague_id: str, principal: Principal
) -> VisitRow:
    visit = visit_store.get(uow.session, visit_id)
    if visit is None:
        raise ProblemError(404, "not_found", "no such visit")
    if principal.role == "consultant" and visit.consultant_id != principal.person_id:
        raise ProblemError(403, "not_your_visit", "this visit is somebody else's")
    if visit.state != "serving":
        raise ProblemError(409, "not_serving", "only a party that is being received can be handed over")
    person = roster.get(uow.session, context.keys, colleague_id)
    if person is None or not person.active or person.role != "consultant":
        raise ProblemError(422, "unknown_consultant", "not an active consultant of this office")
    return visit
