"""Offering visits, and what ends an offer. All of it runs in the writer, so of two that race exactly one wins."""

from datetime import datetime

from sqlmodel import Session

from contracts.gateway_api import AwayReason, TurnOrder
from contracts.ids import uuid7
from gateway.alerts import service as alerts
from gateway.context import Context
from gateway.localtime import local_day
from gateway.offers import store
from gateway.offers.tables import OfferRow
from gateway.policy import PolicyConfig
from gateway.policy import store as policies
from gateway.problems import ProblemError
from gateway.rota import decisions
from gateway.rota import store as rota
from gateway.rota.domain import LADDER, decide
from gateway.rota.model import Decision, Inputs, Override
from gateway.rota.standing import Standing, inputs_of, read_inputs
from gateway.visits import store as visits
from gateway.visits.tables import VisitRow
from gateway.writer import UnitOfWork

OFFER_LOST = "offer_lost"


def dispatch(uow: UnitOfWork, context: Context, newcomer: VisitRow | None = None) -> None:
    """Offer waiting visits, longest waiting first, for as long as somebody is free, and escalate what nobody accepted.

    A newcomer who finds nobody free gets the decision to wait, so that "why not me?" has an answer from the start.
    """
    uow.session.flush()
    day = local_day(uow.now, context.timezone)
    found: Standing | None = None
    waiting = visits.in_state(uow.session, "waiting")
    asked = store.asked_before(uow.session, [visit.visit_id for visit in waiting]) | set(
        decisions.escalated(uow.session)
    )
    for visit in waiting:
        found = found or Standing.read(uow.session, context, day)
        if (found.anyone_free or visit.visit_id in asked) and _offer_visit(uow, context, visit, found):
            found = None
    if (
        newcomer is not None
        and newcomer.state == "waiting"
        and not decisions.was_decided(uow.session, newcomer.visit_id)
    ):
        _offer_visit(uow, context, newcomer, found or Standing.read(uow.session, context, day))


def _offer_visit(uow: UnitOfWork, context: Context, visit: VisitRow, found: Standing) -> bool:
    """Ask the rota and make the offers it decides. True when it offers.

    Keeps the decision when it offers, when it is the visit's first, and when it is a step up the ladder.
    """
    _, policy = policies.current(uow.session)
    inputs = inputs_of(uow.session, context, uow.now, visit, found)
    decision = decide(inputs, policy)
    offers = [_offer(uow, inputs, consultant_id, decision, policy, found.day) for consultant_id in decision.chosen]
    steps_up = decision.rule in LADDER and decision.rule not in {step.rule for step in inputs.request.steps}
    if offers or steps_up or not decisions.was_decided(uow.session, visit.visit_id):
        decision_id = decisions.keep(uow, inputs, decision, offers[0].offer_id if offers else None)
        made = {offer.consultant_id: (offer.offer_id, offer.expires_at) for offer in offers}
        alerts.turned(uow, context, visit, decision_id, decision.rule, decision.candidates, made)
    if steps_up:
        visits.record(uow, visit)
    if offers:
        _follow(uow, visit.visit_id, decision, found.day)
        visit.state = "offered"
        for offer in offers:
            store.record(uow, offer)
        visits.record(uow, visit)
    return bool(offers)


def _follow(uow: UnitOfWork, visit_id: str, decision: Decision, day: str) -> None:
    """Move the order as the decision says, and put down whose turn was lost by being absent."""
    rota.apply(uow, day, visit_id, decision)
    for consultant_id in decision.lost:
        lost = _turn(uow, visit_id, consultant_id, decision, day, state="lost", rule=decisions.LOST_ABSENT)
        store.record(uow, lost)


def _offer(
    uow: UnitOfWork, inputs: Inputs, consultant_id: str, decision: Decision, policy: PolicyConfig, day: str
) -> OfferRow:
    offer = _turn(uow, inputs.request.visit_id, consultant_id, decision, day, state="pending", rule=decision.rule)
    offer.decided_at = None
    offer.expires_at = uow.now + policy.offer_time
    return offer


def _turn(
    uow: UnitOfWork, visit_id: str, consultant_id: str, decision: Decision, day: str, *, state: str, rule: str
) -> OfferRow:
    return OfferRow(
        offer_id=uuid7(),
        visit_id=visit_id,
        consultant_id=consultant_id,
        day=day,
        state=state,
        offered_at=uow.now,
        expires_at=uow.now,
        decided_at=uow.now,
        uses_turn=decision.uses_turn,
        turn_order=decision.order,
        to_all=rule == "rota.all_free",
        rule=rule,
    )


def give(uow: UnitOfWork, context: Context, visit: VisitRow, override: Override) -> None:
    """Somebody's word instead of the rota's: what is pending ends, and the decision is kept with its reason.

    The caller lets the consultant begin and dispatches.
    """
    withdraw(uow, visit.visit_id)
    take_back(uow, override.consultant_id)
    uow.session.flush()
    _, policy = policies.current(uow.session)
    inputs = read_inputs(uow.session, context, uow.now, visit, override)
    decision = decide(inputs, policy)
    day = local_day(uow.now, context.timezone)
    taken = None
    if decision.uses_turn:
        taken = _turn(uow, visit.visit_id, override.consultant_id, decision, day, state="accepted", rule=decision.rule)
        store.record(uow, taken)
    decisions.keep(uow, inputs, decision, None if taken is None else taken.offer_id)
    _follow(uow, visit.visit_id, decision, day)


