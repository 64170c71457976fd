"""Taking in one thing that central sent, by its kind. Each is told again without harm."""

from collections.abc import Callable
from dataclasses import dataclass, field

from contracts.down_api import (
    AgentDown,
    AgentSecret,
    AppealDown,
    CallDown,
    CompanyCustomer,
    CustomerDown,
    DownItem,
    DownKind,
    MergeDown,
    NumberSecret,
    PolicyDown,
    ReferralDown,
    RegistrationDown,
)
from contracts.values import Phone
from gateway.appeals import head_office as appeals
from gateway.attribution.tables import AgentRow, CallRow, ReferralRow, RegistrationRow
from gateway.context import Context
from gateway.customers import erasure
from gateway.customers import store as customers
from gateway.customers.tables import CustomerRow
from gateway.downsync import merges, store
from gateway.downsync.domain import settle_name
from gateway.keys import Keys
from gateway.policy import store as policies
from gateway.tables import Table
from gateway.writer import UnitOfWork


@dataclass(slots=True)
class Touched:
    """Numbers whose claims changed, by their keyed indexes: their visits are judged again."""

    phones: set[str] = field(default_factory=set)
    phones37: set[str] = field(default_factory=set)

    def add(self, row: RegistrationRow | ReferralRow) -> None:
        if row.phone_index is not None:
            self.phones.add(row.phone_index)
        elif isinstance(row, RegistrationRow) and row.phone37_index is not None:
            self.phones37.add(row.phone37_index)

    def file(self, row: CustomerRow | None) -> None:
        """Whose claims those of a call or a merge are; one that has not come yet is judged when it comes in."""
        if row is not None and row.phone_index is not None:
            self.phones.add(row.phone_index)


Taker = Callable[[UnitOfWork, Context, DownItem, Touched], None]


def _registration(uow: UnitOfWork, context: Context, item: DownItem, touched: Touched) -> None:
    """Its times are told by this office's clock, which visits are told by too; once told they stay."""
    if _gone(uow, RegistrationRow, item, touched):
        return
    body = RegistrationDown.model_validate(item.body)
    number = _number(context.keys, body.sealed, item.id)
    known = uow.session.get(RegistrationRow, item.id)
    behind = store.behind(uow.session) if known is None else body.accepted_at - known.accepted_at
    row = RegistrationRow(
        **body.model_dump(exclude={"sealed", "accepted_at", "withdrawn_at"}),
        accepted_at=body.accepted_at - behind,
        withdrawn_at=None if body.withdrawn_at is None else body.withdrawn_at - behind,
        phone_index=None if number.phone is None else context.keys.index("phone", number.phone),
        phone37_index=context.keys.index("phone37", number.phone37),
    )
    uow.session.merge(row)
    touched.add(row)


def _referral(uow: UnitOfWork, context: Context, item: DownItem, touched: Touched) -> None:
    if _gone(uow, ReferralRow, item, touched):
        return
    body = ReferralDown.model_validate(item.body)
    number = _number(context.keys, body.sealed, item.id)
    if number.phone is None:
        raise ValueError("a referral names a full number")
    known = uow.session.get(ReferralRow, item.id)
    behind = store.behind(uow.session) if known is None else body.recorded_at - known.recorded_at
    row = ReferralRow(
        **body.model_dump(exclude={"sealed", "recorded_at"}),
        recorded_at=body.recorded_at - behind,
        phone_index=context.keys.index("phone", number.phone),
    )
    uow.session.merge(row)
    touched.add(row)


def _agent(uow: UnitOfWork, context: Context, item: DownItem, touched: Touched) -> None:
    if _gone(uow, AgentRow, item, touched):
        return
    body = AgentDown.model_validate(item.body)
    text = context.keys.sealer.open(body.sealed, record=item.id)
    AgentSecret.model_validate_json(text)
    secret = context.keys.encrypt(text, record=f"agent:{item.id}")
    uow.session.merge(AgentRow(**body.model_dump(exclude={"sealed"}), secret=secret))


def _policy(uow: UnitOfWork, context: Context, item: DownItem, touched: Touched) -> None:
    """Head office's rules replace the file's, but for the wiring of this office's own panel."""
    if item.body is not None:
        policies.adopt_from_central(
            uow.session, PolicyDown.model_validate(item.body).policy, context.config.policy, uow.now
        )


