"""A booking is made, read at a screen, redeemed by a check-in, or cancelled. It decides nothing about ownership."""

import secrets
from datetime import timedelta

from sqlmodel import Session

from contracts.booking_code import ALPHABET, TOKEN_LENGTH, BookingCode
from contracts.bookings_api import BookingCheckIn, BookingRequest, BookingView
from contracts.checkin_api import BookingAnswer
from contracts.gateway_api import CheckInRequest, CheckInResult
from contracts.ids import uuid7
from gateway.auth import Principal
from gateway.bookings import store, views
from gateway.bookings.domain import KnownBooking, refusal, time_fault, valid_until, wait_seconds
from gateway.bookings.tables import BookingRow
from gateway.checkins import gate_answers
from gateway.checkins import service as checkins
from gateway.context import Context
from gateway.floor import service as floor
from gateway.greetings.names import family_name
from gateway.idempotency import Answer, once
from gateway.localtime import local_day
from gateway.policy import store as policies
from gateway.problems import ProblemError
from gateway.projects import project_of
from gateway.roster import store as roster
from gateway.scans.service import screen_name
from gateway.visits import decisions
from gateway.writer import UnitOfWork

SCOPE = "booking"
REDEEMED = "booking_code"
"""The rule of the decision that a booked visit carries: by which booking, made when and by whom."""
_TIMES = {
    "booking_in_the_past": "a visit is booked for today or later",
    "booking_too_far": "that is further ahead than this office books",
}


def book(uow: UnitOfWork, context: Context, principal: Principal, key: str, request: BookingRequest) -> Answer:
    """One booking per key. Raises ProblemError 422 `unknown_project`, `unknown_consultant`, `booking_in_the_past`,
    `booking_too_far`."""

    def work() -> BookingView:
        _check(uow, context, request)
        row = _new(uow, context, principal, request)
        uow.session.add(row)
        return views.view(context, row, roster.names(uow.session, context.keys))

    return once(uow, context.keys, scope=SCOPE, key=key, work=work, request=request)


def cancel(uow: UnitOfWork, principal: Principal, booking_id: str) -> None:
    """Cancelling twice is cancelling once. Raises ProblemError 404, 403 `not_your_booking`, 409 `booking_used`."""
    row = views.readable(uow.session, principal, booking_id)
    if row.state == "arrived":
        raise ProblemError(409, "booking_used", "the customer has come: the visit can be ended, the booking stays")
    if row.state == "booked":
        row.state, row.cancelled_at, row.cancelled_by = "cancelled", uow.now, screen_name(principal)
        uow.session.add(row)


def forget(uow: UnitOfWork, context: Context, principal: Principal, customer_id: str) -> None:
    """The customer wants their bookings deleted. A visit keeps ids and times of one. Raises ProblemError 404."""
    store.forget_numbers(uow.session, views.numbers_of(uow.session, context, principal, customer_id))


def read(uow: UnitOfWork, context: Context, principal: Principal, text: str) -> BookingAnswer:
    """What a code comes to. Raises ProblemError 429 `too_many_codes`: this screen read too many that are none."""
    screen = screen_name(principal)
    _, policy = policies.current(uow.session)
    since = uow.now - timedelta(minutes=policy.booking_wrong_minutes)
    wait = wait_seconds(store.wrong_at(uow.session, screen, since), uow.now, policy)
    if wait:
        said = "too many codes that are no booking's were read here"
        raise ProblemError(429, "too_many_codes", said, headers={"Retry-After": str(wait)})
    code = BookingCode.parse(text)
    row = None if code is None else store.by_token(uow.session, context.keys, code.token)
    known = None if row is None else KnownBooking(row.state, row.until)
    refused = refusal(code, known, office=context.config.office, now=uow.now)
    if refused == "unknown":
        store.note_wrong(uow, screen)
    if refused or row is None:
        return BookingAnswer(refused=refused)
    row.read_by, row.read_at = screen, uow.now
    uow.session.add(row)
    return _answer(uow.session, context, principal, row)


