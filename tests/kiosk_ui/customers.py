"""The stand-in's routes around customer files, follow-ups and sales."""

from datetime import timedelta
from typing import TYPE_CHECKING

from fastapi import FastAPI, Header
from fastapi.responses import JSONResponse

from contracts.facts_api import FollowUpRequest, SaleRequest
from contracts.gateway_api import CustomerPatch, CustomerView, TimelineEntry, TimelinePage
from contracts.ids import uuid7
from contracts.values import utc_now
from tests.kiosk_ui.samples import a_problem

if TYPE_CHECKING:
    from tests.kiosk_ui.standin import Office


def add_routes(app: FastAPI, office: "Office") -> None:
    def known(customer_id: str) -> CustomerView:
        people = [v.customer for v in office.me.serving + office.me.recent if v.customer]
        people += [o.visit.customer for o in office.me.offers if o.visit.customer]
        people += [f.customer for f in office.desk.found]
        found = next(c for c in people if c.customer_id == customer_id)
        return office.customers.setdefault(customer_id, found)

    @app.get("/v1/customers/{customer_id}")
    async def customer(customer_id: str) -> CustomerView:
        return known(customer_id)

    @app.post("/v1/customers/{customer_id}/reveal")
    async def reveal(customer_id: str) -> CustomerView:
        office.revealed.append(customer_id)
        return known(customer_id).model_copy(update={"phone": "13800112345", "revealed": True})

    @app.patch("/v1/customers/{customer_id}", response_model=None)
    async def patch(customer_id: str, change: CustomerPatch, if_match: str = Header()) -> CustomerView | JSONResponse:
        if if_match != f'"{known(customer_id).edition}"':
            return a_problem(412, "changed_meanwhile")
        office.patches.append(change.model_dump(exclude_unset=True))
        office.customers[customer_id] = known(customer_id).model_copy(update=change.model_dump(exclude_unset=True))
        return office.customers[customer_id]

    @app.get("/v1/customers/{customer_id}/timeline")
    async def timeline(customer_id: str, cursor: str | None = None) -> TimelinePage:
        now = utc_now()
        if cursor is not None:
            oldest = TimelineEntry(at=now - timedelta(days=31), kind="visit", title="visit.first", by="李明")
            return TimelinePage(items=[oldest])
        note = "看了 3 号楼 1202 样板间，想等周末带家人再来"
        newest = [
            TimelineEntry(
                at=now - timedelta(days=2), kind="follow_up", title="follow_up.call", by="李明", text="约好本周末到访"
            ),
            TimelineEntry(at=now - timedelta(days=13), kind="visit", title="visit.return", by="李明", text=note),
            TimelineEntry(
                at=now - timedelta(days=13), kind="sale", title="sale.intent", by="李明", amount_fen=5_000_000
            ),
        ]
        return TimelinePage(items=newest, next_cursor="older")

    @app.post("/v1/follow-ups", status_code=201)
    async def follow_up(request: FollowUpRequest, idempotency_key: str = Header()) -> dict[str, str]:
        office.facts.setdefault(idempotency_key, request)
        return {"fact_id": uuid7()}

    @app.post("/v1/sales", status_code=201)
    async def sale(request: SaleRequest, idempotency_key: str = Header()) -> dict[str, str]:
        office.facts.setdefault(idempotency_key, request)
        return {"fact_id": uuid7()}
