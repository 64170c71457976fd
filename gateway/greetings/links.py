"""The link between a greeting and a visit: made good, taken back, or made again."""

from gateway.attribution.service import judge_visit
from gateway.context import Context
from gateway.greetings import store
from gateway.greetings.domain import MISTAKEN
from gateway.greetings.ending import changed
from gateway.greetings.tables import GreetingRow
from gateway.visits import links as visit_links
from gateway.visits import store as visits
from gateway.visits.tables import VisitRow
from gateway.writer import UnitOfWork


def confirm(uow: UnitOfWork, greeting: GreetingRow, by: str, reason: str) -> None:
    """It is this person. Saying it twice is saying it once."""
    if greeting.state != "confirmed":
        greeting.state, greeting.decided_at, greeting.decided_by, greeting.reason = "confirmed", uow.now, by, reason
        changed(uow, greeting)


def reject(uow: UnitOfWork, context: Context, greeting: GreetingRow, by: str, reason: str) -> None:
    """It is somebody else: the link is taken back. `by` is empty when other evidence says so, not a person."""
    greeting.state, greeting.decided_at, greeting.decided_by, greeting.reason = "wrong", uow.now, by, reason
    changed(uow, greeting)
    take_back(uow, context, greeting)


def take_back(uow: UnitOfWork, context: Context, greeting: GreetingRow) -> None:
    """Undo what the face alone brought about. What a number or somebody's word made of the visit stays."""
    visit = visits.get(uow.session, greeting.visit_id) if greeting.visit_id else None
    if visit is None or visit.customer_id != greeting.customer_id:
        return
    if greeting.how == "join" or store.has_number(uow.session, visit):
        judge_visit(uow, context, visit)
    elif greeting.how == "reopen":
        _undo_reopening(uow, context, greeting, visit)
    elif greeting.how == "new" and visit_links.is_untouched(visit):
        visit_links.close_mistaken(uow, context, visit, MISTAKEN)
    else:
        visit_links.forget_customer(uow, context, visit)


def link(uow: UnitOfWork, greeting: GreetingRow, visit_id: str) -> None:
    """It stands for that visit from now on."""
    greeting.visit_id, greeting.linked_at = visit_id, uow.now
    changed(uow, greeting)


def _undo_reopening(uow: UnitOfWork, context: Context, greeting: GreetingRow, visit: VisitRow) -> None:
    if greeting.undo_closed_at is None or greeting.undo_close_reason is None:
        raise LookupError(f"greeting {greeting.greeting_id} reopened a visit that was not closed")
    visit_links.undo_reopening(
        uow, context, visit, greeting.undo_closed_at, greeting.undo_close_reason, greeting.undo_consultant_id
    )
