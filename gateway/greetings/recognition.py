"""Somebody who asked to be recognised stood before a camera: what it means for visits, greetings and questions."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.events import Data, Event, FaceRecognised
from contracts.gateway_api import CheckInRequest
from contracts.ids import uuid7
from gateway.alerts import service as alerts
from gateway.attribution.service import judge_visit
from gateway.checkins.arrivals import arrive
from gateway.consents import store as consents
from gateway.consents import vault
from gateway.consents.tables import ConsentRow
from gateway.context import Context
from gateway.customers import store as customers
from gateway.customers.tables import CustomerRow
from gateway.greetings import contests, ending, links, store
from gateway.greetings.domain import (
    CONSENT_STATES,
    Decision,
    Face,
    Inputs,
    KnownVisit,
    Number,
    decide,
    seen_at,
)
from gateway.greetings.tables import GreetingRow
from gateway.ingest.handlers import is_late
from gateway.offers import store as offers
from gateway.policy import PolicyConfig
from gateway.policy import store as policies
from gateway.reviews import store as reviews
from gateway.reviews.tables import ReviewRow
from gateway.visits import book, departures
from gateway.visits import store as visits
from gateway.visits.book import Sign
from gateway.visits.domain import LastVisit, Match
from gateway.visits.tables import VisitRow
from gateway.writer import UnitOfWork


@dataclass
class Arrival:
    """One recognition being worked on."""

    uow: UnitOfWork
    context: Context
    data: FaceRecognised
    seen: datetime
    consent: ConsentRow | None
    customer: CustomerRow | None
    policy: PolicyConfig
    policy_version: int

    @property
    def language(self) -> str:
        return "zh-CN" if self.consent is None else self.consent.language


def on_recognised(uow: UnitOfWork, context: Context, event: Event, data: Data) -> None:
    """Handler of `face.recognised.v1`. Every recognition is kept with the rule that judged it, also when ignored.

    Kept as an event and nothing more is what another node than the vault's says, and a person just seen there.
    """
    if not isinstance(data, FaceRecognised):
        raise TypeError(f"expected FaceRecognised, got {type(data).__name__}")
    node = event.source.split("/")[4]
    if not vault.holds(uow.session, node):
        vault.ignore(uow, event.type, node, "not_the_vault")
        return
    uow.session.flush()
    seen = seen_at(data.seen_at, event.time, uow.now, clock_synced=event.clocksync)
    if _is_repeated(uow, context, data, seen):
        uow.after_commit(lambda: vault.IGNORED.update([(event.type, "repeated")]))
        return
    version, policy = policies.current(uow.session)
    consent = consents.get(uow.session, data.consent_id)
    customer = None if consent is None else customers.get(uow.session, consent.customer_id)
    arrival = Arrival(uow, context, data, seen, consent, customer, policy, version)
    inputs = _inputs(arrival, late=is_late(event, uow.now) or is_late(event.model_copy(update={"time": seen}), uow.now))
    decision = decide(inputs, policy)
    greeting = _carry_out(arrival, decision)
    store.keep(uow, event.id, inputs, decision, None if greeting is None else greeting.greeting_id)


def _is_repeated(uow: UnitOfWork, context: Context, data: FaceRecognised, seen: datetime) -> bool:
    """Whether the last moments told this already: the same track, or one of too many of the same person."""
    rules = context.config.faces
    quiet = timedelta(seconds=rules.repeat_seconds)
    tracks = store.tracks_near(uow.session, data, seen - quiet, seen + quiet)
    return data.track in tracks or len(tracks) >= rules.repeat_tracks


# ---- what it is judged by ------------------------------------------------------------------------------------------
def _inputs(arrival: Arrival, *, late: bool) -> Inputs:
    session, data, customer = arrival.uow.session, arrival.data, arrival.customer
    read = {
        "customer_id": "" if arrival.consent is None else arrival.consent.customer_id,
        "consent": _consent_state(arrival),
        "customer_known": customer is not None,
        "track": data.track,
        "seen_at": arrival.seen,
        "late": late,
        "leaving": f"{data.node}/{data.camera}" in arrival.policy.exit_cameras,
        "policy_version": arrival.policy_version,
    }
    if customer is None:
        return Inputs.model_validate(read)
    since = arrival.uow.now - arrival.policy.greeting_time
    fresh = faces_at(arrival.uow, data.node, data.camera, since)
    last = book.last_of(session, arrival.context, customer.customer_id)
    return Inputs.model_validate(
        read
        | {
            "last": _last_visit(arrival, last),
            "back_at": book.back_at(session, arrival.policy, last, arrival.seen, 1),
            "said_not_me_at": store.said_not_me(session, customer.customer_id),
            "asked": reviews.naming(session, customer.customer_id) is not None,
            "others": tuple(face for face in fresh if face.customer_id != customer.customer_id),
            "numbers": _numbers(arrival, fresh),
        }
    )


def _consent_state(arrival: Arrival) -> CONSENT_STATES:
    consent = arrival.consent
    if consent is None or consent.person_ref != arrival.data.person_ref:
        return "unknown"
    if consent.state == "ended" or arrival.uow.now >= consent.until:
        return "ended"
    return "active" if consent.state == "active" else "granted"


def _last_visit(arrival: Arrival, last: LastVisit | None) -> KnownVisit | None:
    row = None if last is None else visits.get(arrival.uow.session, last.visit_id)
    if row is None or last is None:
        return None
    return KnownVisit(
        visit_id=row.visit_id,
        state=row.state,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        close_reason=row.close_reason,
        closes_at=last.closes_at,
        proven=row.state != "closed" and not store.is_face_alone(arrival.uow.session, row),
        last_sign_at=book.last_sign_at(arrival.uow.session, row.visit_id),
    )


def faces_at(uow: UnitOfWork, node: str, camera: str, since: datetime) -> list[Face]:
    """Who was recognised at that camera, each track of its own."""
    seen = store.seen_at_camera(uow.session, node, camera, since)
    known = {greeting.greeting_id: greeting for greeting, _ in seen}
    proven = {greeting_id for greeting_id, greeting in known.items() if _is_proven(uow, greeting)}
    tied = {greeting_id for greeting_id, greeting in known.items() if _is_tied(uow, greeting)}
    return [
        Face(
            greeting_id=greeting.greeting_id,
            customer_id=greeting.customer_id,
            track=sighting.track,
            seen_at=sighting.last_seen_at,
            proven=greeting.greeting_id in proven,
            tied=greeting.greeting_id in tied,
        )
        for greeting, sighting in seen
    ]


def _is_proven(uow: UnitOfWork, greeting: GreetingRow) -> bool:
    if greeting.state == "confirmed":
        return True
    visit = visits.get(uow.session, greeting.visit_id) if greeting.visit_id else None
    return visit is not None and not store.is_face_alone(uow.session, visit)


def _is_tied(uow: UnitOfWork, greeting: GreetingRow) -> bool:
    review = reviews.open_of_greeting(uow.session, greeting)
    return review is not None and reviews.has_number(uow.session, review.review_id)


def _numbers(arrival: Arrival, fresh: list[Face]) -> tuple[Number, ...]:
    window = arrival.policy.kiosk_face
    marks = store.marks_at(arrival.uow.session, arrival.data.node, arrival.data.camera, arrival.seen - window)
    return tuple(
        Number(
            visit_id=mark.visit_id,
            customer_id=mark.customer_id,
            at=mark.at,
            backed=any(f.customer_id == mark.customer_id and abs(f.seen_at - mark.at) <= window for f in fresh),
        )
        for mark in marks
        if mark.customer_id is not None
    )


# ---- what follows --------------------------------------------------------------------------------------------------
def _carry_out(arrival: Arrival, decision: Decision) -> GreetingRow | None:
    if decision.rule == "customer_gone":
        _ask_who(arrival)
        return None
    if arrival.customer is None or decision.action == "ignore":
        return _seen_again(arrival, decision)
    if decision.action == "leave":
        _leave(arrival, decision)
        return None
    if decision.action == "join":
        return _join(arrival, arrival.customer, decision)
    if decision.action == "ask":
        return _ask(arrival, arrival.customer, decision)
    match = Match(decision.action, decision.rule, decision.visit_id)
    greeting = _greeting(arrival, arrival.customer, decision)
    admit(arrival, greeting, arrival.customer, match, arrival.language)
    return greeting


def _leave(arrival: Arrival, decision: Decision) -> None:
    visit = visits.get(arrival.uow.session, decision.visit_id or "")
    if visit is None:
        raise LookupError(f"no visit {decision.visit_id} to leave")
    departures.seen_leaving(arrival.uow, arrival.context, visit, arrival.seen)


def _seen_again(arrival: Arrival, decision: Decision) -> GreetingRow | None:
    """Ignored; but who is asked about already is kept in sight."""
    if decision.rule != "asked_already" or arrival.customer is None:
        return None
    review = reviews.naming(arrival.uow.session, arrival.customer.customer_id)
    asked = [] if review is None else contests.faces(arrival.uow, review)
    greeting = next((g for g in asked if g.customer_id == arrival.customer.customer_id), None)
    if greeting is not None:
        store.saw(arrival.uow, greeting.greeting_id, arrival.data, arrival.seen)
        arrival.uow.changed("greetings")
    return greeting


def _greeting(arrival: Arrival, customer: CustomerRow, decision: Decision) -> GreetingRow:
    """A new greeting with its first sighting, not yet linked to a visit."""
    uow = arrival.uow
    greeting = GreetingRow(
        greeting_id=uuid7(),
        customer_id=customer.customer_id,
        consent_id=arrival.data.consent_id,
        how=decision.action,
        state="open",
        rule=decision.rule,
        opened_at=uow.now,
        linked_at=uow.now,
        expires_at=uow.now + arrival.policy.greeting_time,
        previous_visit_at=customers.figures(arrival.uow.session, customer).last_at,
        policy_version=arrival.policy_version,
    )
    ending.changed(uow, greeting)
    store.saw(uow, greeting.greeting_id, arrival.data, arrival.seen)
    return greeting


def admit(arrival: Arrival, greeting: GreetingRow, customer: CustomerRow, match: Match, language: str) -> VisitRow:
    """The greeting's customer arrives exactly as a check-in would have them arrive; the greeting is evidence of it."""
    uow, context = arrival.uow, arrival.context
    before = visits.get(uow.session, match.visit_id) if match.visit_id else None
    if before is not None and match.action == "reopen":
        greeting.undo_closed_at, greeting.undo_close_reason = before.closed_at, before.close_reason
        greeting.undo_consultant_id = before.consultant_id
    greeting.how, greeting.rule = match.action, match.rule
    visit_id = match.visit_id or uuid7()
    links.link(uow, greeting, visit_id)
    request = CheckInRequest.model_validate({"language": language, "purpose": "return_visit"})
    visit = arrive(uow, context, request, Sign("face", arrival.seen), customer, match, visit_id=visit_id)
    if match.action != "new":
        judge_visit(uow, context, visit)
    _alert(uow, context, greeting, customer, visit)
    return visit


