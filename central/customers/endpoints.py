"""Customer files of all offices."""

from fastapi import APIRouter

from central.access import CallerDep, roles
from central.customers import erasure, repository, service
from central.customers.search import by_phone, log_entry
from central.paging import cursor_of, cut
from central.problems import not_found
from central.runtime import RuntimeDep
from contracts.central_api import CentralCustomer, CustomerRename, Page
from contracts.company_api import CompanyLookupPage, CompanyPerson, CompanySearch
from contracts.cursors import Cursor
from contracts.ids import Slug, Uuid

router = APIRouter(tags=["customers"])


@router.get("/v1/customers", **roles("manager"))
async def customers(runtime: RuntimeDep, office: Slug | None = None, cursor: str | None = None) -> Page:
    """Newest first, masked."""
    async with runtime.database.read() as session:
        rows = await repository.page(session, office, cursor_of(cursor))
        shown, following = cut(rows, lambda row: Cursor(row.created_at, row.customer_id))
        views = await service.views(session, runtime.vault, shown)
    return Page(items=[view.model_dump(mode="json") for view in views], next_cursor=following)


@router.post("/v1/customers/search", **roles("manager"))
async def search(runtime: RuntimeDep, caller: CallerDep, body: CompanySearch) -> CompanyPerson:
    """The person with that number in all offices: each office's file beside the others, masked.

    Written down before it is shown. 429 `too_many_lookups` with `Retry-After`.
    """
    return await by_phone(runtime, caller.name, body.phone)


@router.get("/v1/customer-lookups", **roles("admin"))
async def lookups(runtime: RuntimeDep, cursor: str | None = None) -> CompanyLookupPage:
    """Who searched the customers of all offices, and which files they were shown, newest first."""
    async with runtime.database.read() as session:
        rows = await repository.lookups(session, cursor_of(cursor))
    shown, following = cut(rows, lambda row: Cursor(row.at, row.lookup_id))
    return CompanyLookupPage(items=[log_entry(row) for row in shown], next_cursor=following)


@router.get("/v1/customers/{customer_id}", **roles("manager"))
async def customer(runtime: RuntimeDep, customer_id: Uuid) -> CentralCustomer:
    """Masked."""
    async with runtime.database.read() as session:
        found = await repository.find(session, customer_id)
        if found is None:
            raise not_found("customer")
        return (await service.views(session, runtime.vault, [found]))[0]


@router.patch("/v1/customers/{customer_id}", **roles("manager"))
async def rename(runtime: RuntimeDep, customer_id: Uuid, body: CustomerRename) -> CentralCustomer:
    """Correct a name; the customer's office takes it over."""
    return await service.rename(runtime, customer_id, body)


@router.delete("/v1/customers/{customer_id}", status_code=204, **roles("manager"))
async def erase(runtime: RuntimeDep, caller: CallerDep, customer_id: Uuid) -> None:
    """The person asked for it: nothing personal of them is kept, here or at their office; decisions stay."""
    await erasure.erase(runtime, caller.name, customer_id)
    await runtime.database.leave_no_copy()


@router.post("/v1/customers/{customer_id}/reveal", **roles("manager"))
async def reveal(runtime: RuntimeDep, caller: CallerDep, customer_id: Uuid) -> CentralCustomer:
    """Name and number in full; who looked is written down first."""
    async with runtime.database.write() as session:
        found = await repository.find(session, customer_id)
        if found is None:
            raise not_found("customer")
        await service.log_reveal(session, found, caller.name)
        return (await service.views(session, runtime.vault, [found], revealed=True))[0]
