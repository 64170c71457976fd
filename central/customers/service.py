"""Customer files: opened with the office's seal key, kept encrypted, shown masked, revealed with a record."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from central.customers import repository
from central.customers.tables import Customer, Reveal
from central.database import table_of
from central.down import feed
from central.intake import Intake, Item, Rejection
from central.offices import repository as offices
from central.problems import not_found
from central.runtime import Runtime
from central.vault import Vault
from contracts.central_api import CentralCustomer, CustomerRename
from contracts.down_api import CompanyCustomer, CustomerDown, MergeDown
from contracts.facts import CustomerMerged, CustomerRecorded
from contracts.ids import uuid7
from contracts.sealing import CustomerSecret, Sealer, SealError
from contracts.values import mask_name, mask_phone, utc_now


async def take(session: AsyncSession, intake: Intake, items: Sequence[Item[CustomerRecorded]]) -> list[Rejection]:
    """Keep what an office recorded. A file that is new here is adopted under the office's id, and the office told."""
    ids = {item.data.customer_id for item in items}
    known, gone = (
        await repository.by_ids(session, intake.office, ids),
        await repository.erased(session, intake.office, ids),
    )
    rows: list[dict[str, Any]] = []
    rejections: list[Rejection] = []
    for item in items:
        if item.data.customer_id in gone:
            continue
        try:
            text = intake.sealer.open(item.data.sealed, record=item.data.customer_id)
            secret = CustomerSecret.model_validate_json(text)
        except SealError as error:
            rejections.append(Rejection(item.event, "seal", str(error)))
        except ValidationError:
            rejections.append(Rejection(item.event, "sealed_content", "the sealed text is no CustomerSecret"))
        else:
            rows.append(_row(intake, item.data, secret, known.get(item.data.customer_id)))
    await repository.save(session, rows)
    adopted = list(dict.fromkeys(row["customer_id"] for row in rows if row["customer_id"] not in known))
    await feed.note(session, intake.office, "customer", adopted, intake.received_at)
    return rejections


async def take_merges(session: AsyncSession, intake: Intake, items: Sequence[Item[CustomerMerged]]) -> list[Rejection]:
    await repository.save_merges(session, [{"office": intake.office, **item.data.model_dump()} for item in items])
    ids = list(dict.fromkeys(item.data.merge_id for item in items))
    await feed.note(session, intake.office, "merge", ids, intake.received_at)
    return []


def _row(intake: Intake, data: CustomerRecorded, secret: CustomerSecret, known: Customer | None) -> dict[str, Any]:
    """A name that head office changed meanwhile stays until the office has taken that change in."""
    record = _record(intake.office, data.customer_id)
    phone = secret.phone or None
    vault = intake.vault
    unseen = known is not None and known.company_revision > data.company_revision
    name = known.name_encrypted if known and unseen else vault.encrypt(secret.name.encode(), record=f"{record}/name")
    return {
        "office": intake.office,
        "customer_id": data.customer_id,
        "revision": data.revision,
        "created_at": data.created_at,
        "owner_id": data.owner_id,
        "name_encrypted": name,
        "phone_encrypted": vault.encrypt(phone.encode(), record=f"{record}/phone") if phone else None,
        "phone_index": vault.index("phone", phone) if phone else None,
        "company_revision": 0 if known is None else known.company_revision,
        "name_before_encrypted": None if known is None else known.name_before_encrypted,
    }


async def held(session: AsyncSession, customer_id: str, now: datetime) -> Customer:
    """The file, with its office's row locked until the transaction ends: what is told down keeps its order.

    Raises ProblemError 404.
    """
    found = await repository.find(session, customer_id)
    if found is None:
        raise not_found("customer")
    await offices.lock(session, found.office, now)
    await session.refresh(found)
    return found


async def rename(runtime: Runtime, customer_id: str, change: CustomerRename) -> CentralCustomer:
    """Head office corrects a name; the office hears of it. The same name changes nothing. Raises ProblemError 404."""
    async with runtime.database.write() as session:
        now = runtime.clock()
        found = await held(session, customer_id, now)
        before, _ = _open(runtime.vault, found)
        if before != change.name:
            record = _record(found.office, customer_id)
            found.name_before_encrypted = runtime.vault.encrypt(before.encode(), record=f"{record}/name_before")
            found.name_encrypted = runtime.vault.encrypt(change.name.encode(), record=f"{record}/name")
            found.company_revision += 1
            await feed.note(session, found.office, "customer", [customer_id], now)
        return (await views(session, runtime.vault, [found]))[0]


async def down(
    session: AsyncSession, vault: Vault, sealer: Sealer, office: str, ids: Sequence[str]
) -> dict[str, CustomerDown]:
    known = await repository.by_ids(session, office, set(ids))
    return {
        customer_id: CustomerDown(
            customer_id=customer_id,
            owner_id=row.owner_id,
            created_at=row.created_at,
            gateway_revision=row.revision,
            company_revision=row.company_revision,
            sealed=sealer.seal(_company_side(vault, row).model_dump_json(), record=customer_id),
        )
        for customer_id, row in known.items()
    }


async def merges_down(
    session: AsyncSession, vault: Vault, sealer: Sealer, office: str, ids: Sequence[str]
) -> dict[str, MergeDown]:
    found = await repository.merges(session, office, ids)
    return {r.merge_id: MergeDown.model_validate(r.model_dump(include=set(MergeDown.model_fields))) for r in found}


def _company_side(vault: Vault, row: Customer) -> CompanyCustomer:
    name, phone = _open(vault, row)
    record = f"{_record(row.office, row.customer_id)}/name_before"
    before = b"" if row.name_before_encrypted is None else vault.decrypt(row.name_before_encrypted, record=record)
    return CompanyCustomer(phone=phone or None, name=name, name_before=before.decode())


def _record(office: str, customer_id: str) -> str:
    return f"customer/{office}/{customer_id}"


async def views(
    session: AsyncSession, vault: Vault, customers: Sequence[Customer], *, revealed: bool = False
) -> list[CentralCustomer]:
    """Masked, unless `revealed`: then the caller has logged it."""
    visits, follow_ups, sales = await repository.tallies(session, [c.customer_id for c in customers])
    shown = []
    for customer in customers:
        key = (customer.office, customer.customer_id)
        name, phone = _open(vault, customer)
        shown.append(
            CentralCustomer(
                customer_id=customer.customer_id,
                office=customer.office,
                name=name if revealed else mask_name(name),
                phone=phone if revealed else mask_phone(phone) if phone else "",
                revealed=revealed,
                owner_id=customer.owner_id,
                created_at=customer.created_at,
                visits=visits.get(key, 0),
                follow_ups=follow_ups.get(key, 0),
                sales=sales.get(key, 0),
            )
        )
    return shown


def phone_of(vault: Vault, customer: Customer) -> str:
    """E.164; empty without one."""
    return _open(vault, customer)[1]


def _open(vault: Vault, customer: Customer) -> tuple[str, str]:
    record = _record(customer.office, customer.customer_id)
    name = vault.decrypt(customer.name_encrypted, record=f"{record}/name").decode()
    if customer.phone_encrypted is None:
        return name, ""
    return name, vault.decrypt(customer.phone_encrypted, record=f"{record}/phone").decode()


async def log_reveal(session: AsyncSession, customer: Customer, who: str) -> None:
    await session.execute(
        table_of(Reveal).insert(),
        {
            "reveal_id": uuid7(),
            "at": utc_now(),
            "who": who,
            "office": customer.office,
            "customer_id": customer.customer_id,
        },
    )
