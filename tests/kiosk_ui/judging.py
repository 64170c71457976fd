"""The stand-in's routes around decisions: models and refusals of docs/api.md, its state open to the tests."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import FastAPI, Header, Query

from contracts.alerts_api import PushDeadLetter, PushDeadLetterPage, ReceiptPage, ReceiptView
from contracts.appeals_api import AppealDecision, AppealRequest, AppealView
from contracts.floor_api import DeadLetterPage, DeadLetterView, Floor
from contracts.fraud_api import FraudPage, FraudSignal
from contracts.gateway_api import CustomerView, HandOverRequest, TurnVisit, VisitView, WhyNot
from contracts.identity_api import CallRequest, CallTaken, ClaimableVisit, OwnerAssignment, PoolEntry, PoolPage
from contracts.ids import uuid7
from contracts.nodes_api import DriftPage
from contracts.policy import PolicyConfig
from contracts.rota_api import PolicyInForce
from contracts.sync_api import SyncView
from contracts.values import utc_now
from contracts.verdicts_api import ClaimConflict, OwnVerdict, SeenVerdict
from tests.kiosk_ui.judging_samples import a_sync, an_appeal
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
    calls: dict[str, CallRequest] = field(default_factory=dict)
    call_owner: str = "who_took_it"
    claims: list[ClaimableVisit] = field(default_factory=list)
    claimed: list[str] = field(default_factory=list)
    pool: list[PoolEntry] = field(default_factory=list)
    owners: list[tuple[str, OwnerAssignment]] = field(default_factory=list)
    verdicts: list[OwnVerdict] = field(default_factory=list)
    appeals: list[AppealView] = field(default_factory=list)
    appeal_decisions: list[AppealDecision] = field(default_factory=list)
    pushes: list[PushDeadLetter] = field(default_factory=list)
    drift: DriftPage = field(default_factory=lambda: DriftPage(days=20, items=[]))
    sync: SyncView = field(default_factory=lambda: a_sync())
    policy: PolicyConfig = field(default_factory=PolicyConfig)
    conflicts: list[ClaimConflict] = field(default_factory=list)
    fraud: list[FraudSignal] = field(default_factory=list)
    fraud_names: dict[str, str] = field(default_factory=dict)
    fraud_days: list[int] = field(default_factory=list)


def add_routes(app: FastAPI, office: Callable[[], Any]) -> None:
    _turn_routes(app, office)
    _desk_routes(app, office)
    _fraud_routes(app, office)
    _owner_routes(app, office)
    _verdict_routes(app, office)


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

    @app.get("/v1/push/dead-letters")
    async def pushes() -> PushDeadLetterPage:
        return PushDeadLetterPage(items=office().judging.pushes)

    @app.post("/v1/push/dead-letters/{push_id}/resend", status_code=204)
    async def resend(push_id: str) -> None:
        judging = office().judging
        judging.pushes = [push for push in judging.pushes if push.push_id != push_id]

    @app.get("/v1/nodes/drift")
    async def drift() -> DriftPage:
        found: DriftPage = office().judging.drift
        return found

    @app.get("/v1/sync")
    async def sync() -> SyncView:
        found: SyncView = office().judging.sync
        return found

    @app.get("/v1/policy")
    async def policy() -> PolicyInForce:
        since = utc_now() - timedelta(days=20)
        return PolicyInForce(version=3, since=since, policy=office().judging.policy)


def _fraud_routes(app: FastAPI, office: Callable[[], Any]) -> None:
    @app.get("/v1/fraud-signals")
    async def signals(
        since: Annotated[datetime, Query(alias="from")], until: Annotated[datetime, Query(alias="to")]
    ) -> FraudPage:
        judging = office().judging
        judging.fraud_days.append((until - since).days)
        return FraudPage(items=judging.fraud, visits=12, registrations=34, policy_version=3, names=judging.fraud_names)

    @app.get("/v1/conflicts")
    async def conflicts() -> list[ClaimConflict]:
        found: list[ClaimConflict] = office().judging.conflicts
        return found


def _owner_routes(app: FastAPI, office: Callable[[], Any]) -> None:
    @app.post("/v1/calls", status_code=201)
    async def call(request: CallRequest, idempotency_key: str = Header()) -> CallTaken:
        judging = office().judging
        judging.calls.setdefault(idempotency_key, request)
        return CallTaken(call_id=uuid7(), at=utc_now(), owner=judging.call_owner)

    @app.get("/v1/claims")
    async def claims() -> list[ClaimableVisit]:
        found: list[ClaimableVisit] = office().judging.claims
        return found

    @app.post("/v1/visits/{visit_id}/claim", status_code=204)
    async def claim(visit_id: str) -> None:
        office().judging.claimed.append(visit_id)

    @app.get("/v1/pool")
    async def pool() -> PoolPage:
        return PoolPage(items=office().judging.pool)

    @app.put("/v1/customers/{customer_id}/owner")
    async def assign(customer_id: str, request: OwnerAssignment) -> CustomerView:
        judging = office().judging
        judging.owners.append((customer_id, request))
        entry: PoolEntry = next(e for e in judging.pool if e.customer.customer_id == customer_id)
        judging.pool = [e for e in judging.pool if e is not entry]
        return entry.customer


def _verdict_routes(app: FastAPI, office: Callable[[], Any]) -> None:
    @app.get("/v1/me/verdicts")
    async def own() -> list[OwnVerdict]:
        found: list[OwnVerdict] = office().judging.verdicts
        return found

    @app.get("/v1/visits/{visit_id}/verdict")
    async def verdict(visit_id: str, reader_id: str) -> SeenVerdict:
        judging = office().judging
        assert reader_id == PERSON
        seen: OwnVerdict = next(v for v in judging.verdicts if v.visit_id == visit_id)
        return SeenVerdict.model_validate(seen.model_dump(include=set(SeenVerdict.model_fields)))

    @app.get("/v1/appeals")
    async def appeals() -> list[AppealView]:
        found: list[AppealView] = office().judging.appeals
        return found

    @app.post("/v1/appeals", status_code=201)
    async def file(request: AppealRequest, idempotency_key: str = Header()) -> AppealView:
        judging = office().judging
        visit_id = next(v.visit_id for v in judging.verdicts if v.verdict_id == request.verdict_id)
        made = an_appeal(visit_id=visit_id, verdict_id=request.verdict_id, text=request.text)
        judging.appeals = [made, *judging.appeals]
        return made

    @app.post("/v1/appeals/{appeal_id}/decision")
    async def decide(appeal_id: str, decision: AppealDecision, if_match: str = Header()) -> AppealView:
        judging = office().judging
        appeal: AppealView = next(a for a in judging.appeals if a.appeal_id == appeal_id)
        assert if_match == f'"{appeal.revision}"'
        judging.appeal_decisions.append(decision)
        done = {"state": decision.outcome, "reason": decision.reason, "decided_by": "周敏", "decided_at": utc_now()}
        made = appeal.model_copy(update=done)
        judging.appeals = [made if a.appeal_id == appeal_id else a for a in judging.appeals]
        return made
