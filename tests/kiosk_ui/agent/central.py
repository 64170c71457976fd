"""A small central over real HTTP for the agent's page: one agent, one office, codes that run out when the test says."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from fastapi import FastAPI, Header, Request, Response
from fastapi.responses import JSONResponse

from contracts.agent_code import issue
from contracts.central_api import Page
from contracts.channels_api import (
    AgentCodeView,
    AgentOffice,
    AgentSelf,
    AppealPost,
    ClaimAppeal,
    ClaimVerdict,
    ProjectView,
    RegistrationPost,
    RegistrationView,
)
from contracts.ids import uuid7
from contracts.rest import FieldError, Problem, Role, Session, SessionRequest
from contracts.values import disclosed_of, utc_now

YUNQI = AgentOffice(office="yunqi", name="云栖湖岸", time_zone="Asia/Urumqi")
HAN = SessionRequest(staff_no="K01", pin="2468")
ZHOU = SessionRequest(staff_no="H01", pin="2468")
_ROLES: dict[str, Role] = {"K01": "agent", "H01": "manager"}


def a_registration(at: datetime, number: str = "138****8000", **members: object) -> RegistrationView:
    usual: dict[str, object] = {
        "registration_id": uuid7(),
        "office": "yunqi",
        "project": "",
        "channel_id": uuid7(),
        "agent_id": uuid7(),
        "number": number,
        "masked": False,
        "accepted_at": at,
        "protected_until": at + timedelta(days=7),
        "state": "live",
    }
    return RegistrationView.model_validate(usual | members)


def a_verdict(at: datetime, **members: object) -> ClaimVerdict:
    usual: dict[str, object] = {
        "verdict_id": uuid7(),
        "made_at": at,
        "outcome": "won",
        "rule": "registration",
        "reason": "first_registered",
        "source": "channel",
        "policy_version": 1,
    }
    return ClaimVerdict.model_validate(usual | members)


@dataclass
class AgentCentral:
    """`lives` is how long a code is good for, in seconds; `codes` what was given out, `keys` each call's own."""

    lives: float = 30
    agent_id: str = field(default_factory=uuid7)
    appeals: list[AppealPost] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    codes: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    rows: list[RegistrationView] = field(default_factory=list)

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.middleware("http")
        async def signed_in(request: Request, call_next):  # type: ignore[no-untyped-def]
            token = request.headers.get("authorization", "").removeprefix("Bearer ")
            if (request.method, request.url.path) != ("POST", "/v1/sessions") and token not in self.tokens:
                return _refused(401, "unauthenticated")
            return await call_next(request)

        @app.post("/v1/sessions", response_model=Session)
        def sign_in(body: SessionRequest) -> object:
            if body not in (HAN, ZHOU):
                return _refused(401, "bad_credentials")
            token = uuid7()
            self.tokens.add(token)
            role = _ROLES[body.staff_no]
            return Session(token=token, role=role, person_id=self.agent_id, name="韩梅", expires_at=utc_now())

        @app.delete("/v1/sessions/current", status_code=204)
        def sign_out(authorization: str = Header()) -> None:
            self.tokens.discard(authorization.removeprefix("Bearer "))

        @app.get("/v1/agent")
        def myself() -> AgentSelf:
            lakeside = ProjectView(office="yunqi", project="hu", name="云栖湖岸一期")
            return AgentSelf(
                agent_id=self.agent_id, name="韩梅", channel="安居渠道", offices=[YUNQI], projects=[lakeside]
            )

        @app.get("/v1/agent/code")
        def code(office: str, project: str = "") -> AgentCodeView:
            now = utc_now()
            text = issue(b"k" * 32, office=office, project=project, agent_id=self.agent_id, at=now)
            self.codes.append(text)
            until = now + timedelta(seconds=self.lives)
            return AgentCodeView(
                code=text, office=office, project=project, valid_from=now, valid_until=until, server_time=now
            )

        @app.get("/v1/registrations")
        def registrations() -> Page:
            return Page(items=[row.model_dump(mode="json") for row in self.rows])

        @app.post("/v1/registrations", status_code=201, response_model=RegistrationView)
        def register(body: RegistrationPost, idempotency_key: str = Header()) -> object:
            self.keys.append(idempotency_key)
            if disclosed_of(body.number) is None:
                return _refused(422, "invalid_request", FieldError(field="number", code="not_a_phone"))
            now = utc_now()
            more = {"state": "repeat", "repeats_until": self.rows[-1].protected_until} if self.rows else {}
            made = a_registration(now, body.number, project=body.project, masked=True, **more)
            self.rows.insert(0, made)
            return made

        self._appeals(app)
        return app

    def _appeals(self, app: FastAPI) -> None:
        @app.post("/v1/appeals", status_code=201)
        def appeal(body: AppealPost, idempotency_key: str = Header()) -> ClaimAppeal:
            self.keys.append(idempotency_key)
            self.appeals.append(body)
            made = ClaimAppeal(appeal_id=uuid7(), state="filed", filed_at=utc_now(), text=body.text)
            for row in self.rows:
                row.verdicts = [v.model_copy(update={"appeal": made, "may_appeal": False}) for v in row.verdicts]
            return made


def _refused(status: int, code: str, *mistakes: FieldError) -> Response:
    problem = Problem(title=code, status=status, code=code, errors=list(mistakes))
    return JSONResponse(problem.model_dump(), status)