def check_in(uow: UnitOfWork, context: Context, principal: Principal, key: str, request: BookingCheckIn) -> Answer:
    """One check-in per key; the booking is used by it. Raises ProblemError 404, 409 `booking_over`, 422
    `unknown_project`."""

    def work() -> CheckInResult:
        row = _redeemable(uow, context, principal, request.booking_id)
        who = store.person(context.keys, row)
        arrival = CheckInRequest(
            language=request.language,
            phone=who.phone,
            name=who.name,
            party_size=request.party_size,
            purpose="appointment",
            asked_for=request.asked_for,
            gate=request.gate,
            project=row.project or request.project,
        )
        result = checkins.check_in_booked(uow, context, principal, key, arrival)
        _used(uow, row, result.visit_id)
        return result

    return once(uow, context.keys, scope=checkins.SCOPE, key=key, work=work, request=request)


def _check(uow: UnitOfWork, context: Context, request: BookingRequest) -> None:
    project_of(context, request.project)
    _, policy = policies.current(uow.session)
    fault = time_fault(request.at, uow.now, policy, context.timezone)
    if fault:
        raise ProblemError(422, fault, _TIMES[fault])
    people = roster.people(uow.session, context.keys, role="consultant")
    if request.consultant_id is not None and all(each.person_id != request.consultant_id for each in people):
        raise ProblemError(422, "unknown_consultant", "no consultant of this office has that id")


def _new(uow: UnitOfWork, context: Context, principal: Principal, request: BookingRequest) -> BookingRow:
    booking_id, keys = uuid7(), context.keys
    _, policy = policies.current(uow.session)
    code = BookingCode(context.config.office, "".join(secrets.choice(ALPHABET) for _ in range(TOKEN_LENGTH)))
    person = store.Person(phone=request.phone, name=request.name)
    return BookingRow(
        booking_id=booking_id,
        person=store.seal(keys, booking_id, person.model_dump_json()),
        phone_index=keys.index("phone", request.phone),
        code=store.seal(keys, booking_id, code.text),
        code_index=keys.index("booking", code.token),
        day=local_day(request.at, context.timezone),
        at=request.at,
        until=valid_until(request.at, policy, context.timezone),
        party_size=request.party_size,
        project=project_of(context, request.project),
        consultant_id=request.consultant_id,
        origin="office",
        booked_at=uow.now,
        booked_by=screen_name(principal),
        state="booked",
    )


def _answer(session: Session, context: Context, principal: Principal, row: BookingRow) -> BookingAnswer:
    """What is known is not asked again: the project of a booking that names one."""
    form = gate_answers.form(context.config, policies.current(session)[1], principal)
    here = floor.askable(session, context)
    return BookingAnswer(
        refused="",
        booking_id=row.booking_id,
        family_name=family_name(store.person(context.keys, row).name),
        at=row.at,
        party_size=row.party_size,
        consultant=next((each for each in here if each.person_id == row.consultant_id), None),
        form=form.model_copy(update={"projects": []}) if row.project else form,
    )


def _redeemable(uow: UnitOfWork, context: Context, principal: Principal, booking_id: str) -> BookingRow:
    """A kiosk redeems what it has just read; the desk what its list shows."""
    row = store.get(uow.session, booking_id)
    _, policy = policies.current(uow.session)
    fresh = (
        row is not None and row.read_at is not None and uow.now - row.read_at <= timedelta(minutes=policy.scan_minutes)
    )
    if row is None or (principal.role == "kiosk" and not (fresh and row.read_by == screen_name(principal))):
        raise ProblemError(404, "not_found", "no such booking was read at this screen")
    code = BookingCode(context.config.office, "")
    refused = refusal(code, KnownBooking(row.state, row.until), office=code.office, now=uow.now)
    if refused:
        raise ProblemError(409, "booking_over", f"this booking can no longer be used: {refused}")
    return row


def _used(uow: UnitOfWork, row: BookingRow, visit_id: str) -> None:
    row.state, row.visit_id, row.arrived_at = "arrived", visit_id, uow.now
    uow.session.add(row)
    facts = {
        "booking_id": row.booking_id,
        "booked_at": row.booked_at.isoformat(),
        "booked_for": row.at.isoformat(),
        "booked_by": row.booked_by,
        "booked_with": row.consultant_id,
    }
    decisions.keep(uow, visit_id, "booked", REDEEMED, facts)
