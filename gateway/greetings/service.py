"""Answering a greeting, checking in by one, and letting them expire."""

from sqlmodel import Session

from contracts.faces_api import FaceCheckIn
from contracts.gateway_api import CheckInRequest
from gateway.auth import Principal
from gateway.checkins import service as checkins
from gateway.context import Context
from gateway.customers import store as customers
from gateway.customers.tables import CustomerRow
from gateway.greetings import ending, links, store
from gateway.greetings.domain import is_over
from gateway.greetings.screens import screen_of
from gateway.greetings.tables import GreetingRow
from gateway.greetings.views import concerns, consent_stands, shown_at
from gateway.idempotency import Answer
from gateway.policy import store as policies
from gateway.problems import ProblemError
from gateway.reviews import store as reviews
from gateway.writer import UnitOfWork

OVER = "greeting_over"


def confirm(uow: UnitOfWork, context: Context, principal: Principal, greeting_id: str) -> None:
    """It is this person. Raises ProblemError 404, 403 `not_your_greeting`, 409 `greeting_over`."""
    greeting = answerable(uow.session, context, principal, greeting_id)
    _check_consent(uow, greeting)
    if greeting.state == "wrong":
        raise ProblemError(409, OVER, "it was said that this is somebody else")
    links.confirm(uow, greeting, _who(principal), "said_so")


def wrong(uow: UnitOfWork, context: Context, principal: Principal, greeting_id: str) -> None:
    """It is somebody else: the link is taken back and the reason kept. Saying it twice is saying it once.

    Raises ProblemError 404, 403 `not_your_greeting`, 409 `greeting_over`.
    """
    greeting = answerable(uow.session, context, principal, greeting_id)
    if greeting.state == "wrong":
        return
    reason = "not_me" if principal.role == "kiosk" else f"said_by_{principal.role}"
    links.reject(uow, context, greeting, _who(principal), reason)


def check_in(uow: UnitOfWork, context: Context, principal: Principal, key: str, request: FaceCheckIn) -> Answer:
    """«That is me»: a check-in without typing the number. Raises ProblemError 404, 409 `greeting_over`, or 422
    `unknown_project`."""

    def identify() -> CustomerRow:
        greeting = answerable(uow.session, context, principal, request.greeting_id)
        _check_consent(uow, greeting)
        customer = customers.get(uow.session, greeting.customer_id)
        if greeting.state not in ("open", "confirmed") or customer is None:
            raise ProblemError(409, OVER, "this greeting is no longer open: check in by number")
        return customer

    arrival = CheckInRequest(
        language=request.language,
        party_size=request.party_size,
        name=request.name,
        purpose="return_visit",
        gate=request.gate,
        project=request.project,
    )
    return checkins.check_in_as(uow, context, principal, key, arrival, identify)


def expire(uow: UnitOfWork, context: Context) -> int:
    """Greetings that nobody answered, and questions nobody did. Returns how many."""
    _, policy = policies.current(uow.session)
    greetings = store.overdue(uow.session, uow.now)
    for greeting in greetings:
        greeting.state = "expired"
        ending.changed(uow, greeting)
    questions = reviews.overdue(uow.session, uow.now - policy.review_time)
    for review in questions:
        reviews.put_away(uow, review, "unanswered")
    return len(greetings) + len(questions)


def is_due(session: Session, context: Context) -> bool:
    """Whether `expire` has something to do."""
    _, policy = policies.current(session)
    now = context.clock()
    return bool(store.overdue(session, now) or reviews.overdue(session, now - policy.review_time))


def answerable(session: Session, context: Context, principal: Principal, greeting_id: str) -> GreetingRow:
    """The greeting, where this screen or person may answer it now. Raises ProblemError 404, 403, 409."""
    greeting = store.get(session, greeting_id)
    if greeting is None or customers.get(session, greeting.customer_id) is None:
        raise ProblemError(404, "not_found", "no such greeting")
    if principal.role == "kiosk":
        _check_kiosk(session, context, principal, greeting)
    elif not concerns(session, principal, greeting):
        raise ProblemError(403, "not_your_greeting", "only the owner and who was offered the visit may answer")
    return greeting


def _check_kiosk(session: Session, context: Context, principal: Principal, greeting: GreetingRow) -> None:
    """A kiosk answers for who stands before its own camera now, or said «that is me» there and is being asked more."""
    screen = screen_of(context, principal)
    seen = store.sightings(session, greeting.greeting_id)
    if screen.camera is None or all((s.node, s.camera) != (screen.node, screen.camera) for s in seen):
        raise ProblemError(404, "not_found", "no such greeting at this screen")
    if greeting.state == "confirmed" and greeting.decided_by == principal.device_id:
        stands = not is_over(greeting.expires_at, context.clock())
    else:
        stands = greeting.state != "expired" and shown_at(session, context, greeting, screen) is not None
    if not stands:
        raise ProblemError(409, OVER, "this greeting is no longer open: check in by number")


def _check_consent(uow: UnitOfWork, greeting: GreetingRow) -> None:
    """Who took their consent back is not recognised any more. Saying that it was somebody else needs no consent."""
    if not consent_stands(uow.session, greeting):
        raise ProblemError(409, OVER, "this person is no longer recognised: check in by number")


def _who(principal: Principal) -> str:
    return principal.person_id or principal.device_id or ""