def _alert(uow: UnitOfWork, context: Context, greeting: GreetingRow, customer: CustomerRow, visit: VisitRow) -> None:
    """Their owner and whoever serves them are told; whoever is offered the visit has an alert about that."""
    offered = {offer.consultant_id for offer in offers.pending_for(uow.session, visit_id=visit.visit_id)}
    people = {person for person in (customer.owner_id, visit.consultant_id) if person is not None} - offered
    alerts.greeted(uow, context, greeting.greeting_id, greeting.expires_at, visit.visit_id, people)


def _join(arrival: Arrival, customer: CustomerRow, decision: Decision) -> GreetingRow:
    """Their visit goes on: no second alert. A number typed and a face are two proofs of one another."""
    uow = arrival.uow
    visit = visits.get(uow.session, decision.visit_id or "")
    if visit is None:
        raise LookupError(f"no visit {decision.visit_id} to join")
    greeting = store.of_visit(uow.session, visit, customer.customer_id)
    if greeting is None:
        greeting = _greeting(arrival, customer, decision)
        links.link(uow, greeting, visit.visit_id)
        links.confirm(uow, greeting, "", decision.rule)
        match = Match("join", "visit_still_open", visit.visit_id)
        last = book.last_of(uow.session, arrival.context, customer.customer_id)
        book.arrived(uow, arrival.context, visit, Sign("face", arrival.seen), match, last, 1)
        judge_visit(uow, arrival.context, visit)
    else:
        store.saw(uow, greeting.greeting_id, arrival.data, arrival.seen)
        uow.changed("greetings")
    for rival in decision.rivals:
        found = store.get(uow.session, rival)
        if found is not None and found.state != "wrong":
            links.reject(uow, arrival.context, found, "", "track_proven_other")
    if decision.rule == "visit_proven":
        _back_number(arrival, visit)
    return greeting


