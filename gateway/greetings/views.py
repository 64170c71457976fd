"""Greetings as each viewer may see them: people their own, kiosks a family name seen by their own camera."""

from datetime import datetime

from sqlmodel import Session

from contracts.faces_api import Greeting, GreetingList, KioskGreeting, KioskGreetingList
from gateway.auth import Principal
from gateway.consents import store as consents
from gateway.context import Context
from gateway.customers import aliases, shown
from gateway.customers import store as customers
from gateway.customers.tables import CustomerRow
from gateway.greetings import store
from gateway.greetings.domain import at_kiosk, is_over
from gateway.greetings.names import family_name
from gateway.greetings.screens import Screen, screen_of
from gateway.greetings.tables import GreetingRow, SightingRow
from gateway.offers import store as offers
from gateway.policy import store as policies
from gateway.roster import store as roster
from gateway.visits import store as visits


def read(context: Context, principal: Principal) -> GreetingList | KioskGreetingList:
    """What `GET /v1/greetings` and the live topic show."""
    with context.database.read() as session:
        if principal.role == "kiosk":
            return KioskGreetingList(items=_for_kiosk(session, context, screen_of(context, principal)))
        return GreetingList(items=_for_people(session, context, principal))


def one(context: Context, principal: Principal, greeting_id: str) -> Greeting | KioskGreeting:
    """The greeting just answered. Raises LookupError for an unknown one."""
    with context.database.read() as session:
        greeting = store.get(session, greeting_id)
        customer = None if greeting is None else customers.get(session, greeting.customer_id)
        if greeting is None or customer is None:
            raise LookupError(f"no greeting {greeting_id}")
        if principal.role == "kiosk":
            return _in_public(context, greeting, customer, store.sightings(session, greeting_id)[0])
        return _view(session, context, principal, greeting, customer, roster.names(session, context.keys))


def concerns(session: Session, principal: Principal, greeting: GreetingRow) -> bool:
    """Whether this person may see it: the customer's owner, and whoever was offered or receives the visit."""
    if principal.role != "consultant":
        return True
    me = principal.person_id
    customer = customers.get(session, greeting.customer_id)
    if customer is not None and customer.owner_id == me:
        return True
    visit = visits.get(session, greeting.visit_id) if greeting.visit_id else None
    if visit is None or visit.customer_id not in aliases.group(session, greeting.customer_id):
        return False
    offered = {o.consultant_id for o in offers.of_visit(session, visit.visit_id) if o.state in ("pending", "accepted")}
    return me in {visit.consultant_id, visit.owner_id} | offered


def shown_at(session: Session, context: Context, greeting: GreetingRow, screen: Screen) -> SightingRow | None:
    """The sighting by that screen's own camera that is fresh enough to speak to whoever stands there."""
    _, policy = policies.current(session)
    now = context.clock()
    return next(
        (
            sighting
            for sighting in store.sightings(session, greeting.greeting_id)
            if (sighting.node, sighting.camera) == (screen.node, screen.camera)
            and at_kiosk(sighting.last_seen_at, now, policy.kiosk_face)
        ),
        None,
    )


def left_a_kiosk(session: Session, after: datetime, now: datetime) -> bool:
    """Whether a greeting stopped speaking to whoever stood before a kiosk, after that time and until now."""
    _, policy = policies.current(session)
    return store.seen_between(session, after - policy.kiosk_face, now - policy.kiosk_face)


def _for_kiosk(session: Session, context: Context, screen: Screen) -> list[KioskGreeting]:
    if screen.camera is None:
        return []
    items = []
    for greeting, customer in _live(session, context):
        sighting = shown_at(session, context, greeting, screen) if greeting.state == "open" else None
        if sighting is not None:
            items.append(_in_public(context, greeting, customer, sighting))
    return sorted(items, key=lambda item: (item.seen_at, item.greeting_id), reverse=True)


def _for_people(session: Session, context: Context, principal: Principal) -> list[Greeting]:
    names = roster.names(session, context.keys)
    return [
        _view(session, context, principal, greeting, customer, names)
        for greeting, customer in _live(session, context)
        if concerns(session, principal, greeting)
    ]


def _live(session: Session, context: Context) -> list[tuple[GreetingRow, CustomerRow]]:
    """Alerts of the last minutes whose customer still wants to be recognised."""
    _, policy = policies.current(session)
    now = context.clock()
    rows = [g for g in store.recent(session, now - policy.greeting_time) if not is_over(g.expires_at, now)]
    people = customers.by_ids(session, {g.customer_id for g in rows})
    return [(g, people[g.customer_id]) for g in rows if g.customer_id in people and consent_stands(session, g)]


def consent_stands(session: Session, greeting: GreetingRow) -> bool:
    """Whether whom it greets still wants to be recognised."""
    consent = consents.get(session, greeting.consent_id)
    return consent is not None and consent.state == "active"


def _in_public(context: Context, greeting: GreetingRow, customer: CustomerRow, sighting: SightingRow) -> KioskGreeting:
    name = customers.secrets(context.keys, customer).name
    return KioskGreeting(greeting_id=greeting.greeting_id, family_name=family_name(name), seen_at=sighting.last_seen_at)


def _view(
    session: Session,
    context: Context,
    principal: Principal,
    greeting: GreetingRow,
    customer: CustomerRow,
    names: dict[str, str],
) -> Greeting:
    newest = store.sightings(session, greeting.greeting_id)[0]
    return Greeting.model_validate(
        {
            "greeting_id": greeting.greeting_id,
            "state": greeting.state,
            "seen_at": newest.last_seen_at,
            "node": newest.node,
            "camera": newest.camera,
            "score": newest.score,
            "threshold": newest.threshold,
            "customer": shown.view(session, context, customer, names),
            "visit_id": greeting.visit_id,
            "owner_id": customer.owner_id,
            "owner_name": names.get(customer.owner_id or ""),
            "last_visit_at": greeting.previous_visit_at,
            "mine": principal.person_id is not None and customer.owner_id == principal.person_id,
        }
    )