def _appeal(uow: UnitOfWork, context: Context, item: DownItem, touched: Touched) -> None:
    """Filed, it is this office's: no word from above takes it back."""
    if item.body is not None:
        appeals.take(uow, context, AppealDown.model_validate(item.body), store.behind(uow.session))


def _call(uow: UnitOfWork, context: Context, item: DownItem, touched: Touched) -> None:
    """What this office recorded itself; new only to a gateway that was restored or made anew."""
    known = uow.session.get(CallRow, item.id)
    if item.body is None:
        if known is not None:
            touched.file(customers.file(uow.session, known.customer_id))
            uow.session.delete(known)
    elif known is None:
        row = CallRow(**CallDown.model_validate(item.body).model_dump())
        uow.session.add(row)
        touched.file(customers.file(uow.session, row.customer_id))


def _merge(uow: UnitOfWork, context: Context, item: DownItem, touched: Touched) -> None:
    """As `_call`; where both say otherwise the higher revision stands, and a merge that stands here stays."""
    if item.body is None:
        found = merges.forget(uow, item.id)
    else:
        found = merges.bring_back(uow, MergeDown.model_validate(item.body))
    for customer_id in found:
        touched.file(customers.file(uow.session, customer_id))


def _customer(uow: UnitOfWork, context: Context, item: DownItem, touched: Touched) -> None:
    """An adopted file; a correction of its name; or, at a gateway that was made anew, the file itself.

    A file of this office that central does not have yet stays; one that was erased there is erased here.
    """
    if item.body is None:
        erasure.erase_for_head_office(uow, context, item.id)
        return
    if customers.is_erased(uow.session, item.id):
        return
    body = CustomerDown.model_validate(item.body)
    company = CompanyCustomer.model_validate_json(context.keys.sealer.open(body.sealed, record=item.id))
    row = customers.file(uow.session, item.id)
    if row is None:
        _make(uow, context, body, company)
        return
    row.provisional = False
    uow.session.add(row)
    if body.company_revision > row.company_revision:
        row.company_revision = body.company_revision
        _correct(uow, context, row, company)


def _make(uow: UnitOfWork, context: Context, body: CustomerDown, company: CompanyCustomer) -> None:
    keys = context.keys
    phone = None if company.phone is None else Phone.parse(company.phone)
    holder = None if phone is None else customers.by_phone(uow.session, keys, phone)
    if holder is not None and phone is not None:
        store.keep_conflict(
            uow,
            keys,
            kind="customer",
            item_id=body.customer_id,
            field="phone",
            office=phone,
            company=phone,
            winner="office",
            rule="number_stays_where_it_was_proven",
        )
    row = customers.adopted(
        keys, body.customer_id, None if holder is not None else phone, company.name, body.created_at
    )
    row.owner_id, row.revision, row.company_revision = body.owner_id, body.gateway_revision, body.company_revision
    customers.keep(uow.session, keys, row)


def _correct(uow: UnitOfWork, context: Context, row: CustomerRow, company: CompanyCustomer) -> None:
    here = customers.secrets(context.keys, row).name
    settled = settle_name(office=here, before=company.name_before, company=company.name)
    if settled.rule:
        store.keep_conflict(
            uow,
            context.keys,
            kind="customer",
            item_id=row.customer_id,
            field="name",
            office=here,
            company=company.name,
            winner=settled.winner,
            rule=settled.rule,
        )
    customers.rename(context.keys, row, settled.value)
    customers.record(uow, context.keys, row)
    uow.changed("offers")
    uow.changed("floor")


def _gone(uow: UnitOfWork, table: type[Table], item: DownItem, touched: Touched) -> bool:
    """Whether it was deleted; then it is no more here either."""
    row = uow.session.get(table, item.id)
    if isinstance(row, RegistrationRow | ReferralRow):
        touched.add(row)
    if item.body is None and row is not None:
        uow.session.delete(row)
    return item.body is None


def _number(keys: Keys, sealed: str, record: str) -> NumberSecret:
    return NumberSecret.model_validate_json(keys.sealer.open(sealed, record=record))


TAKERS: dict[DownKind, Taker] = {
    "customer": _customer,
    "registration": _registration,
    "referral": _referral,
    "agent": _agent,
    "policy": _policy,
    "appeal": _appeal,
    "call": _call,
    "merge": _merge,
}
