"""Central's API for console and agents: typed answers, problems as exceptions. Every call carries a person's token."""

from datetime import datetime
from typing import Any, TypeVar

import httpx
from pydantic import BaseModel, TypeAdapter, ValidationError

from contracts.central_api import (
    CentralCustomer,
    CentralSale,
    CentralVisit,
    ConsultantFigures,
    FootfallSeries,
    Overview,
    Page,
    SalePost,
    Step,
)
from contracts.channels_api import (
    AgentCodeView,
    AgentSelf,
    AppealPost,
    ClaimAppeal,
    RegistrationPost,
    RegistrationView,
)
from contracts.rest import Problem, Session, SessionRequest

M = TypeVar("M", bound=BaseModel)
R = TypeVar("R")
_CONSULTANTS = TypeAdapter(list[ConsultantFigures])
_VISITS = TypeAdapter(list[CentralVisit])
_SALES = TypeAdapter(list[CentralSale])
_CUSTOMERS = TypeAdapter(list[CentralCustomer])
_REGISTRATIONS = TypeAdapter(list[RegistrationView])


class CentralUnreachableError(Exception):
    """No answer, or one that cannot be read: nothing was decided, try again."""


class CentralProblemError(Exception):
    """Central refused; `problem.code` is stable and the screens translate it."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.status} {problem.code}")
        self.problem = problem


class SessionEndedError(CentralProblemError):
    """The token is unknown or has run out: sign in again."""


class CentralDoor:
    """One connection pool to central for all people of this process; holds no token itself."""

    def __init__(self, url: str, *, timeout: float = 8.0, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._http = httpx.AsyncClient(base_url=url, timeout=httpx.Timeout(timeout, connect=2.0), transport=transport)

    async def close(self) -> None:
        await self._http.aclose()

    async def sign_in(self, request: SessionRequest) -> Session:
        """Raises CentralProblemError `bad_credentials` or `locked`, and CentralUnreachableError."""
        headers = {"Content-Type": "application/json"}
        answer = await _send(self._http, "POST", "/v1/sessions", content=request.model_dump_json(), headers=headers)
        return _read(Session, _json(answer))

    def of(self, token: str) -> "CentralClient":
        """Central as one signed-in person may use it."""
        return CentralClient(self._http, token)


class CentralClient:
    """Central for one signed-in person. All methods raise CentralUnreachableError and CentralProblemError."""

    def __init__(self, http: httpx.AsyncClient, token: str) -> None:
        self._http = http
        self._authorization = {"Authorization": f"Bearer {token}"}

    async def sign_out(self) -> None:
        await self._send("DELETE", "/v1/sessions/current")

    async def overview(self, days: int = 14) -> Overview:
        return _read(Overview, await self._get("/v1/overview", days=days))

    async def footfall(self, office: str, step: Step, start: datetime, end: datetime) -> FootfallSeries:
        return _read(FootfallSeries, await self._get("/v1/footfall", office=office, step=step, **_span(start, end)))

    async def consultants(self, office: str, start: datetime, end: datetime) -> list[ConsultantFigures]:
        return _rows(_CONSULTANTS, await self._get("/v1/consultants", office=office, **_span(start, end)))

    async def visits(self, office: str, start: datetime, end: datetime) -> list[CentralVisit]:
        """The first page, newest first."""
        page = _read(Page, await self._get("/v1/visits", office=office, **_span(start, end)))
        return _rows(_VISITS, page.items)

    async def sales(self, office: str, start: datetime, end: datetime) -> list[CentralSale]:
        """The first page, newest first."""
        page = _read(Page, await self._get("/v1/sales", office=office, **_span(start, end)))
        return _rows(_SALES, page.items)

    async def customers(self, office: str) -> list[CentralCustomer]:
        """The first page, masked."""
        return _rows(_CUSTOMERS, _read(Page, await self._get("/v1/customers", office=office)).items)

    async def customer(self, customer_id: str) -> CentralCustomer | None:
        """One customer, masked; None while central has only heard of them through a visit or a sale."""
        try:
            return _read(CentralCustomer, await self._get(f"/v1/customers/{customer_id}"))
        except CentralProblemError as error:
            if error.problem.status == httpx.codes.NOT_FOUND:
                return None
            raise

    async def post_sale(self, key: str, sale: SalePost) -> CentralSale:
        """`key` makes a repeated call one sale."""
        return _read(CentralSale, await self._post("/v1/sales", key, sale))

    # ---- an agent's own
    async def agent(self) -> AgentSelf:
        return _read(AgentSelf, await self._get("/v1/agent"))

    async def agent_code(self, office: str, project: str) -> AgentCodeView:
        """The dynamic QR of this half minute."""
        return _read(AgentCodeView, await self._get("/v1/agent/code", office=office, project=project))

    async def register(self, key: str, registration: RegistrationPost) -> RegistrationView:
        """`key` makes a repeated call one registration."""
        return _read(RegistrationView, await self._post("/v1/registrations", key, registration))

    async def file_appeal(self, key: str, appeal: AppealPost) -> ClaimAppeal:
        """Problems `appeal_period_over`, `verdict_superseded`, `already_appealed`."""
        return _read(ClaimAppeal, await self._post("/v1/appeals", key, appeal))

    async def registrations(self, pages: int) -> tuple[list[RegistrationView], bool]:
        """That many pages, newest first, and whether there are more."""
        found: list[RegistrationView] = []
        cursor: dict[str, str] = {}
        for _ in range(pages):
            page = _read(Page, await self._get("/v1/registrations", **cursor))
            found += _rows(_REGISTRATIONS, page.items)
            if page.next_cursor is None:
                return found, False
            cursor = {"cursor": page.next_cursor}
        return found, True

    async def _post(self, path: str, key: str, body: BaseModel) -> Any:
        headers = {"Idempotency-Key": key, "Content-Type": "application/json"}
        return await self._call("POST", path, content=body.model_dump_json(exclude_none=True), headers=headers)

    async def _get(self, path: str, **params: str | int) -> Any:
        return await self._call("GET", path, params=params)

    async def _call(self, method: str, path: str, **request: Any) -> Any:
        return _json(await self._send(method, path, **request))

    async def _send(self, method: str, path: str, **request: Any) -> httpx.Response:
        headers = self._authorization | request.pop("headers", {})
        try:
            return await _send(self._http, method, path, headers=headers, **request)
        except CentralProblemError as error:
            if error.problem.status == httpx.codes.UNAUTHORIZED:
                raise SessionEndedError(error.problem) from error
            raise


async def _send(http: httpx.AsyncClient, method: str, path: str, **request: Any) -> httpx.Response:
    try:
        answer = await http.request(method, path, **request)
    except httpx.HTTPError as error:
        raise CentralUnreachableError(f"{method} {path}: {type(error).__name__}") from error
    if answer.is_success:
        return answer
    if answer.status_code in {502, 503, 504}:
        raise CentralUnreachableError(f"{method} {path}: status {answer.status_code}")
    raise CentralProblemError(_problem(answer))


def _span(start: datetime, end: datetime) -> dict[str, str]:
    return {"from": start.isoformat(), "to": end.isoformat()}


def _json(answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except ValueError as error:
        raise CentralUnreachableError("an answer that is not JSON") from error


def _read(model: type[M], body: Any) -> M:
    try:
        return model.model_validate(body)
    except ValidationError as error:
        raise CentralUnreachableError(f"{model.__name__}: {error.error_count()} mistakes") from error


def _rows(rows: TypeAdapter[list[R]], body: Any) -> list[R]:
    try:
        return rows.validate_python(body)
    except ValidationError as error:
        raise CentralUnreachableError(f"rows: {error.error_count()} mistakes") from error


def _problem(answer: httpx.Response) -> Problem:
    try:
        return Problem.model_validate(answer.json())
    except ValueError:
        return Problem(title="unexpected answer", status=answer.status_code, code="unexpected")