def return_turn(uow: UnitOfWork, visit_id: str, person_id: str) -> bool:
    """The visit used no turn after all: who received it is at the head of the order again. False without a turn."""
    offer = store.accepted(uow.session, visit_id, person_id)
    if offer is None or not offer.uses_turn:
        return False
    offer.uses_turn = False
    store.record(uow, offer)
    rota.to_head(uow, offer.day, person_id, _order(offer))
    return True


def accept(uow: UnitOfWork, offer_id: str, person_id: str) -> OfferRow:
    """The offer is taken; whoever else was asked is told it is gone. Accepting twice is accepting once.

    Raises ProblemError 404, or 409 `offer_lost` when it expired, was declined, or somebody else was quicker.
    """
    offer = own(uow, offer_id, person_id)
    if offer.state == "accepted":
        return offer
    if offer.state != "pending" or uow.now >= offer.expires_at:
        raise ProblemError(409, OFFER_LOST, "the offer is no longer open")
    _end(uow, offer, "accepted")
    withdraw(uow, offer.visit_id)
    return offer


def decline(uow: UnitOfWork, context: Context, offer_id: str, person_id: str, reason: str) -> None:
    """Raises ProblemError 404, or 409 `offer_lost` when it had ended otherwise. Declining twice is declining once."""
    offer = own(uow, offer_id, person_id)
    if offer.state == "declined":
        return
    if offer.state != "pending":
        raise ProblemError(409, OFFER_LOST, "the offer is no longer open")
    offer.decline_reason = reason
    _end(uow, offer, "declined")
    _wait_again(uow, offer.visit_id)
    dispatch(uow, context)


def decline_pending(uow: UnitOfWork, person_id: str, reason: AwayReason | None) -> None:
    """Who goes away or signs out gives back what was on their tablet. The caller dispatches."""
    for offer in store.pending_for(uow.session, person_id=person_id):
        offer.decline_reason = reason or "other"
        _end(uow, offer, "declined")
        _wait_again(uow, offer.visit_id)


def expire(uow: UnitOfWork, context: Context) -> int:
    """Every offer past its deadline is lost and the next is called; what the manager left goes to the reception.

    Returns how many offers were lost.
    """
    overdue = store.overdue(uow.session, uow.now)
    for offer in overdue:
        _end(uow, offer, "lost")
    for visit_id in {offer.visit_id for offer in overdue}:
        _wait_again(uow, visit_id)
    if overdue or left_by_manager(uow.session, uow.now):
        dispatch(uow, context)
    return len(overdue)


def is_due(session: Session, now: datetime) -> bool:
    """Whether an offer has run out, or the manager's time with a visit has."""
    deadline = store.next_deadline(session)
    return (deadline is not None and deadline <= now) or left_by_manager(session, now)


def left_by_manager(session: Session, now: datetime) -> bool:
    _, policy = policies.current(session)
    return any(
        step.rule == "rota.manager" and now >= step.at + policy.manager_time
        for step in decisions.escalated(session).values()
    )


def withdraw(uow: UnitOfWork, visit_id: str) -> None:
    """End the visit's pending offers. Who had a turn taken back by it is owed one (补接)."""
    alerts.answered(uow, visit_id)
    for offer in store.pending_for(uow.session, visit_id=visit_id):
        _end(uow, offer, "withdrawn")
        if offer.uses_turn:
            _owe(uow, offer)


def take_back(uow: UnitOfWork, person_id: str) -> None:
    """What is pending with somebody who is given another visit goes back into the line. The caller dispatches."""
    for offer in store.pending_for(uow.session, person_id=person_id):
        _end(uow, offer, "withdrawn")
        if offer.uses_turn:
            _owe(uow, offer)
        _wait_again(uow, offer.visit_id)


def own(uow: UnitOfWork, offer_id: str, person_id: str) -> OfferRow:
    """Raises ProblemError 404 when there is no such offer, 403 when it is somebody else's."""
    offer = store.get(uow.session, offer_id)
    if offer is None:
        raise ProblemError(404, "not_found", "no such offer")
    if offer.consultant_id != person_id:
        raise ProblemError(403, "not_your_offer", "this offer was made to somebody else")
    return offer


def _end(uow: UnitOfWork, offer: OfferRow, state: str) -> None:
    offer.state = state
    offer.decided_at = uow.now
    store.record(uow, offer)
    alerts.subject_ended(
        uow, "offer", offer.offer_id, offer.consultant_id if state in ("accepted", "declined") else None
    )


def _wait_again(uow: UnitOfWork, visit_id: str) -> None:
    visit = visits.get(uow.session, visit_id)
    if visit is None or visit.state != "offered" or store.pending_for(uow.session, visit_id=visit_id):
        return
    visit.state = "waiting"
    visits.record(uow, visit)


def _owe(uow: UnitOfWork, offer: OfferRow) -> None:
    rota.owe(uow, offer.consultant_id, offer.visit_id, _order(offer))


def _order(offer: OfferRow) -> TurnOrder:
    return "channel" if offer.turn_order == "channel" else "walk_in"