def _back_number(arrival: Arrival, visit: VisitRow) -> None:
    """Whose number was typed is seen there after all: other faces, on tracks of their own, are other people."""
    uow = arrival.uow
    review = reviews.on_visit(uow.session, visit.visit_id)
    number = store.marks_at(
        uow.session, arrival.data.node, arrival.data.camera, arrival.seen - arrival.policy.kiosk_face
    )
    typed = any(m.visit_id == visit.visit_id and m.at - arrival.seen <= arrival.policy.kiosk_face for m in number)
    if review is None or not typed:
        return
    reviews.put_away(uow, review, "number_agrees")
    for other in contests.faces(uow, review):
        tracks = {(s.node, s.camera, s.track) for s in store.sightings(uow.session, other.greeting_id)}
        if (arrival.data.node, arrival.data.camera, arrival.data.track) in tracks:
            links.reject(uow, arrival.context, other, "", "track_proven_other")
        elif other.state == "open":
            _let_in(arrival, other)


def _let_in(arrival: Arrival, greeting: GreetingRow) -> None:
    uow = arrival.uow
    customer = customers.get(uow.session, greeting.customer_id)
    if customer is None:
        return
    greeting.review_id = None
    consent = consents.get(uow.session, greeting.consent_id)
    match = book.judge(uow, arrival.context, customer.customer_id, arrival.seen, 1)
    admit(arrival, greeting, customer, match, "zh-CN" if consent is None else consent.language)


