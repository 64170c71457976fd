"""The gateway's routes around decisions: why not me, the manager's desk, the rules. Part of `GatewayClient`."""

from datetime import datetime

from pydantic import TypeAdapter

from contracts.alerts_api import PushDeadLetterPage, ReceiptPage
from contracts.appeals_api import AppealDecision, AppealRequest, AppealView, PartyKind
from contracts.floor_api import DeadLetterPage, Floor
from contracts.fraud_api import FraudPage
from contracts.gateway_api import CustomerView, LateNumber, TurnVisit, VisitView, WhyNot
from contracts.identity_api import CallRequest, CallTaken, ClaimableVisit, OwnerAssignment, PoolPage
from contracts.nodes_api import DriftPage, NodeConfigRequest, NodeConfigVersion, NodeConfigView
from contracts.rota_api import PolicyInForce
from contracts.sync_api import SyncView
from contracts.verdicts_api import ClaimConflict, OwnVerdict, SeenVerdict
from kiosk_ui.clients.calls import Calls

_TURN_VISITS = TypeAdapter(list[TurnVisit])
_APPEALS = TypeAdapter(list[AppealView])
_CLAIMS = TypeAdapter(list[ClaimableVisit])
_CONFLICTS = TypeAdapter(list[ClaimConflict])
_VERSIONS = TypeAdapter(list[NodeConfigVersion])
_VERDICTS = TypeAdapter(list[OwnVerdict])


class DecisionRoutes(Calls):
    # ---- turns
    async def visits_of_today(self, token: str) -> list[TurnVisit]:
        return _TURN_VISITS.validate_python(await self._call(token, "GET", "/v1/rota/visits"))

    async def why_not(self, token: str, visit_id: str, consultant_id: str) -> WhyNot:
        asked: dict[str, str | int] = {"consultant_id": consultant_id}
        return WhyNot.model_validate(await self._call(token, "GET", f"/v1/visits/{visit_id}/why-not", params=asked))

    # ---- whose customer
    async def add_number(self, token: str, visit_id: str, request: LateNumber) -> VisitView:
        """Problems `not_your_visit`, `manager_needed`, `has_customer`, `not_a_visit`."""
        return VisitView.model_validate(await self._call(token, "PUT", f"/v1/visits/{visit_id}/number", request))

    async def note_call(self, token: str, key: str, request: CallRequest) -> CallTaken:
        return CallTaken.model_validate(await self._call(token, "POST", "/v1/calls", request, key=key))

    async def claimable(self, token: str) -> list[ClaimableVisit]:
        return _CLAIMS.validate_python(await self._call(token, "GET", "/v1/claims"))

    async def claim(self, token: str, visit_id: str) -> None:
        """Problem `not_yours_to_claim`."""
        await self._call(token, "POST", f"/v1/visits/{visit_id}/claim")

    async def pool(self, token: str) -> PoolPage:
        return PoolPage.model_validate(await self._call(token, "GET", "/v1/pool"))

    async def assign_owner(self, token: str, customer_id: str, assignment: OwnerAssignment) -> CustomerView:
        """Problem `has_an_owner`."""
        answer = await self._call(token, "PUT", f"/v1/customers/{customer_id}/owner", assignment)
        return CustomerView.model_validate(answer)

    # ---- devices of a node
    async def node_config(self, token: str, node: str) -> NodeConfigView:
        return NodeConfigView.model_validate(await self._call(token, "GET", f"/v1/nodes/{node}/config"))

    async def node_config_versions(self, token: str, node: str) -> list[NodeConfigVersion]:
        """Newest first."""
        return _VERSIONS.validate_python(await self._call(token, "GET", f"/v1/nodes/{node}/config/versions"))

    async def ask_node_config(self, token: str, node: str, request: NodeConfigRequest) -> NodeConfigView:
        """Problems `changed_meanwhile`, `invalid`, `too_large`."""
        return NodeConfigView.model_validate(await self._call(token, "PUT", f"/v1/nodes/{node}/config", request))

    # ---- verdicts and appeals
    async def own_verdicts(self, token: str) -> list[OwnVerdict]:
        """Those that concern the caller and are still open to appeal, newest first."""
        return _VERDICTS.validate_python(await self._call(token, "GET", "/v1/me/verdicts"))

    async def verdict_as(
        self, token: str, visit_id: str, side: PartyKind, reader_id: str, agent_id: str | None = None
    ) -> SeenVerdict:
        """The newest verdict as that side reads it; of a channel as that one agent of it does."""
        asked: dict[str, str | int] = {"as": side, "reader_id": reader_id}
        asked |= {} if agent_id is None else {"agent_id": agent_id}
        return SeenVerdict.model_validate(
            await self._call(token, "GET", f"/v1/visits/{visit_id}/verdict", params=asked)
        )

    async def conflicts(self, token: str) -> list[ClaimConflict]:
        """Visits that several masked registrations claim, newest first."""
        return _CONFLICTS.validate_python(await self._call(token, "GET", "/v1/conflicts"))

    async def appeals(self, token: str) -> list[AppealView]:
        """Newest first; a consultant's own."""
        return _APPEALS.validate_python(await self._call(token, "GET", "/v1/appeals"))

    async def file_appeal(self, token: str, key: str, request: AppealRequest) -> AppealView:
        """Problems `appeal_period_over`, `verdict_superseded`, `already_appealed`, `not_your_verdict`."""
        return AppealView.model_validate(await self._call(token, "POST", "/v1/appeals", request, key=key))

    async def decide_appeal(self, token: str, appeal: AppealView, decision: AppealDecision) -> AppealView:
        """Of the appeal as it was read. Problems `changed`, `already_decided`, `party_to_it`, `not_received`."""
        path, seen = f"/v1/appeals/{appeal.appeal_id}/decision", str(appeal.revision)
        return AppealView.model_validate(await self._call(token, "POST", path, decision, seen=seen))

    async def fraud_signals(self, token: str, since: datetime, until: datetime, limit: int) -> FraudPage:
        """Of at most 31 days, newest first; a cursor says that there are more than `limit`."""
        asked: dict[str, str | int] = {"from": since.isoformat(), "to": until.isoformat(), "limit": limit}
        return FraudPage.model_validate(await self._call(token, "GET", "/v1/fraud-signals", params=asked))

    # ---- the manager's desk
    async def floor(self, token: str) -> Floor:
        return Floor.model_validate(await self._call(token, "GET", "/v1/floor"))

    async def receipts(self, token: str) -> ReceiptPage:
        return ReceiptPage.model_validate(await self._call(token, "GET", "/v1/alerts/receipts"))

    async def dead_letters(self, token: str) -> DeadLetterPage:
        return DeadLetterPage.model_validate(await self._call(token, "GET", "/v1/dead-letters"))

    async def push_dead_letters(self, token: str) -> PushDeadLetterPage:
        return PushDeadLetterPage.model_validate(await self._call(token, "GET", "/v1/push/dead-letters"))

    async def resend_push(self, token: str, push_id: str) -> None:
        await self._call(token, "POST", f"/v1/push/dead-letters/{push_id}/resend")

    async def sync(self, token: str) -> SyncView:
        return SyncView.model_validate(await self._call(token, "GET", "/v1/sync"))

    async def drifting_counters(self, token: str) -> DriftPage:
        return DriftPage.model_validate(await self._call(token, "GET", "/v1/nodes/drift"))

    async def policy(self, token: str) -> PolicyInForce:
        return PolicyInForce.model_validate(await self._call(token, "GET", "/v1/policy"))
