"""The stand-in's routes of the front desk: visits, search, merging; its state is open to the tests."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI, Header
from fastapi.responses import JSONResponse

from contracts.floor_api import Floor
from contracts.gateway_api import AssignRequest, Explanation, HandOverRequest, VisitView
from contracts.identity_api import (
    FoundCustomer,
    MergeDecision,
    MergePage,
    MergeRequest,
    MergeView,
    PartyMember,
    PartyView,
    SearchPage,
    SearchRequest,
)
from contracts.ids import uuid7
from contracts.marks_api import JoinersRequest, MarkedPeople, MarkPeopleRequest, NonCustomerRequest
from contracts.rest import Problem
from contracts.values import utc_now
from tests.kiosk_ui.faces import MANAGER_TOKEN
from tests.kiosk_ui.floors import floor

Changed = Callable[[], Awaitable[None]]


@dataclass
class Desk:
    """What the stand-in knows of the front desk."""

    floor: Floor = field(default_factory=lambda: floor(now=utc_now()))
    closed: list[VisitView] = field(default_factory=list)
    explanations: dict[str, Explanation] = field(default_factory=dict)
    marked: list[MarkedPeople] = field(default_factory=list)
    found: list[FoundCustomer] = field(default_factory=list)
    party: list[PartyMember] = field(default_factory=list)
    more_found: bool = False
    search_problem: str = ""
    searched: list[str] = field(default_factory=list)
    assigned: list[tuple[str, AssignRequest]] = field(default_factory=list)
    handed_over: list[tuple[str, HandOverRequest]] = field(default_factory=list)
    erased: list[str] = field(default_factory=list)
    merges: list[MergeView] = field(default_factory=list)
    merge_requests: dict[str, MergeRequest] = field(default_factory=dict)
    merge_decisions: list[tuple[str, str, str]] = field(default_factory=list)
    slow: threading.Event | None = None
    """Where there is one, a customer's past visits are not answered before it is set."""

    def all_visits(self) -> list[VisitView]:
        return [*self.floor.waiting, *self.floor.serving, *self.closed]

    def one(self, visit_id: str) -> VisitView:
        return next(v for v in self.all_visits() if v.visit_id == visit_id)

    def put(self, visit: VisitView) -> VisitView:
        """The visit as it stands now, in the list where it belongs."""
        rest = [v for v in self.all_visits() if v.visit_id != visit.visit_id] + [visit]
        self.floor = self.floor.model_copy(
            update={
                "waiting": [v for v in rest if v.state in {"waiting", "offered"}],
                "serving": [v for v in rest if v.state == "serving"],
            }
        )
        self.closed = [v for v in rest if v.state == "closed"]
        return visit

    def hand_over(self, visit_id: str, request: HandOverRequest) -> VisitView:
        self.handed_over.append((visit_id, request))
        given = {"consultant_id": request.consultant_id, "consultant_name": self.name(request.consultant_id)}
        return self.put(self.one(visit_id).model_copy(update=given))

    def customer(self, customer_id: str) -> Any:
        return next(f.customer for f in self.found if f.customer.customer_id == customer_id)

    def name(self, consultant_id: str) -> str:
        return next(e.name for e in self.floor.rota if e.consultant_id == consultant_id)


def _problem(status: int, code: str) -> JSONResponse:
    problem = Problem(title=code, status=status, code=code)
    return JSONResponse(problem.model_dump(), status, media_type="application/problem+json")


def add_routes(app: FastAPI, desk: Callable[[], Desk], floor_changed: Changed) -> None:
    """`floor_changed` pushes the floor to every open stream."""
    _visits(app, desk, floor_changed)
    _people(app, desk, floor_changed)
    _search(app, desk)
    _merges(app, desk)


def _visits(app: FastAPI, desk: Callable[[], Desk], changed: Changed) -> None:
    @app.get("/v1/visits")
    async def visits(state: str = "", customer_id: str = "") -> list[VisitView]:
        held = desk().slow
        if customer_id and held is not None:
            await asyncio.to_thread(held.wait, 30)
        found = [v for v in desk().all_visits() if not state or v.state == state]
        return [v for v in found if not customer_id or (v.customer and v.customer.customer_id == customer_id)]

    @app.get("/v1/visits/{visit_id}")
    async def visit(visit_id: str) -> VisitView:
        return desk().one(visit_id)

    @app.get("/v1/visits/{visit_id}/explanation")
    async def explanation(visit_id: str) -> Explanation:
        empty = Explanation(visit_id=visit_id, verdicts=[], turns=[])
        return desk().explanations.get(visit_id, empty)

    @app.post("/v1/visits/{visit_id}/assign")
    async def assign(visit_id: str, request: AssignRequest) -> VisitView:
        known = desk()
        known.assigned.append((visit_id, request))
        given = {"consultant_id": request.consultant_id, "consultant_name": known.name(request.consultant_id)}
        now = {"state": "serving", "accepted_at": utc_now(), "escalation": None}
        done = known.put(known.one(visit_id).model_copy(update=given | now))
        await changed()
        return done


