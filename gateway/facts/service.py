"""Noting a follow-up or a sale, once per key, and telling central."""

from contracts.facts import FollowUpRecorded, SaleRecorded
from contracts.facts_api import FactCreated, FollowUpRequest, SaleRequest
from contracts.ids import uuid7
from contracts.rest import FieldError
from gateway.auth import Principal
from gateway.context import Context
from gateway.customers import aliases
from gateway.customers.service import accessible
from gateway.facts.store import note_record
from gateway.facts.tables import FollowUpRow, SaleRow
from gateway.idempotency import Answer, once
from gateway.problems import ProblemError
from gateway.visits import store as visits
from gateway.writer import UnitOfWork


def follow_up(
    uow: UnitOfWork, context: Context, principal: Principal, person_id: str, key: str, request: FollowUpRequest
) -> Answer:
    def work() -> FactCreated:
        accessible(uow.session, context, principal, request.customer_id)
        row = FollowUpRow(
            fact_id=uuid7(),
            customer_id=request.customer_id,
            consultant_id=person_id,
            channel=request.channel,
            reached=request.reached,
            at=uow.now,
        )
        if request.note:
            row.note = context.keys.encrypt(request.note, record=note_record(row.fact_id))
        uow.session.add(row)
        sealed = context.keys.sealer.seal(request.note, record=row.fact_id) if request.note else ""
        same = {"fact_id", "customer_id", "consultant_id", "channel", "reached", "at"}
        uow.uplink(FollowUpRecorded.model_validate({**row.model_dump(include=same), "sealed_note": sealed}))
        return FactCreated(fact_id=row.fact_id)

    return once(uow, context.keys, scope=f"follow-up:{person_id}", key=key, work=work, request=request)


def sale(
    uow: UnitOfWork, context: Context, principal: Principal, person_id: str, key: str, request: SaleRequest
) -> Answer:
    def work() -> FactCreated:
        accessible(uow.session, context, principal, request.customer_id)
        _check_visit(uow, request)
        row = SaleRow(fact_id=uuid7(), consultant_id=person_id, at=uow.now, **request.model_dump())
        uow.session.add(row)
        uow.uplink(SaleRecorded.model_validate(row.model_dump()))
        return FactCreated(fact_id=row.fact_id)

    return once(uow, context.keys, scope=f"sale:{person_id}", key=key, work=work, request=request)


def _check_visit(uow: UnitOfWork, request: SaleRequest) -> None:
    if request.visit_id is None:
        return
    visit = visits.get(uow.session, request.visit_id)
    theirs = aliases.group(uow.session, request.customer_id)
    if visit is None or visit.customer_id not in theirs:
        field = FieldError(field="visit_id", code="visit_of_somebody_else")
        raise ProblemError(422, "invalid", "the visit is not one of this customer's", [field])
