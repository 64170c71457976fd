"""A visitor checks in: at a kiosk with a phone number or without, or by pressing a ticket button."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import delete
from sqlmodel import col

from contracts.events import ButtonPressed, Data, Event
from contracts.gateway_api import CheckInRequest, CheckInResult
from contracts.ids import uuid7
from gateway.asking import ask, given
from gateway.attribution.service import judge_visit
from gateway.attribution.tables import AgentScanRow
from gateway.auth import Principal
from gateway.checkins import gate_answers
from gateway.checkins.arrivals import arrive
from gateway.consents import service as consents
from gateway.context import Context
from gateway.customers import store as customers
from gateway.customers.tables import CustomerRow
from gateway.drafts.tables import DraftRow
from gateway.greetings import numbers
from gateway.greetings.screens import screen_of
from gateway.idempotency import Answer, once
from gateway.identity import alike
from gateway.ingest.handlers import is_late
from gateway.localtime import local_day
from gateway.offers import store as offers
from gateway.policy import store as policies
from gateway.problems import ProblemError
from gateway.projects import project_of
from gateway.roster import store as roster
from gateway.scans import service as scans
from gateway.tickets import printing
from gateway.tickets import store as tickets
from gateway.visits import book
from gateway.visits import service as visits
from gateway.visits import store as visit_store
from gateway.visits.assembly import NO_NUMBER
from gateway.visits.book import Sign
from gateway.visits.domain import Match
from gateway.visits.signals import ArrivalKind
from gateway.visits.tables import VisitRow
from gateway.visits.views import hints_of
from gateway.writer import UnitOfWork

SCOPE = "checkin"
_FORGET_DRAFT = delete(DraftRow).where(col(DraftRow.draft_id) == given("key"))


@dataclass(frozen=True, slots=True)
class Asked:
    """One check-in as it was sent: by whom, under which key; `kind` where it is another than screen and proof say."""

    principal: Principal
    key: str
    request: CheckInRequest
    kind: ArrivalKind | None = None


def check_in(uow: UnitOfWork, context: Context, principal: Principal, key: str, request: CheckInRequest) -> Answer:
    """One check-in per key. Raises ProblemError 409 when the key was used with another body."""

    def work() -> CheckInResult:
        project_of(context, request.project)
        _forget_draft(uow, key)
        return _received(uow, context, Asked(principal, key, request), identify(uow, context, request), "number")

    return once(uow, context.keys, scope=SCOPE, key=key, work=work, request=request)


def check_in_as(
    uow: UnitOfWork,
    context: Context,
    principal: Principal,
    key: str,
    request: CheckInRequest,
    who: Callable[[], CustomerRow],
) -> Answer:
    """The same for a visitor who said «that is me»; `who` tells who that is, or raises ProblemError."""

    def work() -> CheckInResult:
        customer = who()
        project_of(context, request.project)
        _forget_draft(uow, key)
        _name(uow, context, customer, request)
        return _received(uow, context, Asked(principal, key, request), customer, "face")

    return once(uow, context.keys, scope=SCOPE, key=key, work=work, request=request)


def check_in_booked(
    uow: UnitOfWork, context: Context, principal: Principal, key: str, request: CheckInRequest
) -> CheckInResult:
    """The number of a booking whose code was read: as good as typed. The caller sees to it that it happens once."""
    project_of(context, request.project)
    _forget_draft(uow, key)
    return _received(uow, context, Asked(principal, key, request, "qr"), identify(uow, context, request), "number")


def on_button(uow: UnitOfWork, context: Context, event: Event, data: Data) -> None:
    """Somebody took a number without a kiosk: an anonymous party, offered like a walk-in.

    A press that comes late is history: whoever pressed has long been met, and nobody is alerted. It is kept.
    """
    if not isinstance(data, ButtonPressed):
        raise TypeError(f"expected ButtonPressed, got {type(data).__name__}")
    if is_late(event, uow.now):
        book.too_late(uow, context, Sign("button", event.time))
        return
    visit = visits.open_visit(
        uow,
        context,
        Sign("button", min(event.time, uow.now)),
        customer=None,
        kind="unknown",
        party_size=1,
        purpose="view_home",
        language="zh-CN",
    )
    printing.at_button(uow, context, event.source, visit.visit_id)


def _forget_draft(uow: UnitOfWork, key: str) -> None:
    ask(uow.session, _FORGET_DRAFT, key=key)


def _received(
    uow: UnitOfWork, context: Context, asked: Asked, customer: CustomerRow | None, proof: numbers.Proof
) -> CheckInResult:
    arrived = _arrive(uow, context, asked, customer, proof)
    visit = arrived.visit
    if arrived.match.action == "new":
        printing.at_kiosk(uow, context, asked.principal.device_id, visit.visit_id)
    ticket = tickets.issued(uow.session, visit.visit_id)
    _, policy = policies.current(uow.session)
    line = tickets.Line.read(uow.session, day=local_day(uow.now, context.timezone), now=uow.now, policy=policy)
    expects = visit.consultant_id or visit.owner_id or _told(uow, visit)
    consultant = None if expects is None else roster.get(uow.session, context.keys, expects)
    return CheckInResult.model_validate(
        {
            "visit_id": visit.visit_id,
            "kind": visit.kind,
            "ticket": line.view(ticket),
            "joined_existing": arrived.match.action != "new",
            "consultant_name": None if consultant is None else consultant.name,
            "hints": [] if asked.principal.role == "kiosk" else hints_of(visit),
            "agent": None if arrived.scan is None else scans.answer(uow.session, context.keys, arrived.scan),
            "face": consents.checked_in(
                uow, context, asked.principal, visit.visit_id, customer, proven=proof == "face"
            ),
        }
    )


def identify(uow: UnitOfWork, context: Context, request: CheckInRequest) -> CustomerRow | None:
    """The file that was found, or that of the phone number, made when it is new. Raises ProblemError 404."""
    if request.customer_id is not None:
        return _found(uow, context, request, request.customer_id)
    if request.phone is None:
        return None
    customer = customers.by_phone(uow.session, context.keys, request.phone)
    if customer is None:
        customer = customers.new(context.keys, request.phone, request.name, uow.now)
        uow.session.add(customer)
        alike.ask(uow, context, customer)
    else:
        _name(uow, context, customer, request)
    return customer


def _found(uow: UnitOfWork, context: Context, request: CheckInRequest, customer_id: str) -> CustomerRow:
    customer = customers.get(uow.session, customer_id)
    if customer is None:
        raise ProblemError(404, "not_found", "no such customer")
    _name(uow, context, customer, request)
    return customer


def _name(uow: UnitOfWork, context: Context, customer: CustomerRow, request: CheckInRequest) -> None:
    """A name given at the kiosk counts while the file has none."""
    if request.name and not customers.secrets(context.keys, customer).name:
        customers.rename(context.keys, customer, request.name)
        customers.record(uow, context.keys, customer)
        alike.ask(uow, context, customer)


@dataclass(frozen=True, slots=True)
class _Arrived:
    """`scan`: what the agent's code came to, if one was read."""

    visit: VisitRow
    match: Match
    scan: AgentScanRow | None


