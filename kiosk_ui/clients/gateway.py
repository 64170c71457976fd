"""The gateway's API for the screens: typed answers, problems as exceptions, the live stream. Holds no token."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any, Literal, TypeVar

import httpx
from pydantic import BaseModel, TypeAdapter, ValidationError
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from contracts.alerts_api import AlertReceipts
from contracts.checkin_api import AskableConsultant, CheckInForm
from contracts.facts_api import FactCreated, FollowUpRequest, SaleRequest
from contracts.floor_api import QueueView
from contracts.gateway_api import (
    CheckInRequest,
    CheckInResult,
    CustomerPatch,
    CustomerView,
    DeclineRequest,
    Draft,
    FinishRequest,
    TimelinePage,
    VisitView,
)
from contracts.readings_api import ReadingList, ReadingUse
from contracts.rest import Problem, Session, SessionRequest
from contracts.rota_api import AwayRequest, Me, RotaView
from contracts.scans_api import ScanAnswer, ScanRequest
from contracts.stream_api import StreamHello, StreamMessage, StreamTopic
from kiosk_ui.clients.bookings import BookingRoutes
from kiosk_ui.clients.decisions import DecisionRoutes
from kiosk_ui.clients.desk import DeskRoutes
from kiosk_ui.clients.faces import FaceRoutes

Model = TypeVar("Model", bound=BaseModel)
_ASKABLE = TypeAdapter(list[AskableConsultant])
_SILENCE_SECONDS = 12.0
"""The stream pings every 5 s; a connection that says nothing for this long is taken for dead."""
_REFUSED = 4401


class GatewayUnreachableError(Exception):
    """No answer: the gateway is down, restarting, or the network between is. Try again."""


class GatewayProblemError(Exception):
    """The gateway refused; `problem.code` is stable and the screens translate it."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.status} {problem.code}")
        self.problem = problem

    @property
    def code(self) -> str:
        return self.problem.code

    def field_code(self, field: str) -> str | None:
        """The code of the first error at a field, for example `phone_too_short`."""
        return next((e.code for e in self.problem.errors if e.field.split(".")[-1] == field), None)


class SignedOutError(GatewayProblemError):
    """The token is unknown or has run out: sign in again."""


