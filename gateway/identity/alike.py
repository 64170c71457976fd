"""Other files that may be the same person: read for the desk, and asked about where a file is made or changed."""

from collections.abc import Mapping

from sqlmodel import Session

from contracts.identity_api import CandidatePage, CandidateView
from gateway.context import Context
from gateway.customers import aliases, shown
from gateway.customers import store as customers
from gateway.customers.tables import CustomerRow
from gateway.greetings.domain import ReviewKind
from gateway.identity import marks, merges
from gateway.identity.candidates import STRONG, Candidate, Marks, find, may_ask, to_ask
from gateway.keys import Keys
from gateway.policy import store as policies
from gateway.problems import ProblemError
from gateway.reviews import pairs
from gateway.roster import store as roster
from gateway.visits import store as visits
from gateway.writer import UnitOfWork


def ask(uow: UnitOfWork, context: Context, customer: CustomerRow) -> None:
    """Put to the reception whoever may be the same person; each pair once, and no more than the policy says.

    Other files are read as they are stored: what this unit changed in them has to be written before.
    """
    _, policy = policies.current(uow.session)
    own, seen = _known(uow.session, context.keys, customer)
    found = find(seen, _others(uow.session, context.keys, seen, own)) if may_ask(seen) else ()
    for candidate in to_ask(found, policy.alike_asked):
        if merges.told_apart(uow.session, customer.customer_id, candidate.customer_id):
            continue
        evidence = _evidence(customer.customer_id, candidate)
        kind: ReviewKind = "one_key_two_files" if candidate.reasons[0] in STRONG else "files_alike"
        pairs.ask(uow, kind, evidence, rule=candidate.rule or "")


def of_customer(context: Context, customer_id: str) -> CandidatePage:
    """Masked, strongest first. Raises ProblemError 404."""
    with context.database.read() as session:
        customer = customers.get(session, customer_id)
        if customer is None:
            raise ProblemError(404, "not_found", "no such customer")
        return _page(session, context, customer)


def of_visit(context: Context, visit_id: str) -> CandidatePage:
    """Of whoever came; nobody for a visit without a file. Raises ProblemError 404."""
    with context.database.read() as session:
        visit = visits.get(session, visit_id)
        if visit is None:
            raise ProblemError(404, "not_found", "no such visit")
        customer = None if visit.customer_id is None else customers.get(session, visit.customer_id)
        return CandidatePage(items=[]) if customer is None else _page(session, context, customer)


def _page(session: Session, context: Context, customer: CustomerRow) -> CandidatePage:
    found = _found(session, context.keys, customer)
    files = customers.files(session, (each.customer_id for each in found))
    cards = shown.views(session, context, files.values(), roster.names(session, context.keys))
    return CandidatePage(
        items=[
            CandidateView(
                customer=cards[each.customer_id],
                reasons=list(each.reasons),
                other_id_number=each.other_id_number,
                rule=each.rule,
                review_id=pairs.about(session, customer.customer_id, each.customer_id),
            )
            for each in found
        ]
    )


def _found(session: Session, keys: Keys, customer: CustomerRow) -> tuple[Candidate, ...]:
    own, seen = _known(session, keys, customer)
    return find(seen, _others(session, keys, seen, own))


def _known(session: Session, keys: Keys, customer: CustomerRow) -> tuple[tuple[str, ...], Marks]:
    """All files of that person, and the marks of all together."""
    own = aliases.group(session, customer.customer_id)
    others = customers.files(session, [each for each in own if each != customer.customer_id])
    return own, marks.together(marks.of_files(session, keys, [customer, *others.values()]).values())


def _others(session: Session, keys: Keys, seen: Marks, own: tuple[str, ...]) -> Mapping[str, Marks]:
    """Everybody else who shares a mark, by the file that speaks for them."""
    touched = [each for each in marks.holders(session, seen) if each not in own]
    groups = aliases.groups(session, touched)
    of_file = marks.of_files(session, keys, customers.files(session, groups).values())
    people: dict[str, list[Marks]] = {}
    for customer_id, known in of_file.items():
        people.setdefault(groups[customer_id], []).append(known)
    return {speaking: marks.together(known) for speaking, known in people.items()}


def _evidence(customer_id: str, candidate: Candidate) -> dict[str, tuple[str, ...]]:
    return {customer_id: candidate.reasons, candidate.customer_id: candidate.reasons}
