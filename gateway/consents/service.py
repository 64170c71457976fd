"""A visitor's answer, and every way a consent ends other than being taken back."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import uuid4

from sqlmodel import Session

from contracts.faces_api import ConsentAnswer, ConsentRequest, ConsentText, ConsentView, EndCause, FaceAnswer
from contracts.gateway_api import Language
from contracts.ids import uuid7
from gateway.asking import put_over
from gateway.auth import Principal
from gateway.consents import book, nodes, orders, store, texts
from gateway.consents.domain import Asking, face_answer, is_over, kept_until, never_enrolled, still_asking
from gateway.consents.tables import ConsentRow, KioskCheckIn, RefusalRow
from gateway.context import Context
from gateway.customers import store as customers
from gateway.customers.tables import CustomerRow
from gateway.greetings import store as sightings
from gateway.idempotency import Answer, once
from gateway.localtime import local_day
from gateway.problems import ProblemError
from gateway.visits import store as visits
from gateway.withdrawals import service as withdrawals
from gateway.writer import UnitOfWork

BATCH = 200
SETTLE_AFTER = timedelta(days=30)
"""Nodes that were away longer compare digests and begin anew, so they need not be told one by one."""
FORGET_CHECKINS = timedelta(days=1)


def text_in_force(context: Context, language: Language) -> ConsentText:
    config = context.config
    return texts.in_force(language, office_name=config.named(language), retention_days=config.faces.retention_days)


def checked_in(
    uow: UnitOfWork,
    context: Context,
    principal: Principal,
    visit_id: str,
    customer: CustomerRow | None,
    *,
    proven: bool,
) -> FaceAnswer:
    """Remember at which screen, and say whether it may ask. The answer is part of the check-in's.

    `proven`: not by a number that anybody may type, but by a greeted face.
    """
    if principal.device_id is not None:
        put_over(uow.session, KioskCheckIn, visit_id=visit_id, device_id=principal.device_id, at=uow.now)
    if customer is None or customer.phone_index is None:
        return face_answer(Asking(has_number=False, proven=False, enrolled=False, refused=False, camera=False))
    consent = book.live(uow.session, customer.customer_id)
    return face_answer(
        Asking(
            has_number=True,
            proven=proven,
            enrolled=consent is not None and consent.state == "active",
            refused=refused_today(uow, context, visit_id, customer),
            camera=nodes.can_enrol(uow.session, context, principal.device_id),
        )
    )


def refused_today(uow: UnitOfWork, context: Context, visit_id: str, customer: CustomerRow | None) -> bool:
    """Whether this visit, or whoever gave this number, said no today."""
    day = local_day(uow.now, context.timezone)
    phone_index = None if customer is None else customer.phone_index
    return store.refused(uow.session, day, visit_id, phone_index or "")


def answer(uow: UnitOfWork, context: Context, principal: Principal, key: str, request: ConsentRequest) -> Answer:
    """The visitor's yes or no, once per key.

    Raises ProblemError 404, 403 `not_your_checkin`, 409 `checkin_too_old`, `refused_today`, `text_superseded`,
    `face_unavailable`, 422 `guardian_needed`, `phone_needed`.
    """
    scope = f"consent:{principal.device_id or principal.person_id}"
    return once(
        uow,
        context.keys,
        scope=scope,
        key=key,
        work=lambda: _answer(uow, context, principal, request),
        request=request,
    )


def _answer(uow: UnitOfWork, context: Context, principal: Principal, request: ConsentRequest) -> ConsentAnswer:
    """A no wins over a yes, whichever was first."""
    customer, device_id = _visitor(uow, context, principal, request.visit_id)
    if request.answer == "no":
        _refuse(uow, context, principal, request.visit_id, customer)
        return ConsentAnswer(face="refused")
    text = text_in_force(context, request.language)
    _check_yes(uow, context, principal, request, customer, device_id, text)
    consent = _grant(uow, context, principal, request, customer, device_id, text)
    return ConsentAnswer(face="ask", consent=store.view(consent))


def _visitor(uow: UnitOfWork, context: Context, principal: Principal, visit_id: str) -> tuple[CustomerRow, str]:
    """Whose check-in it is, and the screen it was made at."""
    visit = visits.get(uow.session, visit_id)
    checkin = uow.session.get(KioskCheckIn, visit_id)
    if visit is None or (checkin is None and principal.role == "kiosk"):
        raise ProblemError(404, "not_found", "no such check-in")
    if principal.role == "kiosk" and checkin is not None and checkin.device_id != principal.device_id:
        raise ProblemError(403, "not_your_checkin", "this visitor checked in at another screen")
    at = visit.opened_at if checkin is None else checkin.at
    if not still_asking(at, uow.now, context.config.faces.ask_minutes):
        raise ProblemError(409, "checkin_too_old", "the visitor is asked right after checking in, or not at all")
    customer = None if visit.customer_id is None else customers.get(uow.session, visit.customer_id)
    if customer is None or customer.phone_index is None:
        raise ProblemError(422, "phone_needed", "without a number nobody could take the consent back")
    return customer, checkin.device_id if checkin is not None else principal.device_id or ""


def _refuse(uow: UnitOfWork, context: Context, principal: Principal, visit_id: str, customer: CustomerRow) -> None:
    day = local_day(uow.now, context.timezone)
    row = RefusalRow(day=day, visit_id=visit_id, phone_index=customer.phone_index or "", at=uow.now)
    uow.session.merge(row)
    book.note(uow, "consent.refused", by=book.who(principal))
    _take_back_yes(uow, context, principal, visit_id, customer)
    uow.changed("floor")


def _take_back_yes(
    uow: UnitOfWork, context: Context, principal: Principal, visit_id: str, customer: CustomerRow
) -> None:
    """The no ends what an earlier yes began.

    Not a template of an earlier visit: at a kiosk anybody may type that number. It is deleted by code, or by staff.
    """
    consent = book.live(uow.session, customer.customer_id)
    if consent is None:
        return
    theirs = consent.visit_id == visit_id or _is_proven(uow.session, principal, visit_id, customer)
    if consent.state == "active" and principal.role == "kiosk" and not theirs:
        return
    orders.stop(uow, context, consent.consent_id)
    if store.may_have_template(uow.session, consent):
        withdrawals.open_for(uow, context, customer.customer_id, [consent], "withdrawn", principal)
    else:
        book.end(uow, context, consent, "cancelled", by=book.who(principal))


def _is_proven(session: Session, principal: Principal, visit_id: str, customer: CustomerRow) -> bool:
    """Staff know whom they serve; at a kiosk only a greeted face whose last word was «that is me» is proof."""
    if principal.role != "kiosk":
        return True
    mark = sightings.last_mark(session, visit_id)
    return mark is not None and (mark.proof, mark.device_id, mark.customer_id) == (
        "face",
        principal.device_id,
        customer.customer_id,
    )


def _check_yes(
    uow: UnitOfWork,
    context: Context,
    principal: Principal,
    request: ConsentRequest,
    customer: CustomerRow,
    device_id: str,
    text: ConsentText,
) -> None:
    if refused_today(uow, context, request.visit_id, customer):
        raise ProblemError(409, "refused_today", "the visitor said no today; nobody asks again before tomorrow")
    if request.text_version != text.version:
        raise ProblemError(409, "text_superseded", f"the text in force is {text.version}: show that one")
    if request.under_14 and request.guardian is None:
        raise ProblemError(422, "guardian_needed", "for a child under 14 a guardian consents (PIPL art. 31)")
    before = book.live(uow.session, customer.customer_id)
    replaces = before is not None and before.state == "active"
    stranger = replaces and not _is_proven(uow.session, principal, request.visit_id, customer)
    if stranger or not nodes.can_enrol(uow.session, context, device_id):
        raise ProblemError(409, "face_unavailable", "this visitor cannot be enrolled at this screen now")


def _grant(
    uow: UnitOfWork,
    context: Context,
    principal: Principal,
    request: ConsentRequest,
    customer: CustomerRow,
    device_id: str,
    text: ConsentText,
) -> ConsentRow:
    before = book.live(uow.session, customer.customer_id)
    if before is not None:
        end(uow, context, before, "replaced", principal)
    consent_id = uuid7()
    guardian = request.guardian if request.under_14 else None  # nobody else's name is asked for, so none is kept
    consent = ConsentRow(
        consent_id=consent_id,
        person_ref=str(uuid4()),
        customer_id=customer.customer_id,
        visit_id=request.visit_id,
        device_id=device_id,
        text_version=text.version,
        text_sha256=text.sha256,
        language=request.language,
        given_at=uow.now,
        until=kept_until(
            customers.figures(uow.session, customer).last_at or uow.now, context.config.faces.retention_days
        ),
        state="granted",
        under_14=request.under_14,
        guardian=None if guardian is None else store.seal_guardian(context.keys, consent_id, guardian),
        version=0,
    )
    store.keep_text(uow.session, text, uow.now)
    book.enter(uow, context, consent)
    facts = f"text={text.version} sha256={text.sha256} language={text.language} guardian={guardian is not None}"
    book.note(uow, "consent.given", consent_id, by=book.who(principal), facts=facts)
    uow.changed("floor")
    return consent


def end(
    uow: UnitOfWork, context: Context, consent: ConsentRow, cause: EndCause, principal: Principal | None = None
) -> None:
    """End it for a reason other than a wish to be forgotten. A template that may exist is deleted with proof."""
    if consent.enrolled_at is not None:
        withdrawals.open_for(uow, context, consent.customer_id, [consent], cause, principal)
    else:
        book.end(uow, context, consent, cause, by="gateway" if principal is None else book.who(principal))


def expire(uow: UnitOfWork, context: Context) -> int:
    """What ended by itself: its time passed, or no template came of it. Returns how many, at most a batch."""
    over = store.over_at(uow.session, uow.now, BATCH)
    for consent in over:
        withdrawals.open_for(uow, context, consent.customer_id, [consent], "retention", None)
    minutes = context.config.faces.enrol_minutes
    idle = store.waiting_since(uow.session, uow.now - timedelta(minutes=minutes))
    for consent in idle:
        if consent.state == "granted":
            book.end(uow, context, consent, "not_enrolled", by="gateway")
    return len(over) + len(idle)


def is_due(context: Context) -> bool:
    """Whether `expire` has anything to do now."""
    now = context.clock()
    with context.database.read() as session:
        until, given = store.next_deadlines(session)
    late = given is not None and never_enrolled(given, now, context.config.faces.enrol_minutes)
    return late or (until is not None and is_over(until, now))


def erase(uow: UnitOfWork, context: Context, customer_id: str, principal: Principal | None = None) -> None:
    """The customer's file is erased: consents end with proof, and the guardian's name goes at once."""
    consents = store.of_customer(uow.session, customer_id)
    open_ones = store.forgettable(uow.session, consents)
    if open_ones:
        withdrawals.open_for(uow, context, customer_id, open_ones, "erased", principal)
    for consent in consents:
        consent.guardian = None
        uow.session.add(consent)


def of_customer(session: Session, customer_id: str) -> Sequence[ConsentView]:
    return [store.view(consent) for consent in store.of_customer(session, customer_id)]


def housekeep(uow: UnitOfWork, context: Context) -> None:
    """Forget refusals of earlier days, old check-ins, spent previews, and records older than their proof is owed."""
    owed_since = uow.now - timedelta(days=context.config.faces.log_days)
    store.forget(
        uow.session,
        today=local_day(uow.now, context.timezone),
        checkins_before=uow.now - FORGET_CHECKINS,
        acts_before=owed_since,
    )
    withdrawals.forget_before(uow.session, owed_since)
    store.forget_ended(uow.session, owed_since)
    store.settle_untracked(uow.session, uow.now - SETTLE_AFTER)
    store.forget_previews(uow.session, uow.now - timedelta(hours=1))
