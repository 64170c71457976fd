"""The gateway's routes around decisions: why not me, the manager's desk, the rules. Part of `GatewayClient`."""

from pydantic import TypeAdapter

from contracts.alerts_api import ReceiptPage
from contracts.floor_api import DeadLetterPage, Floor
from contracts.gateway_api import PolicyInForce, TurnVisit, WhyNot
from kiosk_ui.clients.calls import Calls

_TURN_VISITS = TypeAdapter(list[TurnVisit])


class DecisionRoutes(Calls):
    # ---- turns
    async def visits_of_today(self, token: str) -> list[TurnVisit]:
        return _TURN_VISITS.validate_python(await self._call(token, "GET", "/v1/rota/visits"))

    async def why_not(self, token: str, visit_id: str, consultant_id: str) -> WhyNot:
        asked: dict[str, str | int] = {"consultant_id": consultant_id}
        return WhyNot.model_validate(await self._call(token, "GET", f"/v1/visits/{visit_id}/why-not", params=asked))

    # ---- the manager's desk
    async def floor(self, token: str) -> Floor:
        return Floor.model_validate(await self._call(token, "GET", "/v1/floor"))

    async def receipts(self, token: str) -> ReceiptPage:
        return ReceiptPage.model_validate(await self._call(token, "GET", "/v1/alerts/receipts"))

    async def dead_letters(self, token: str) -> DeadLetterPage:
        return DeadLetterPage.model_validate(await self._call(token, "GET", "/v1/dead-letters"))

    async def policy(self, token: str) -> PolicyInForce:
        return PolicyInForce.model_validate(await self._call(token, "GET", "/v1/policy"))