class GatewayClient(FaceRoutes, DeskRoutes, DecisionRoutes, BookingRoutes):
    """One connection pool to one gateway, shared by all pages; every call names its token."""

    def __init__(self, url: str, *, timeout: float = 5.0) -> None:
        self.url = url
        self._http = httpx.AsyncClient(
            base_url=url, timeout=httpx.Timeout(timeout, connect=2.0), limits=httpx.Limits(max_connections=100)
        )

    async def close(self) -> None:
        await self._http.aclose()

    # ---- visitors
    async def put_draft(self, token: str, draft_id: str, draft: Draft) -> Draft:
        return Draft.model_validate(await self._call(token, "PUT", f"/v1/drafts/{draft_id}", draft))

    async def draft(self, token: str, draft_id: str) -> Draft | None:
        """None when unknown or older than 5 minutes."""
        found = await self._find(token, f"/v1/drafts/{draft_id}")
        return None if found is None else Draft.model_validate(found)

    async def delete_draft(self, token: str, draft_id: str) -> None:
        await self._call(token, "DELETE", f"/v1/drafts/{draft_id}")

    async def check_in(self, token: str, key: str, request: CheckInRequest) -> CheckInResult:
        """`key` is the draft's id: sent twice, it is one check-in."""
        return CheckInResult.model_validate(await self._call(token, "POST", "/v1/checkins", request, key=key))

    async def check_in_form(self, token: str) -> CheckInForm:
        return CheckInForm.model_validate(await self._call(token, "GET", "/v1/checkins/form"))

    async def check_in_result(self, token: str, key: str) -> CheckInResult | None:
        found = await self._find(token, f"/v1/checkins/{key}")
        return None if found is None else CheckInResult.model_validate(found)

    async def scan(self, token: str, code: str, checkin: str) -> ScanAnswer:
        """An agent's code for the check-in with this key; refused or not, it is kept."""
        return ScanAnswer.model_validate(
            await self._call(token, "POST", "/v1/scans", ScanRequest(code=code, checkin=checkin))
        )

    async def readings(self, token: str) -> ReadingList:
        """What the reader beside this screen has just read."""
        return ReadingList.model_validate(await self._call(token, "GET", "/v1/readings"))

    async def note_card(self, token: str, reading_id: str, customer_id: str) -> None:
        """The identity card that was read is this customer's."""
        path = f"/v1/readings/{reading_id}/id-number"
        await self._call(token, "POST", path, ReadingUse(customer_id=customer_id))

    async def used_reading(self, token: str, reading_id: str) -> None:
        """A code that the reader beside this screen read is taken by us: nobody else is shown it again."""
        await self._call(token, "DELETE", f"/v1/readings/{reading_id}")

    async def askable_consultants(self, token: str) -> list[AskableConsultant]:
        return _ASKABLE.validate_python(await self._call(token, "GET", "/v1/consultants/today"))

    async def queue(self, token: str) -> QueueView:
        return QueueView.model_validate(await self._call(token, "GET", "/v1/queue"))

    # ---- consultants
    async def sign_in(self, request: SessionRequest) -> Session:
        return Session.model_validate(await self._call("", "POST", "/v1/sessions", request))

    async def sign_out(self, token: str) -> None:
        await self._call(token, "DELETE", "/v1/sessions/current")

    async def me(self, token: str) -> Me:
        return Me.model_validate(await self._call(token, "GET", "/v1/me"))

    async def rota(self, token: str) -> RotaView:
        return RotaView.model_validate(await self._call(token, "GET", "/v1/rota"))

    async def rota_step(self, token: str, step: Literal["sign-in", "sign-out", "back"]) -> Me:
        return Me.model_validate(await self._call(token, "POST", f"/v1/rota/{step}"))

    async def away(self, token: str, request: AwayRequest) -> Me:
        return Me.model_validate(await self._call(token, "POST", "/v1/rota/away", request))

    async def accept(self, token: str, offer_id: str) -> VisitView:
        """Raises GatewayProblemError `offer_lost` when too late."""
        return VisitView.model_validate(await self._call(token, "POST", f"/v1/offers/{offer_id}/accept"))

    async def decline(self, token: str, offer_id: str, request: DeclineRequest) -> None:
        await self._call(token, "POST", f"/v1/offers/{offer_id}/decline", request)

    async def confirm_alerts(self, token: str, receipts: AlertReceipts) -> None:
        """What a page shows and that somebody can see it."""
        await self._call(token, "POST", "/v1/alerts/receipts", receipts)

    async def finish(self, token: str, visit_id: str, request: FinishRequest) -> VisitView:
        return VisitView.model_validate(await self._call(token, "POST", f"/v1/visits/{visit_id}/finish", request))

    async def customer(self, token: str, customer_id: str) -> CustomerView:
        return CustomerView.model_validate(await self._call(token, "GET", f"/v1/customers/{customer_id}"))

    async def reveal(self, token: str, customer_id: str) -> CustomerView:
        """Unmasked; the gateway logs who looked."""
        return CustomerView.model_validate(await self._call(token, "POST", f"/v1/customers/{customer_id}/reveal"))

    async def patch_customer(self, token: str, customer: CustomerView, patch: CustomerPatch) -> CustomerView:
        """`customer` as it was read. Raises GatewayProblemError `changed_meanwhile` when somebody was faster."""
        path = f"/v1/customers/{customer.customer_id}"
        answer = await self._call(token, "PATCH", path, patch, seen=customer.edition)
        return CustomerView.model_validate(answer)

    async def timeline(self, token: str, customer_id: str, cursor: str | None = None) -> TimelinePage:
        """Newest first; `cursor` is the one that the page before gave."""
        asked: dict[str, str | int] | None = None if cursor is None else {"cursor": cursor}
        path = f"/v1/customers/{customer_id}/timeline"
        return TimelinePage.model_validate(await self._call(token, "GET", path, params=asked))

    async def follow_up(self, token: str, key: str, request: FollowUpRequest) -> FactCreated:
        return FactCreated.model_validate(await self._call(token, "POST", "/v1/follow-ups", request, key=key))

    async def sale(self, token: str, key: str, request: SaleRequest) -> FactCreated:
        return FactCreated.model_validate(await self._call(token, "POST", "/v1/sales", request, key=key))

    # ---- any route, for features with their own models
    async def get(self, token: str, path: str, model: type[Model], **params: str | int) -> Model:
        return model.model_validate(await self._call(token, "GET", path, params=params))

    async def stream(self, token: str, topics: list[StreamTopic]) -> AsyncIterator[StreamMessage]:
        """One connection's messages, pings included. Ends by raising GatewayUnreachableError or SignedOutError."""
        address = "ws" + self.url.removeprefix("http") + "/v1/stream"
        try:
            async with connect(address, max_size=2**22, ping_interval=None, close_timeout=1) as socket:
                await socket.send(StreamHello(token=token, topics=topics).model_dump_json())
                while True:
                    raw = await asyncio.wait_for(socket.recv(), _SILENCE_SECONDS)
                    yield StreamMessage.model_validate_json(raw)
        except (OSError, TimeoutError, WebSocketException, ValidationError) as error:
            close = getattr(getattr(error, "rcvd", None), "code", None)
            if close == _REFUSED:
                raise SignedOutError(Problem(title="signed out", status=401, code="signed_out")) from error
            raise GatewayUnreachableError(f"stream: {type(error).__name__}") from error

    async def _find(self, token: str, path: str) -> Any:
        try:
            return await self._call(token, "GET", path)
        except GatewayProblemError as error:
            if error.problem.status == httpx.codes.NOT_FOUND:
                return None
            raise

    async def _call(
        self,
        token: str,
        method: str,
        path: str,
        body: BaseModel | None = None,
        *,
        key: str = "",
        grant: str = "",
        seen: str = "",
        params: dict[str, str | int] | None = None,
    ) -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if key:
            headers["Idempotency-Key"] = key
        if seen:
            headers["If-Match"] = f'"{seen}"'
        if grant:
            headers["X-Face-Grant"] = grant
        content = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            content = body.model_dump_json(exclude_unset=isinstance(body, CustomerPatch))
        try:
            answer = await self._http.request(method, path, content=content, headers=headers, params=params)
        except httpx.HTTPError as error:
            raise GatewayUnreachableError(f"{method} {path.split('/')[2]}: {type(error).__name__}") from error
        if answer.is_success:
            return answer.json() if answer.content else None
        raise _refusal(answer)


def _refusal(answer: httpx.Response) -> Exception:
    """Servers in trouble are unreachable for our purposes: nothing was decided, the call may be repeated."""
    if answer.status_code in {502, 503, 504}:
        return GatewayUnreachableError(f"status {answer.status_code}")
    try:
        problem = Problem.model_validate(answer.json())
    except (json.JSONDecodeError, ValidationError):
        problem = Problem(title="unexpected answer", status=answer.status_code, code="unexpected")
    if answer.status_code == httpx.codes.UNAUTHORIZED and problem.code != "bad_credentials":
        return SignedOutError(problem)
    return GatewayProblemError(problem)
