"""A visitor checks in: at a kiosk with a phone number or without, or by pressing a ticket button."""

from contracts.events import ButtonPressed, Data, Event
from contracts.gateway_api import CheckInRequest, CheckInResult
from gateway.auth import Principal
from gateway.consents import service as consents
from gateway.context import Context
from gateway.customers import store as customers
from gateway.customers.tables import CustomerRow
from gateway.drafts.tables import DraftRow
from gateway.idempotency import Answer, once
from gateway.ingest.handlers import is_late
from gateway.localtime import local_day
from gateway.policy import store as policies
from gateway.roster import store as roster
from gateway.tickets import store as tickets
from gateway.visits import service as visits
from gateway.visits import store as visit_store
from gateway.visits.domain import Match, kind_of_visit, match_arrival
from gateway.visits.tables import VisitRow
from gateway.writer import UnitOfWork

SCOPE = "checkin"


def check_in(uow: UnitOfWork, context: Context, principal: Principal, key: str, request: CheckInRequest) -> Answer:
    """One check-in per key; the same key again gives the first answer, whatever is sent with it."""
    return once(uow, context.keys, scope=SCOPE, key=key, work=lambda: _check_in(uow, context, principal, key, request))


def on_button(uow: UnitOfWork, context: Context, event: Event, data: Data) -> None:
    """Somebody took a number without a kiosk: an anonymous party, offered like a walk-in.

    A press that comes late is history: whoever pressed has long been met, and nobody is alerted.
    """
    if not isinstance(data, ButtonPressed):
        raise TypeError(f"expected ButtonPressed, got {type(data).__name__}")
    if not is_late(event, uow.now):
        visits.open_visit(
            uow, context, customer=None, kind="unknown", party_size=1, purpose="view_home", language="zh-CN"
        )


def _check_in(
    uow: UnitOfWork, context: Context, principal: Principal, key: str, request: CheckInRequest
) -> CheckInResult:
    draft = uow.session.get(DraftRow, key)
    if draft is not None:
        uow.session.delete(draft)
    customer, match = _identify(uow, context, request)
    visit = _arrive(uow, context, request, customer, match)
    uow.session.flush()
    ticket = tickets.of_visit(uow.session, visit.visit_id)
    if ticket is None:
        raise LookupError("a visit without a ticket")
    _, policy = policies.current(uow.session)
    line = tickets.Line.read(uow.session, day=local_day(uow.now, context.timezone), now=uow.now, policy=policy)
    expects = visit.consultant_id or visit.owner_id or visit.asked_for
    consultant = None if expects is None else roster.get(uow.session, context.keys, expects)
    return CheckInResult.model_validate(
        {
            "visit_id": visit.visit_id,
            "kind": visit.kind,
            "ticket": line.view(ticket),
            "joined_existing": match.action != "new",
            "consultant_name": None if consultant is None else consultant.name,
            "face": consents.checked_in(uow, context, principal, visit.visit_id, customer),
        }
    )


def _identify(uow: UnitOfWork, context: Context, request: CheckInRequest) -> tuple[CustomerRow | None, Match]:
    """The file of the phone number, made when it is new, and whether its visit still goes on."""
    if request.phone is None:
        return None, Match("new", "no_number_given")
    customer = customers.by_phone(uow.session, context.keys, request.phone)
    if customer is None:
        customer = customers.new(context.keys, request.phone, request.name, uow.now)
        uow.session.add(customer)
        uow.session.flush()
    elif request.name and not customers.secrets(context.keys, customer).name:
        customers.rename(context.keys, customer, request.name)
        customers.record(uow, context.keys, customer)
    _, policy = policies.current(uow.session)
    return customer, match_arrival(visit_store.last_of(uow.session, customer.customer_id), uow.now, policy)


def _arrive(
    uow: UnitOfWork, context: Context, request: CheckInRequest, customer: CustomerRow | None, match: Match
) -> VisitRow:
    going_on = None if match.visit_id is None else visit_store.get(uow.session, match.visit_id)
    if going_on is None:
        kind = kind_of_visit(
            known_customer=customer is not None, earlier_visits=0 if customer is None else customer.visit_count
        )
        if customer is not None:
            visits.count_visit(uow, context, customer)
        return visits.open_visit(
            uow,
            context,
            customer=customer,
            kind=kind,
            party_size=request.party_size,
            purpose=request.purpose,
            language=request.language,
            asked_for=request.asked_for,
        )
    larger = request.party_size > going_on.party_size
    going_on.party_size = max(going_on.party_size, request.party_size)
    if match.action == "reopen":
        visits.reopen(uow, context, going_on)
    elif larger:
        visit_store.record(uow, going_on)
    return going_on
