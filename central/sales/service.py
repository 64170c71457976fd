"""Steps of the funnel: from an office's outbox, or entered here."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from central.customers import repository as customers
from central.idempotency import body_hash, claim
from central.intake import Intake, Item, Rejection
from central.offices import repository as offices
from central.overview import figures
from central.problems import ProblemError, not_found
from central.runtime import Runtime
from central.sales import repository
from central.sales.tables import Sale
from central.timeframe import local_day, zone_of
from contracts.central_api import CentralSale, SalePost
from contracts.facts import SaleRecorded
from contracts.ids import uuid7
from contracts.rest import FieldError


def view(sale: Sale) -> CentralSale:
    return CentralSale(**sale.model_dump(include=set(CentralSale.model_fields)))


async def take(session: AsyncSession, intake: Intake, items: Sequence[Item[SaleRecorded]]) -> list[Rejection]:
    rows = [{"office": intake.office, "day": intake.day_of(item.data.at), **item.data.model_dump()} for item in items]
    await repository.save(session, rows)
    intake.touched_days |= {row["day"] for row in rows}
    return []


async def enter(runtime: Runtime, who: str, key: str, body: SalePost) -> tuple[CentralSale, bool]:
    """Record a sale once per key; answers it and whether it is new. Raises ProblemError 404, 409, 422."""
    now = runtime.clock()
    digest = body_hash(runtime.vault.index("body", key), "sales", body)
    async with runtime.database.write() as session:
        await check_people(session, body.office, body.customer_id, body.consultant_id)
        office = await offices.lock(session, body.office, now)
        taken = await claim(session, who=who, key=key, digest=digest, fact_id=uuid7(), now=now)
        if taken.first:
            at = body.at or now
            day = local_day(at, zone_of(office.time_zone))
            row = {**body.model_dump(), "at": at, "day": day, "fact_id": taken.fact_id}
            await repository.save(session, [row])
            await figures.refresh(session, body.office, {day})
        return view(await repository.one(session, body.office, taken.fact_id)), taken.first


async def check_people(session: AsyncSession, office: str, customer_id: str, consultant_id: str) -> None:
    """Raises ProblemError 404 for the office, 422 for a customer or consultant it does not have."""
    if await offices.find(session, office) is None:
        raise not_found("office")
    errors = []
    if not await customers.exists(session, office, customer_id):
        errors.append(FieldError(field="customer_id", code="unknown_customer"))
    if not await offices.works_there(session, office, consultant_id):
        errors.append(FieldError(field="consultant_id", code="unknown_consultant"))
    if errors:
        raise ProblemError(422, "invalid_request", errors=errors)
