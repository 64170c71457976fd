"""Customer files: opened with the office's seal key, kept encrypted, shown masked, revealed with a record."""

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from central.customers import repository
from central.customers.tables import Customer, Reveal
from central.database import table_of
from central.intake import Intake, Item, Rejection
from central.vault import Vault
from contracts.central_api import CentralCustomer
from contracts.events import CustomerRecorded
from contracts.ids import uuid7
from contracts.sealing import CustomerSecret, SealError
from contracts.values import mask_name, mask_phone, utc_now


async def take(session: AsyncSession, intake: Intake, items: Sequence[Item[CustomerRecorded]]) -> list[Rejection]:
    rows: list[dict[str, Any]] = []
    rejections: list[Rejection] = []
    for item in items:
        try:
            text = intake.sealer.open(item.data.sealed, record=item.data.customer_id)
            secret = CustomerSecret.model_validate_json(text)
        except SealError as error:
            rejections.append(Rejection(item.event, "seal", str(error)))
        except ValidationError:
            rejections.append(Rejection(item.event, "sealed_content", "the sealed text is no CustomerSecret"))
        else:
            rows.append(_row(intake, item.data, secret))
    await repository.save(session, rows)
    return rejections


def _row(intake: Intake, data: CustomerRecorded, secret: CustomerSecret) -> dict[str, Any]:
    record = _record(intake.office, data.customer_id)
    phone = secret.phone or None
    vault = intake.vault
    return {
        "office": intake.office,
        "customer_id": data.customer_id,
        "revision": data.revision,
        "created_at": data.created_at,
        "owner_id": data.owner_id,
        "name_encrypted": vault.encrypt(secret.name.encode(), record=f"{record}/name"),
        "phone_encrypted": vault.encrypt(phone.encode(), record=f"{record}/phone") if phone else None,
        "phone_index": vault.index("phone", phone) if phone else None,
    }


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
