"""Offering visits, and what ends an offer. All of it runs in the writer, so of two that race exactly one wins."""

from contracts.gateway_api import AwayReason
from contracts.ids import uuid7
from gateway.context import Context
from gateway.localtime import local_day
from gateway.offers import store
from gateway.offers.tables import OfferRow
from gateway.policy import PolicyConfig
from gateway.policy import store as policies
from gateway.problems import ProblemError
from gateway.rota import store as rota
from gateway.rota.domain import Decision, Inputs, Request, Seat, decide
from gateway.visits import store as visits
from gateway.visits.tables import VisitRow
from gateway.writer import UnitOfWork

OFFER_LOST = "offer_lost"


def dispatch(uow: UnitOfWork, context: Context, newcomer: VisitRow | None = None) -> None:
    """Offer waiting visits, longest waiting first, for as long as somebody is free.

    A newcomer who finds nobody free gets the decision to wait, so that "why not me?" has an answer from the start.
    """
    uow.session.flush()
    day = local_day(uow.now, context.timezone)
    for visit in visits.in_state(uow.session, "waiting"):
        seats = rota.seats(uow.session, day)
        if any(seat.state == "free" for seat in seats):
            _offer_visit(uow, context, visit, seats)
        else:
            break
    if newcomer is not None and newcomer.state == "waiting" and not rota.was_decided(uow.session, newcomer.visit_id):
        _offer_visit(uow, context, newcomer, rota.seats(uow.session, day))


def _offer_visit(uow: UnitOfWork, context: Context, visit: VisitRow, seats: list[Seat]) -> None:
    """Ask the rota and make the offers it decides. Keeps the decision when it offers, or is the visit's first."""
    version, policy = policies.current(uow.session)
    day = local_day(uow.now, context.timezone)
    inputs = Inputs(
        request=_request(uow, visit),
        seats=tuple(seats),
        now=uow.now,
        local_time=uow.now.astimezone(context.timezone).time(),
        policy_version=version,
    )
    decision = decide(inputs, policy)
    offers = [_offer(uow, visit, consultant_id, decision, policy, day) for consultant_id in decision.chosen]
    if offers or not rota.was_decided(uow.session, visit.visit_id):
        rota.keep(uow, inputs, decision, offers[0].offer_id if offers else None)
    if offers:
        rota.apply(uow, day, visit.visit_id, decision)
        visit.state = "offered"
        for offer in offers:
            store.record(uow, offer)
        visits.record(uow, visit)


def _offer(
    uow: UnitOfWork, visit: VisitRow, consultant_id: str, decision: Decision, policy: PolicyConfig, day: str
) -> OfferRow:
    return OfferRow(
        offer_id=uuid7(),
        visit_id=visit.visit_id,
        consultant_id=consultant_id,
        day=day,
        state="pending",
        offered_at=uow.now,
        expires_at=uow.now + policy.offer_time,
        uses_turn=decision.uses_turn,
        to_all=decision.rule == "rota.all_free",
        rule=decision.rule,
    )


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
    """Every offer past its deadline is lost and the next is called. Returns how many were."""
    overdue = store.overdue(uow.session, uow.now)
    for offer in overdue:
        _end(uow, offer, "lost")
    for visit_id in {offer.visit_id for offer in overdue}:
        _wait_again(uow, visit_id)
    if overdue:
        dispatch(uow, context)
    return len(overdue)


def withdraw(uow: UnitOfWork, visit_id: str) -> None:
    """End the visit's pending offers. Who had a turn taken back by it is owed one (补接)."""
    for offer in store.pending_for(uow.session, visit_id=visit_id):
        _end(uow, offer, "withdrawn")
        if offer.uses_turn:
            rota.owe(uow, offer.consultant_id, visit_id)


def take_back(uow: UnitOfWork, person_id: str) -> None:
    """What is pending with somebody who is given another visit goes back into the line. The caller dispatches."""
    for offer in store.pending_for(uow.session, person_id=person_id):
        _end(uow, offer, "withdrawn")
        if offer.uses_turn:
            rota.owe(uow, person_id, offer.visit_id)
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


def _wait_again(uow: UnitOfWork, visit_id: str) -> None:
    visit = visits.get(uow.session, visit_id)
    if visit is None or visit.state != "offered" or store.pending_for(uow.session, visit_id=visit_id):
        return
    visit.state = "waiting"
    visits.record(uow, visit)


def _request(uow: UnitOfWork, visit: VisitRow) -> Request:
    return Request(
        visit_id=visit.visit_id,
        owner_id=visit.owner_id,
        returning_to=visit.returning_to,
        asked_for=visit.asked_for,
        asked=rota.asks(uow.session, visit.visit_id),
    )
