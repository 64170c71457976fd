"""Claims of consultants between visits: calls, visits claimed back, and customers whose owner has left."""

from sqlmodel import Session, col, select

from contracts.facts import CallRecorded
from contracts.identity_api import CallRequest, CallTaken, ClaimableVisit, OwnerAssignment, PoolEntry, PoolPage
from contracts.ids import uuid7
from gateway.attribution import store as verdicts
from gateway.attribution.again import judge_again
from gateway.attribution.holders import claimable, earlier_owner, owner_now
from gateway.attribution.tables import AssignmentRow, CallRow, OwnerClaimRow
from gateway.auth import Principal
from gateway.context import Context
from gateway.customers import shown
from gateway.customers import store as customers
from gateway.customers.tables import CustomerRow
from gateway.identity import alike
from gateway.problems import ProblemError
from gateway.projects import project_of
from gateway.roster import store as roster
from gateway.roster.tables import PersonRow
from gateway.visits import store as visits
from gateway.writer import UnitOfWork


def call(uow: UnitOfWork, context: Context, principal: Principal, request: CallRequest) -> CallTaken:
    """A claim of the consultant who took it; the file is made when the number is new.

    Raises ProblemError 403 `not_yourself`, 422 `consultant_needed`, `unknown_consultant`, `unknown_project`.
    """
    consultant_id = _who_took(uow.session, context, principal, request)
    project = project_of(context, request.project)
    customer = customers.by_phone(uow.session, context.keys, request.phone)
    if customer is None:
        customer = customers.new(context.keys, request.phone, request.name, uow.now)
        customers.record(uow, context.keys, customer)
        alike.ask(uow, context, customer)
    row = CallRow(
        call_id=uuid7(), customer_id=customer.customer_id, consultant_id=consultant_id, at=uow.now, project=project
    )
    uow.session.add(row)
    uow.uplink(CallRecorded.model_validate(row.model_dump()))
    _own_by(uow, context, customer)
    judge_again(uow, context, [customer.customer_id])
    mine = customer.owner_id == consultant_id
    may_see = principal.role != "consultant" or mine
    return CallTaken(
        call_id=row.call_id,
        at=row.at,
        owner="who_took_it" if mine else "somebody_else",
        customer_id=customer.customer_id if may_see else None,
    )


def claim(uow: UnitOfWork, context: Context, consultant_id: str, visit_id: str) -> None:
    """The earlier consultant says of a customer whom nobody had identified: mine. Claiming twice is claiming once.

    Raises ProblemError 404, 403 `not_yours_to_claim`, also when the time is over or nothing is open.
    """
    visit, newest = visits.get(uow.session, visit_id), verdicts.newest(uow.session, visit_id)
    if visit is None or visit.customer_id is None or newest is None:
        raise ProblemError(404, "not_found", "no such visit")
    mine = (OwnerClaimRow.visit_id == visit_id, OwnerClaimRow.consultant_id == consultant_id)
    if uow.session.exec(select(OwnerClaimRow).where(*mine)).first() is not None:
        return
    if earlier_owner(uow.session, context, newest) != consultant_id:
        raise ProblemError(
            403, "not_yours_to_claim", "only the earlier consultant may claim it, within the hours given"
        )
    uow.session.add(OwnerClaimRow(claim_id=uuid7(), visit_id=visit_id, consultant_id=consultant_id, at=uow.now))
    judge_again(uow, context, [visit.customer_id])


def to_claim(context: Context, consultant_id: str) -> list[ClaimableVisit]:
    """Nobody else's customers are among them."""
    with context.database.read() as session:
        names = roster.names(session, context.keys)
        found = list(claimable(session, context, consultant_id))
        files = customers.by_ids(session, (visit.customer_id or "" for visit, _ in found))
        return [
            ClaimableVisit.model_validate(
                {
                    "visit_id": visit.visit_id,
                    "opened_at": visit.opened_at,
                    "open_until": verdicts.said(newest).open_until,
                    "customer": shown.view(session, context, files[visit.customer_id or ""], names),
                }
            )
            for visit, newest in found
        ]


def pool(context: Context, cursor: str | None, limit: int) -> PoolPage:
    """Customers of consultants who left, by id; `cursor` is the last of the page before."""
    gone = select(PersonRow.person_id).where(col(PersonRow.active).is_(False))
    query = select(CustomerRow).where(col(CustomerRow.owner_id).in_(gone)).order_by(CustomerRow.customer_id)
    if cursor is not None:
        query = query.where(CustomerRow.customer_id > cursor)
    with context.database.read() as session:
        rows = session.exec(query.limit(limit)).all()
        names = roster.names(session, context.keys)
        left = {p.person_id: p.left_at for p in session.exec(select(PersonRow)) if not p.active}
        items = [
            PoolEntry(customer=shown.view(session, context, row, names), owner_left_at=left[row.owner_id or ""])
            for row in rows
        ]
    return PoolPage(items=items, next_cursor=rows[-1].customer_id if len(rows) == limit else None)


def assign(uow: UnitOfWork, context: Context, principal: Principal, customer_id: str, request: OwnerAssignment) -> None:
    """A manager gives a customer without a living owner to a consultant: evidence like a call.

    Raises ProblemError 404, 422 `unknown_consultant`, 409 `has_an_owner`.
    """
    customer = customers.get(uow.session, customer_id)
    if customer is None:
        raise ProblemError(404, "not_found", "no such customer")
    _check_consultant(uow.session, context, request.consultant_id)
    owner = owner_now(uow.session, context, customer.customer_id)
    if owner is not None and not owner.ended:
        if owner.consultant_id == request.consultant_id:
            return
        raise ProblemError(409, "has_an_owner", "their owner is here: only customers of who has left are given away")
    assignment_id = uuid7()
    uow.session.add(
        AssignmentRow(
            assignment_id=assignment_id,
            customer_id=customer.customer_id,
            consultant_id=request.consultant_id,
            at=uow.now,
            by=principal.person_id or principal.device_id or "",
            reason=context.keys.encrypt(request.reason, record=f"owner_assignment:{assignment_id}"),
        )
    )
    _own_by(uow, context, customer)


def _own_by(uow: UnitOfWork, context: Context, customer: CustomerRow) -> None:
    """The file says who owns them now; the next verdict may say otherwise."""
    uow.session.flush()
    owner = owner_now(uow.session, context, customer.customer_id)
    if owner is not None and not owner.ended and customer.owner_id != owner.consultant_id:
        customer.owner_id = owner.consultant_id
        customers.record(uow, context.keys, customer)


def _who_took(session: Session, context: Context, principal: Principal, request: CallRequest) -> str:
    if principal.role == "consultant":
        if request.consultant_id not in (None, principal.person_id):
            raise ProblemError(403, "not_yourself", "a consultant records the calls they took")
        return principal.person_id or ""
    if request.consultant_id is None:
        raise ProblemError(422, "consultant_needed", "say which consultant took the call")
    _check_consultant(session, context, request.consultant_id)
    return request.consultant_id


def _check_consultant(session: Session, context: Context, person_id: str) -> None:
    person = roster.get(session, context.keys, person_id)
    if person is None or not person.active or person.role != "consultant":
        raise ProblemError(422, "unknown_consultant", "not an active consultant of this office")
