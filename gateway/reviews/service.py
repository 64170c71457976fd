"""The reception answers a question: the visit gets the customer chosen, or none, with a new verdict.

Of two files that are one person the chosen one is proposed to be kept.
"""

from sqlmodel import Session

from contracts.faces_api import Candidate, Review, ReviewDecision
from contracts.gateway_api import CheckInRequest
from contracts.identity_api import MergeRequest
from gateway.attribution.service import judge_visit
from gateway.auth import Principal
from gateway.checkins.arrivals import arrive
from gateway.context import Context
from gateway.customers import shown as cards
from gateway.customers import store as customers
from gateway.customers.tables import CustomerRow
from gateway.greetings import links
from gateway.greetings.contests import faces
from gateway.identity import merges
from gateway.naming import service as naming
from gateway.problems import ProblemError
from gateway.reviews import store
from gateway.reviews.domain import PAIRS, ranked
from gateway.reviews.tables import ReviewRow
from gateway.roster import store as roster
from gateway.visits import book
from gateway.visits import links as visit_links
from gateway.visits import store as visits
from gateway.visits.book import Sign
from gateway.visits.tables import VisitRow
from gateway.writer import UnitOfWork


def decide(uow: UnitOfWork, context: Context, principal: Principal, review_id: str, request: ReviewDecision) -> None:
    """Answer once. Raises ProblemError 404, 409 `decided`, 422 `unknown_candidate`."""
    review = store.get(uow.session, review_id)
    if review is None:
        raise ProblemError(404, "not_found", "no such question")
    if review.state != "open":
        raise ProblemError(409, "decided", "this question has been answered or put away")
    chosen = _chosen(uow, review, request.customer_id)
    if review.kind in PAIRS:
        _propose(uow, context, principal, review, chosen, request.reason)
    else:
        _carry_out(uow, context, review, chosen)
    by = principal.person_id or principal.device_id or ""
    for greeting in faces(uow, review):
        if greeting.customer_id != request.customer_id and greeting.state != "wrong":
            links.reject(uow, context, greeting, by, "review")
    store.answered(uow, review, by, request.customer_id, request.reason)


def page(context: Context, state: str | None, limit: int) -> list[Review]:
    with context.database.read() as session:
        names = roster.names(session, context.keys)
        return [view(session, context, row, names) for row in store.page(session, state, limit)]


def one(context: Context, review_id: str) -> Review:
    """Raises ProblemError 404."""
    with context.database.read() as session:
        row = store.get(session, review_id)
        if row is None:
            raise ProblemError(404, "not_found", "no such question")
        return view(session, context, row, roster.names(session, context.keys))


def view(session: Session, context: Context, row: ReviewRow, names: dict[str, str]) -> Review:
    """Candidates masked, strongest first; one whose file is gone is left out."""
    evidence = {c.customer_id: store.facts(c) for c in store.candidates(session, row.review_id)}
    people = customers.by_ids(session, evidence)
    shown = cards.views(session, context, {row.customer_id: row for row in people.values()}.values(), names)
    same = {"review_id", "kind", "state", "opened_at", "visit_id", "decided_at", "decision", "reason"}
    return Review.model_validate(
        {
            **row.model_dump(include=same),
            "decided_by": names.get(row.decided_by, row.decided_by),
            "candidates": [
                Candidate(
                    customer=shown[people[customer_id].customer_id],
                    evidence=evidence[customer_id],
                )
                for customer_id in ranked(evidence)
                if customer_id in people
            ],
        }
    )


def _chosen(uow: UnitOfWork, review: ReviewRow, customer_id: str | None) -> CustomerRow | None:
    """A candidate; where a file is gone there is none to choose from, and any customer may be named."""
    if customer_id is None:
        return None
    named = {row.customer_id for row in store.candidates(uow.session, review.review_id)}
    customer = customers.get(uow.session, customer_id)
    if customer is None or (named and customer_id not in named):
        raise ProblemError(422, "unknown_candidate", "choose one of the candidates, or none of them")
    return customer


def _carry_out(uow: UnitOfWork, context: Context, review: ReviewRow, chosen: CustomerRow | None) -> None:
    visit = visits.get(uow.session, review.visit_id) if review.visit_id else None
    if visit is None:
        if chosen is not None:
            _arrives(uow, context, chosen)
    elif chosen is None:
        if visit.customer_id is not None:
            visit_links.forget_customer(uow, context, visit)
    else:
        _give(uow, context, review, visit, chosen)


def _propose(
    uow: UnitOfWork,
    context: Context,
    principal: Principal,
    review: ReviewRow,
    kept: CustomerRow | None,
    reason: str,
) -> None:
    """One person with two files: a manager decides about merging them. Raises ProblemError 409 where they cannot be."""
    if kept is None:
        return
    for row in store.candidates(uow.session, review.review_id):
        other = customers.get(uow.session, row.customer_id)
        if other is None or other.customer_id == kept.customer_id:
            continue
        if merges.open_between(uow.session, kept.customer_id, other.customer_id) is None:
            wanted = MergeRequest(
                kept_id=kept.customer_id, merged_id=other.customer_id, reason=reason.strip() or review.kind
            )
            merges.propose(uow, context, principal, wanted)


def _arrives(uow: UnitOfWork, context: Context, customer: CustomerRow) -> None:
    """Somebody without a file turned out to be this customer: they arrive as at a check-in."""
    match = book.judge(uow, context, customer.customer_id, uow.now, 1)
    arrive(uow, context, CheckInRequest(purpose="return_visit"), Sign("reception", uow.now), customer, match)


def _give(uow: UnitOfWork, context: Context, review: ReviewRow, visit: VisitRow, customer: CustomerRow) -> None:
    visit = naming.the_one(uow, context, visit, customer)
    for greeting in faces(uow, review):
        if greeting.customer_id == customer.customer_id:
            links.link(uow, greeting, visit.visit_id)
            links.confirm(uow, greeting, "", "review")
    visit_links.adopt_customer(uow, context, visit, customer)
    judge_visit(uow, context, visit)