def _people(app: FastAPI, desk: Callable[[], Desk], changed: Changed) -> None:
    async def now(visit_id: str, **fields: Any) -> VisitView:
        done = desk().put(desk().one(visit_id).model_copy(update=fields))
        await changed()
        return done

    @app.post("/v1/visits/{visit_id}/departure")
    async def depart(visit_id: str) -> VisitView:
        return await now(visit_id, state="closed", closed_at=utc_now(), close_reason="left")

    @app.post("/v1/visits/{visit_id}/joiners")
    async def join(visit_id: str, request: JoinersRequest) -> VisitView:
        return await now(visit_id, party_size=desk().one(visit_id).party_size + request.people)

    @app.post("/v1/visits/{visit_id}/non-customer")
    async def mark(visit_id: str, request: NonCustomerRequest) -> VisitView:
        ended = {"state": "closed", "closed_at": utc_now(), "close_reason": "not_customer"}
        return await now(visit_id, non_customer=request.reason, **ended)

    @app.delete("/v1/visits/{visit_id}/non-customer")
    async def unmark(visit_id: str) -> VisitView:
        return await now(visit_id, non_customer=None, state="waiting", closed_at=None, close_reason=None)

    @app.post("/v1/door/non-customers", status_code=201)
    async def mark_people(request: MarkPeopleRequest) -> MarkedPeople:
        said = request.model_dump(exclude={"minutes_ago"})
        made = MarkedPeople(mark_id=uuid7(), at=utc_now(), counted=request.people, **said)
        desk().marked.insert(0, made)
        return made

    @app.get("/v1/door/non-customers")
    async def marked() -> list[MarkedPeople]:
        return desk().marked

    @app.delete("/v1/door/non-customers/{mark_id}")
    async def unmark_people(mark_id: str) -> MarkedPeople:
        known = desk()
        known.marked = [m.model_copy(update={"undone": m.undone or m.mark_id == mark_id}) for m in known.marked]
        return next(m for m in known.marked if m.mark_id == mark_id)


def _search(app: FastAPI, desk: Callable[[], Desk]) -> None:
    @app.post("/v1/customers/search", response_model=None)
    async def search(request: SearchRequest) -> SearchPage | JSONResponse:
        known = desk()
        known.searched.append(request.text)
        if known.search_problem:
            return _problem(422, known.search_problem)
        return SearchPage(items=known.found, next_cursor=f"1.{uuid7()}" if known.more_found else None)

    @app.delete("/v1/customers/{customer_id}", status_code=204)
    async def erase(customer_id: str) -> None:
        known = desk()
        known.erased.append(customer_id)
        known.found = [each for each in known.found if each.customer.customer_id != customer_id]

    @app.get("/v1/customers/{customer_id}/party")
    async def party(customer_id: str) -> PartyView:
        return PartyView(members=desk().party)


def _merges(app: FastAPI, desk: Callable[[], Desk]) -> None:
    @app.post("/v1/merges", status_code=201)
    async def propose(
        request: MergeRequest, idempotency_key: str = Header(), authorization: str = Header()
    ) -> MergeView:
        known = desk()
        known.merge_requests[idempotency_key] = request
        done = authorization == f"Bearer {MANAGER_TOKEN}"
        made = a_merge(
            kept=known.customer(request.kept_id),
            merged=known.customer(request.merged_id),
            reason=request.reason,
            state="merged" if done else "proposed",
        )
        known.merges.append(made)
        return made

    @app.get("/v1/merges")
    async def merges(state: str | None = None) -> MergePage:
        return MergePage(items=[m for m in desk().merges if state in {None, m.state}])

    @app.post("/v1/merges/{merge_id}/{answer}", response_model=None)
    async def decide(
        merge_id: str, answer: str, decision: MergeDecision, if_match: str = Header()
    ) -> MergeView | JSONResponse:
        known = desk()
        found = next(m for m in known.merges if m.merge_id == merge_id)
        if if_match != f'"{found.revision}"':
            return _problem(412, "changed_meanwhile")
        known.merge_decisions.append((merge_id, answer, decision.reason))
        state = {"accept": "merged", "refuse": "refused", "end": "ended"}[answer]
        done = found.model_copy(update={"state": state, "revision": found.revision + 1})
        known.merges = [done if m.merge_id == merge_id else m for m in known.merges]
        return done


def a_merge(**fields: Any) -> MergeView:
    same = {"merge_id": uuid7(), "state": "proposed", "reason": "出示了两个号码", "revision": 1}
    return MergeView.model_validate(same | {"proposed_at": utc_now(), "proposed_by": "何静"} | fields)
