"""A customer who visited several offices is one person at head office: found by number, each office's file beside it.

Who may: managers and admins of head office. An office sees its own customers only, and is not told of the others.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from central.customers import repository, service
from central.customers.tables import Customer, Lookup
from central.offices import repository as offices
from central.problems import ProblemError
from central.runtime import Runtime
from central.vault import Vault
from central.visits import repository as visits
from contracts.company_api import CompanyFile, CompanyLookup, CompanyPerson, LookedAt
from contracts.ids import uuid7
from contracts.lookup_limits import HOUR, wait_seconds
from contracts.rest import FieldError
from contracts.values import Phone, mask_phone

SEARCHES_A_MINUTE = 30
FILES_AN_HOUR = 300
"""What an office allows by default: nobody copies the company's customers unnoticed."""
_NEVER = datetime.min.replace(tzinfo=UTC)


async def by_phone(runtime: Runtime, who: str, typed: str) -> CompanyPerson:
    """Written down before it is shown. Raises ProblemError 422 for no number, 429 `too_many_lookups`."""
    try:
        phone = Phone.parse(typed)
    except ValueError as error:
        raise ProblemError(422, "invalid_request", errors=[FieldError(field="phone", code=str(error))]) from None
    async with runtime.database.write() as session:
        now = runtime.clock()
        past = await repository.lookups_since(session, who, now - HOUR)
        wait = wait_seconds(past, now, in_a_minute=SEARCHES_A_MINUTE, files_in_an_hour=FILES_AN_HOUR)
        if wait:
            said = "too many searches of customer files: go on later"
            raise ProblemError(429, "too_many_lookups", said, headers={"Retry-After": str(wait)})
        found = await repository.of_phone(session, runtime.vault.index("phone", str(phone)))
        session.add(_written_down(who, now, found))
        return _person(mask_phone(str(phone)), await _files(session, runtime.vault, found))


def log_entry(row: Lookup) -> CompanyLookup:
    files = [LookedAt(office=office, customer_id=customer_id) for office, customer_id in row.files]
    return CompanyLookup(lookup_id=row.lookup_id, at=row.at, who=row.who, files=files)


def _written_down(who: str, now: datetime, found: Sequence[Customer]) -> Lookup:
    files = [[row.office, row.customer_id] for row in found]
    return Lookup(lookup_id=uuid7(), at=now, who=who, shown=len(found), files=files)


async def _files(session: AsyncSession, vault: Vault, found: Sequence[Customer]) -> list[CompanyFile]:
    shown = await service.views(session, vault, found)
    named = {office.office: office.name for office in await offices.everyone(session)}
    owners: dict[tuple[str, str], str] = {}
    for office in {row.office for row in found}:
        owners |= await offices.staff_names(session, office)
    files = []
    for view in shown:
        ids = await repository.speaking_for(session, view.office, view.customer_id)
        visit = await visits.latest(session, view.office, ids)
        files.append(
            CompanyFile(
                customer=view,
                office_name=named.get(view.office, view.office),
                owner_name=owners.get((view.office, view.owner_id or ""), ""),
                last_visit_at=None if visit is None else visit.opened_at,
                last_source="" if visit is None else visit.source,
                last_project="" if visit is None else visit.project,
            )
        )
    return sorted(files, key=lambda file: file.last_visit_at or _NEVER, reverse=True)


def _person(phone: str, files: list[CompanyFile]) -> CompanyPerson:
    return CompanyPerson(
        phone=phone,
        offices=len({file.customer.office for file in files}),
        visits=sum(file.customer.visits for file in files),
        sales=sum(file.customer.sales for file in files),
        known_since=min((file.customer.created_at for file in files), default=None),
        last_visit_at=max((file.last_visit_at for file in files if file.last_visit_at), default=None),
        files=files,
    )