def _ask(arrival: Arrival, customer: CustomerRow, decision: Decision) -> GreetingRow:
    uow = arrival.uow
    greeting = _own_greeting(arrival, customer, decision)
    if decision.kind == "face_conflict":
        visit = visits.get(uow.session, decision.visit_id or "")
        if visit is None:
            raise LookupError(f"no visit {decision.visit_id} to ask about")
        contests.against_number(uow, arrival.context, visit, [greeting])
    else:
        rivals = [found for rival in decision.rivals if (found := store.get(uow.session, rival)) is not None]
        contests.on_one_track(uow, arrival.context, [*rivals, greeting], arrival.language)
    return greeting


def _own_greeting(arrival: Arrival, customer: CustomerRow, decision: Decision) -> GreetingRow:
    """The one they have on a visit that only a face had opened, or a new one."""
    last = book.last_of(arrival.uow.session, arrival.context, customer.customer_id)
    row = None if last is None or last.state == "closed" else visits.get(arrival.uow.session, last.visit_id)
    greeting = None if row is None else store.of_visit(arrival.uow.session, row, customer.customer_id)
    if greeting is None:
        return _greeting(arrival, customer, decision)
    store.saw(arrival.uow, greeting.greeting_id, arrival.data, arrival.seen)
    return greeting


def _ask_who(arrival: Arrival) -> ReviewRow:
    """A consent whose customer's file is gone: merged or erased. Asked once."""
    review = reviews.about_consent(arrival.uow.session, arrival.data.consent_id)
    if review is None:
        review = reviews.begin(arrival.uow, "face_unknown_person", visit_id=None, consent_id=arrival.data.consent_id)
    return review
