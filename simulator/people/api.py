"""The gateway's public API as a person's screen uses it: one token, one client."""

from collections.abc import AsyncGenerator
from typing import Any

import httpx
import websockets
from pydantic import BaseModel, TypeAdapter

from contracts.alerts_api import AlertList, AlertReceipt, AlertReceipts
from contracts.appeals_api import AppealRequest
from contracts.faces_api import ConsentAnswer, ConsentRequest, ConsentText, EnrolmentView
from contracts.facts_api import FollowUpRequest, SaleRequest
from contracts.floor_api import Floor, QueueView
from contracts.gateway_api import CheckInRequest, CheckInResult, DeclineRequest, Draft, FinishRequest, Language
from contracts.identity_api import CallRequest, MergeRequest, SearchPage, SearchRequest
from contracts.ids import uuid7
from contracts.rest import Problem, Session, SessionRequest
from contracts.rota_api import Me
from contracts.stream_api import StreamHello, StreamMessage
from contracts.verdicts_api import OwnVerdict

_VERDICTS = TypeAdapter(list[OwnVerdict])


class RefusedError(RuntimeError):
    """The gateway answered with a problem; `code` is its stable code."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code


class GatewayApi:
    """Every method raises RefusedError for a problem document, httpx.HTTPError when the gateway is out of reach."""

    def __init__(self, url: str, token: str = "") -> None:
        self.url = url
        self.token = token
        self._client = httpx.AsyncClient(base_url=url, timeout=10, trust_env=False)

    async def close(self) -> None:
        await self._client.aclose()

    async def sign_in(self, staff_no: str, pin: str) -> Session:
        body = await self._call("POST", "/v1/sessions", SessionRequest(staff_no=staff_no, pin=pin))
        session = Session.model_validate(body)
        self.token = session.token
        return session

    async def me(self) -> Me:
        return Me.model_validate(await self._call("GET", "/v1/me"))

    async def join_rota(self) -> Me:
        return Me.model_validate(await self._call("POST", "/v1/rota/sign-in"))

    async def accept(self, offer_id: str) -> None:
        await self._call("POST", f"/v1/offers/{offer_id}/accept")

    async def decline(self, offer_id: str, request: DeclineRequest) -> None:
        await self._call("POST", f"/v1/offers/{offer_id}/decline", request)

    async def finish(self, visit_id: str, request: FinishRequest) -> None:
        await self._call("POST", f"/v1/visits/{visit_id}/finish", request)

    async def follow_up(self, request: FollowUpRequest) -> None:
        await self._call("POST", "/v1/follow-ups", request, key=uuid7())

    async def sale(self, request: SaleRequest) -> None:
        await self._call("POST", "/v1/sales", request, key=uuid7())

    async def note_call(self, request: CallRequest) -> None:
        await self._call("POST", "/v1/calls", request, key=uuid7())

    async def verdicts(self) -> list[OwnVerdict]:
        return _VERDICTS.validate_python(await self._call("GET", "/v1/me/verdicts"))

    async def appeal(self, request: AppealRequest) -> None:
        await self._call("POST", "/v1/appeals", request, key=uuid7())

    async def search(self, request: SearchRequest) -> SearchPage:
        return SearchPage.model_validate(await self._call("POST", "/v1/customers/search", request))

    async def propose_merge(self, request: MergeRequest) -> None:
        await self._call("POST", "/v1/merges", request, key=uuid7())

    async def keep_draft(self, draft_id: str, draft: Draft) -> None:
        await self._call("PUT", f"/v1/drafts/{draft_id}", draft)

    async def check_in(self, key: str, request: CheckInRequest) -> CheckInResult:
        return CheckInResult.model_validate(await self._call("POST", "/v1/checkins", request, key=key))

    async def consent_text(self, language: Language) -> ConsentText:
        return ConsentText.model_validate(await self._call("GET", f"/v1/consent-text?language={language}"))

    async def answer_consent(self, key: str, request: ConsentRequest) -> ConsentAnswer:
        return ConsentAnswer.model_validate(await self._call("POST", "/v1/consents", request, key=key))

    async def enrol(self, consent_id: str) -> EnrolmentView:
        return EnrolmentView.model_validate(await self._call("POST", f"/v1/consents/{consent_id}/enrolment"))

    async def enrolment(self, consent_id: str) -> EnrolmentView:
        return EnrolmentView.model_validate(await self._call("GET", f"/v1/consents/{consent_id}/enrolment"))

    async def queue(self) -> QueueView:
        return QueueView.model_validate(await self._call("GET", "/v1/queue"))

    async def floor(self) -> Floor:
        return Floor.model_validate(await self._call("GET", "/v1/floor"))

    async def offers(self) -> AsyncGenerator[Me, None]:
        """A consultant's alerts until the connection ends. Raises websockets.WebSocketException or OSError."""
        address = self.url.replace("http", "ws", 1) + "/v1/stream"
        async with websockets.connect(address, proxy=None, open_timeout=10) as socket:
            await socket.send(StreamHello(token=self.token, topics=["offers", "alerts"]).model_dump_json())
            async for text in socket:
                message = StreamMessage.model_validate_json(text)
                if message.kind == "ping" or message.topic == "alerts":
                    await self._seen(AlertList.model_validate(message.body or {"items": [], "unread": 0}))
                if message.topic == "offers" and message.body is not None:
                    yield Me.model_validate(message.body)

    async def _seen(self, alerts: AlertList) -> None:
        """Somebody looks at this tablet: say so, and confirm what came."""
        new = [alert.alert_id for alert in alerts.items if alert.live and alert.shown_at is None]
        items = [AlertReceipt(alert_id=alert_id, stage="shown") for alert_id in new]
        await self._call("POST", "/v1/alerts/receipts", AlertReceipts(visible=True, items=items))

    async def _call(self, method: str, path: str, body: BaseModel | None = None, key: str = "") -> Any:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        if key:
            headers["Idempotency-Key"] = key
        json = None if body is None else body.model_dump(mode="json")
        response = await self._client.request(method, path, json=json, headers=headers)
        if response.is_error:
            raise RefusedError(response.status_code, _code(response))
        return response.json() if response.content else None


def _code(response: httpx.Response) -> str:
    try:
        return Problem.model_validate(response.json()).code
    except ValueError:
        return "no_problem_document"
