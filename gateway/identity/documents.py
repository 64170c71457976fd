"""ID numbers: kept encrypted, found by a keyed HMAC, and one person's."""

from sqlmodel import select

from contracts.identity_api import IdNumberNoted, IdNumberPut
from gateway.auth import Principal
from gateway.context import Context
from gateway.customers import shown
from gateway.customers import store as customers
from gateway.identity import alike, idnumber
from gateway.identity.tables import ID_NUMBER, StrongKeyRow
from gateway.problems import ProblemError
from gateway.roster import store as roster
from gateway.writer import UnitOfWork


def note(
    uow: UnitOfWork, context: Context, principal: Principal, customer_id: str, request: IdNumberPut
) -> IdNumberNoted:
    """Noting the same number again changes nothing.

    Raises ProblemError 404, 422 `bad_id_number`, 409 `other_id_number`.
    """
    number = idnumber.parse(request.id_number)
    if number is None:
        raise ProblemError(422, "bad_id_number", "18 characters whose date and check character fit are an ID number")
    customer = customers.get(uow.session, customer_id)
    if customer is None:
        raise ProblemError(404, "not_found", "no such customer")
    index = context.keys.index("id_number", number)
    known = uow.session.get(StrongKeyRow, (customer.customer_id, ID_NUMBER))
    if known is not None and known.key_index != index:
        raise ProblemError(409, "other_id_number", "this file has another ID number: it may be another person")
    if known is None:
        uow.session.add(
            StrongKeyRow(
                customer_id=customer.customer_id,
                kind=ID_NUMBER,
                key_index=index,
                value=context.keys.encrypt(number, record=f"customer:{customer.customer_id}:{ID_NUMBER}"),
                source=request.source,
                noted_at=uow.now,
                noted_by=principal.person_id or principal.device_id or "",
            )
        )
        uow.session.flush()
        alike.ask(uow, context, customer)
    return _also_on(uow, context, customer.customer_id, index)


def _also_on(uow: UnitOfWork, context: Context, customer_id: str, index: str) -> IdNumberNoted:
    holders = select(StrongKeyRow.customer_id).where(StrongKeyRow.key_index == index, StrongKeyRow.kind == ID_NUMBER)
    files = customers.by_ids(uow.session, uow.session.exec(holders).all())
    others = {file.customer_id: file for file in files.values() if file.customer_id != customer_id}
    names = roster.names(uow.session, context.keys)
    return IdNumberNoted(also_on=[shown.view(uow.session, context, others[each], names) for each in sorted(others)])
