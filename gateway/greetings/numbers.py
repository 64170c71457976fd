"""Somebody says who they are at a screen where faces are recognised: by number, or by touching «that is me»."""

from dataclasses import dataclass
from typing import Literal

from contracts.ids import uuid7
from gateway.asking import put
from gateway.attribution.service import judge_visit
from gateway.context import Context
from gateway.customers.tables import CustomerRow
from gateway.greetings import contests, links, store
from gateway.greetings.domain import NumberDecision, NumberInputs, weigh_number
from gateway.greetings.recognition import faces_at
from gateway.greetings.screens import Screen
from gateway.greetings.tables import CheckInMark, GreetingRow
from gateway.policy import store as policies
from gateway.reviews import store as reviews
from gateway.visits import book
from gateway.visits import links as visit_links
from gateway.visits import store as visits
from gateway.visits.tables import VisitRow
from gateway.writer import UnitOfWork

Proof = Literal["number", "face"]


@dataclass(frozen=True, slots=True)
class Claim:
    """What a customer showed at a screen, and what that says of the faces seen there."""

    mark_id: str
    customer: CustomerRow
    screen: Screen
    proof: Proof
    inputs: NumberInputs
    decision: NumberDecision


def weigh(uow: UnitOfWork, context: Context, customer: CustomerRow, screen: Screen, proof: Proof) -> Claim:
    """Before the arrival is matched: questions that the claim answers are put away; their unknown party is theirs.

    Whoever was about to receive a face that the claim contradicts is free again, and may be offered this arrival.
    """
    uow.session.flush()
    version, policy = policies.current(uow.session)
    faces = []
    if screen.node is not None and screen.camera is not None:
        faces = faces_at(uow, screen.node, screen.camera, uow.now - policy.kiosk_face)
    inputs = NumberInputs(
        customer_id=customer.customer_id, at=uow.now, proof=proof, faces=tuple(faces), policy_version=version
    )
    decision = weigh_number(inputs, policy)
    for greeting in _greetings(uow, decision.agreeing):
        _answer_question(uow, context, greeting, customer)
    for greeting in _greetings(uow, decision.set_aside):
        if greeting.state != "wrong":
            links.reject(uow, context, greeting, "", "track_proven_other")
    for greeting in _greetings(uow, decision.contradicting):
        contests.hold(uow, context, greeting)
    return Claim(uuid7(), customer, screen, proof, inputs, decision)


def settle(uow: UnitOfWork, context: Context, visit: VisitRow, claim: Claim) -> None:
    """After the arrival: the check-in is kept, agreeing faces are confirmed, contradicting ones become a question."""
    _mark(uow, visit, claim)
    own = store.of_visit(uow.session, visit, claim.customer.customer_id)
    agreeing = _greetings(uow, claim.decision.agreeing)
    for greeting in agreeing if own is None else [own, *agreeing]:
        links.link(uow, greeting, visit.visit_id)
        links.confirm(uow, greeting, "", f"{claim.proof}_agrees")
    contradicting = _greetings(uow, claim.decision.contradicting)
    if contradicting:
        contests.against_number(uow, context, visit, contradicting)
    if own is not None or agreeing:
        judge_visit(uow, context, visit)
    store.keep(uow, claim.mark_id, claim.inputs, claim.decision, None if own is None else own.greeting_id)


def mark_unnamed(uow: UnitOfWork, visit: VisitRow, screen: Screen) -> None:
    """Somebody took a number without saying who they are."""
    row = CheckInMark(
        mark_id=uuid7(),
        visit_id=visit.visit_id,
        device_id=screen.device_id,
        node=screen.node,
        camera=screen.camera,
        at=uow.now,
        proof="none",
    )
    uow.session.add(row)


def _mark(uow: UnitOfWork, visit: VisitRow, claim: Claim) -> None:
    put(
        uow.session,
        CheckInMark,
        mark_id=claim.mark_id,
        visit_id=visit.visit_id,
        customer_id=claim.customer.customer_id,
        device_id=claim.screen.device_id,
        node=claim.screen.node,
        camera=claim.screen.camera,
        at=uow.now,
        proof=claim.proof,
    )


def _answer_question(uow: UnitOfWork, context: Context, greeting: GreetingRow, customer: CustomerRow) -> None:
    review = reviews.open_of_greeting(uow.session, greeting)
    if review is None:
        return
    contests.explained(uow, context, greeting)
    visit = visits.get(uow.session, review.visit_id) if review.visit_id else None
    last = book.last_of(uow.session, context, customer.customer_id)
    if visit is None or visit.customer_id is not None or visit.state == "closed":
        return
    if last is not None and last.state != "closed":
        if visit_links.is_untouched(visit):
            visit_links.close_mistaken(uow, context, visit, "joined_other_visit")
        return
    visit_links.adopt_customer(uow, context, visit, customer)
    greeting.how = "new"
    links.link(uow, greeting, visit.visit_id)


def _greetings(uow: UnitOfWork, ids: tuple[str, ...]) -> list[GreetingRow]:
    found = (store.get(uow.session, greeting_id) for greeting_id in ids)
    return [greeting for greeting in found if greeting is not None]