def _told(uow: UnitOfWork, visit: VisitRow) -> str | None:
    """Whom the visitor asked for, if that is who was called."""
    if visit.asked_for is None:
        return None
    called = {offer.consultant_id for offer in offers.pending_for(uow.session, visit_id=visit.visit_id)}
    return visit.asked_for if visit.asked_for in called else None


def _arrive(
    uow: UnitOfWork, context: Context, asked: Asked, customer: CustomerRow | None, proof: numbers.Proof
) -> _Arrived:
    """Whether their visit still goes on, and what the faces seen at this screen have to say about it."""
    screen = screen_of(context, asked.principal)
    sign = Sign(asked.kind or _kind(asked.principal, proof), uow.now)
    if customer is None:
        arrived = _brought(uow, context, asked, sign, None, NO_NUMBER)
        numbers.mark_unnamed(uow, arrived.visit, screen)
        return arrived
    claim = numbers.weigh(uow, context, customer, screen, proof)
    match = book.judge(uow, context, customer.customer_id, uow.now, asked.request.party_size)
    arrived = _brought(uow, context, asked, sign, customer, match)
    numbers.settle(uow, context, arrived.visit, claim)
    return arrived


def _kind(principal: Principal, proof: numbers.Proof) -> ArrivalKind:
    if proof == "face":
        return "face"
    return "kiosk" if principal.role == "kiosk" else "reception"


def _brought(
    uow: UnitOfWork, context: Context, asked: Asked, sign: Sign, customer: CustomerRow | None, match: Match
) -> _Arrived:
    """The visit, with the code of the agent who brings them: evidence that the first verdict reads already."""
    visit_id = match.visit_id or uuid7()
    before = None if match.visit_id is None else visit_store.get(uow.session, match.visit_id)
    project = None if before is None else before.project
    typed = None
    if asked.request.agent_code:
        typed = scans.scan(uow, context, asked.principal, asked.request.agent_code, asked.key)
    joined = scans.join(uow, asked.principal, asked.key, visit_id)
    answered = gate_answers.keep(uow, asked.principal, visit_id, asked.request.gate)
    visit = arrive(uow, context, asked.request, sign, customer, match, visit_id=visit_id)
    if project is not None and (joined is not None or answered or visit.project != project):
        judge_visit(uow, context, visit)
        visit_store.record(uow, visit)
    return _Arrived(visit, match, joined or typed)
