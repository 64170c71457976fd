"""The stand-in's routes around decisions: models and refusals of docs/api.md, its state open to the tests."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from fastapi import FastAPI

from contracts.alerts_api import ReceiptPage, ReceiptView
from contracts.floor_api import DeadLetterPage, DeadLetterView, Floor
from contracts.gateway_api import HandOverRequest, PolicyInForce, TurnVisit, VisitView, WhyNot
from contracts.policy import PolicyConfig
from contracts.values import utc_now
from tests.kiosk_ui.samples import COLLEAGUE, PERSON


@dataclass
class Judging:
    """What the stand-in knows of turns and decisions; tests read and change it."""

    today: list[TurnVisit] = field(default_factory=list)
    why_not: dict[str, WhyNot] = field(default_factory=dict)
    colleague_free: bool = True
    handed_over: list[HandOverRequest] = field(default_factory=list)
    receipts: list[ReceiptView] = field(default_factory=list)
    dead_letters: list[DeadLetterView] = field(default_factory=list)
    policy: PolicyConfig = field(default_factory=PolicyConfig)


def add_routes(app: FastAPI, office: Callable[[], Any]) -> None:
    _turn_routes(app, office)
    _desk_routes(app, office)


def _turn_routes(app: FastAPI, office: Callable[[], Any]) -> None:
    @app.get("/v1/rota/visits")
    async def today() -> list[TurnVisit]:
        found: list[TurnVisit] = office().judging.today
        return found

    @app.get("/v1/visits/{visit_id}/why-not")
    async def why_not(visit_id: str, consultant_id: str) -> WhyNot:
        assert consultant_id == PERSON
        empty = WhyNot(visit_id=visit_id, consultant_id=consultant_id, answers=[])
        found: WhyNot = office().judging.why_not.get(visit_id, empty)
        return found

    @app.post("/v1/visits/{visit_id}/hand-over")
    async def hand_over(visit_id: str, request: HandOverRequest) -> VisitView:
        here = office()
        visit: VisitView | None = next((v for v in here.me.serving if v.visit_id == visit_id), None)
        if visit is None:  # not from the tablet
            done: VisitView = here.desk.hand_over(visit_id, request)
            await here.push_floor()
            return done
        here.judging.handed_over.append(request)
        if not here.judging.colleague_free:
            return visit
        here.me = here.me.model_copy(update={"serving": []})
        here.rota(state="free", place=1)
        await here.push("changed")
        return visit.model_copy(update={"consultant_id": COLLEAGUE, "consultant_name": "王芳"})


def _desk_routes(app: FastAPI, office: Callable[[], Any]) -> None:
    @app.get("/v1/floor")
    async def floor() -> Floor:
        found: Floor = office().desk.floor
        return found

    @app.get("/v1/alerts/receipts")
    async def receipts() -> ReceiptPage:
        return ReceiptPage(items=office().judging.receipts)

    @app.get("/v1/dead-letters")
    async def dead_letters() -> DeadLetterPage:
        return DeadLetterPage(items=office().judging.dead_letters)

    @app.get("/v1/policy")
    async def policy() -> PolicyInForce:
        since = utc_now() - timedelta(days=20)
        return PolicyInForce(version=3, since=since, policy=office().judging.policy)
