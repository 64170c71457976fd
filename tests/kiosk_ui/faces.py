"""The stand-in's routes around faces: models and refusals of docs/api.md, its state open to the tests."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from fastapi import FastAPI, Header, Request
from fastapi.responses import JSONResponse, StreamingResponse

from contracts.checkin_api import CheckInForm
from contracts.faces_api import (
    Certificate,
    CodeProof,
    CodeRequest,
    CodeSent,
    ConsentAnswer,
    ConsentRequest,
    ConsentText,
    ConsentView,
    CustomerFaceFile,
    EnrolmentView,
    FaceCheckIn,
    FaceFile,
    FaceFileQuery,
    FacesOverview,
    Greeting,
    GreetingList,
    KioskGreeting,
    KioskGreetingList,
    NodeConfirmation,
    ReleaseRequest,
    Review,
    ReviewDecision,
    SimulatedMessage,
    Withdrawal,
    WithdrawalList,
    WithdrawalRequest,
)
from contracts.gateway_api import CheckInResult, TicketView
from contracts.ids import uuid7
from contracts.messages import FacePreviewState
from contracts.rest import Problem
from contracts.values import utc_now
from tests.kiosk_ui.face_samples import a_consent, an_overview, consent_text
from tests.kiosk_ui.preview import frames, looking

KIOSK_TOKEN, TABLET_TOKEN, PHONE_TOKEN = "kiosk-token", "tablet-token", "phone-token"
RECEPTION_TOKEN, MANAGER_TOKEN = "reception-token", "manager-token"
SIGNATURE = "mZ1nV3tq0c8rU5u7bQwX4fPjYyK2aT9eLsR6hDgC" * 2
GRANT, CODE = "grant-for-five-minutes", "246810"


@dataclass
class Faces:
    """What the stand-in knows of faces; tests read and change it. `nodes_confirm` answers deletions at once."""

    answer: str = "unavailable"
    text_version: str = "2026-12"
    consents: dict[str, ConsentRequest] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    enrolments: dict[str, EnrolmentView] = field(default_factory=dict)
    starts: int = 0
    cancelled: list[str] = field(default_factory=list)
    preview: FacePreviewState = field(default_factory=looking)
    preview_works: bool = True
    opened: list[str] = field(default_factory=list)
    codes: dict[str, CodeRequest] = field(default_factory=dict)
    code_problem: tuple[int, str] | None = None
    send_problem: tuple[int, str] | None = None
    file: FaceFile = field(default_factory=lambda: FaceFile(grant=GRANT, consents=[a_consent()], templates_kept=True))
    withdrawals: dict[str, Withdrawal] = field(default_factory=dict)
    withdrawal_requests: dict[str, WithdrawalRequest] = field(default_factory=dict)
    released: list[tuple[str, str]] = field(default_factory=list)
    greetings: list[Greeting] = field(default_factory=list)
    settled: list[tuple[str, str]] = field(default_factory=list)
    checkins: list[FaceCheckIn] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    decisions: list[ReviewDecision] = field(default_factory=list)
    customer_consents: list[ConsentView] = field(default_factory=list)
    files_by_number: dict[str, CustomerFaceFile] = field(default_factory=dict)
    overview: FacesOverview = field(default_factory=an_overview)
    messages: list[SimulatedMessage] = field(default_factory=list)

    def kiosk_list(self) -> KioskGreetingList:
        return KioskGreetingList(
            items=[
                KioskGreeting(greeting_id=g.greeting_id, family_name=g.customer.name[:1], seen_at=g.seen_at)
                for g in self.greetings
                if g.state == "open"
            ]
        )

    def view_for(self, token: str) -> dict[str, Any]:
        shown = self.kiosk_list() if token == KIOSK_TOKEN else GreetingList(items=self.greetings)
        return shown.model_dump(mode="json")

    def confirm(self, withdrawal_id: str, node: str) -> None:
        """A node has deleted."""
        self._set_node(withdrawal_id, node, state="confirmed", templates=3, at=utc_now())

    def _set_node(self, withdrawal_id: str, name: str, **fields: Any) -> Withdrawal:
        found = self.withdrawals[withdrawal_id]
        nodes = [n.model_copy(update=fields) if n.node == name else n for n in found.nodes]
        found = found.model_copy(update={"nodes": nodes})
        if all(n.state != "pending" for n in nodes):
            done = {"state": "complete", "completed_at": utc_now(), "certificate_no": "YQ-2026-000017"}
            found = found.model_copy(update=done)
        self.withdrawals[withdrawal_id] = found
        return found

    def state(self, consent_id: str, **fields: Any) -> None:
        """What the gateway says next of an enrolment."""
        self.enrolments[consent_id] = self.enrolments[consent_id].model_copy(update=fields)


Changed = Callable[[], Any]


def _problem(status: int, code: str) -> JSONResponse:
    problem = Problem(title=code, status=status, code=code)
    return JSONResponse(problem.model_dump(), status, media_type="application/problem+json")


def add_routes(app: FastAPI, faces: Callable[[], Faces], greetings_changed: Changed) -> None:
    """`greetings_changed` pushes the lists to every open stream."""
    _consents(app, faces)
    _enrolments(app, faces)
    _codes(app, faces)
    _withdrawals(app, faces)
    _files(app, faces)
    _greetings(app, faces, greetings_changed)
    _office(app, faces)


def _consents(app: FastAPI, faces: Callable[[], Faces]) -> None:
    @app.get("/v1/consent-text")
    async def text(language: str) -> ConsentText:
        return consent_text(language, faces().text_version)

    @app.post("/v1/consents", status_code=201, response_model=None)
    async def consent(request: ConsentRequest, idempotency_key: str = Header()) -> ConsentAnswer | JSONResponse:
        known = faces()
        if request.visit_id in known.refused:
            return _problem(409, "refused_today")
        if request.text_version != known.text_version:
            return _problem(409, "text_superseded")
        if request.under_14 and request.guardian is None:
            return _problem(422, "guardian_needed")
        known.consents.setdefault(idempotency_key, request)
        if request.answer == "no":
            known.refused.append(request.visit_id)
            return ConsentAnswer(face="refused")
        made = a_consent(state="granted", given_at=utc_now(), until=utc_now() + timedelta(days=90))
        known.enrolments[made.consent_id] = EnrolmentView(consent_id=made.consent_id, state="asked")
        return ConsentAnswer(face="ask", consent=made)


def _enrolments(app: FastAPI, faces: Callable[[], Faces]) -> None:
    @app.post("/v1/consents/{consent_id}/enrolment", response_model=None)
    async def start(consent_id: str, request: Request) -> EnrolmentView | JSONResponse:
        known = faces()
        if consent_id not in known.enrolments:
            return _problem(404, "not_found")
        known.starts += 1
        url = f"{str(request.base_url).rstrip('/')}/preview/{uuid7()}"
        known.enrolments[consent_id] = EnrolmentView(consent_id=consent_id, state="running", preview_url=url)
        return known.enrolments[consent_id]

    @app.get("/v1/consents/{consent_id}/enrolment", response_model=None)
    async def look(consent_id: str) -> EnrolmentView | JSONResponse:
        return faces().enrolments.get(consent_id) or _problem(404, "not_found")

    @app.delete("/v1/consents/{consent_id}/enrolment")
    async def cancel(consent_id: str) -> EnrolmentView:
        known = faces()
        known.cancelled.append(consent_id)
        known.state(consent_id, state="cancelled", preview_url=None)
        return known.enrolments[consent_id]

    @app.get("/preview/{token}", response_model=None)
    async def preview(token: str) -> StreamingResponse | JSONResponse:
        known = faces()
        if token in known.opened or not known.preview_works:
            return _problem(410, "used")
        known.opened.append(token)
        return StreamingResponse(frames(), media_type="multipart/x-mixed-replace; boundary=frame")

    @app.get("/preview/{token}/state")
    async def preview_state(token: str) -> JSONResponse:
        body = faces().preview.model_dump(mode="json")
        return JSONResponse(body, headers={"Access-Control-Allow-Origin": "*", "Cache-Control": "no-store"})


def _codes(app: FastAPI, faces: Callable[[], Faces]) -> None:
    @app.post("/v1/face-codes", status_code=202, response_model=None)
    async def send(request: CodeRequest) -> CodeSent | JSONResponse:
        known = faces()
        if known.send_problem:
            return _problem(*known.send_problem)
        sent = CodeSent(code_id=uuid7(), expires_at=utc_now() + timedelta(minutes=5))
        known.codes[sent.code_id] = request
        text = f"【云栖湖岸】验证码 {CODE}，5 分钟内有效，用于查看或删除您的人脸信息。"
        message = SimulatedMessage(message_id=uuid7(), at=utc_now(), to=request.phone, text=text)
        known.messages.insert(0, message)
        return sent

    @app.post("/v1/face-codes/{code_id}/proof", response_model=None)
    async def prove(code_id: str, proof: CodeProof) -> FaceFile | JSONResponse:
        known = faces()
        if known.code_problem:
            return _problem(*known.code_problem)
        return known.file if proof.code == CODE else _problem(403, "wrong_code")

    @app.get("/v1/simulated-messages", response_model=None)
    async def messages(authorization: str = Header()) -> list[SimulatedMessage] | JSONResponse:
        if authorization != f"Bearer {PHONE_TOKEN}":
            return _problem(403, "forbidden")
        return faces().messages


def _withdrawals(app: FastAPI, faces: Callable[[], Faces]) -> None:
    def may(authorization: str, grant: str) -> bool:
        return authorization != f"Bearer {KIOSK_TOKEN}" or grant == GRANT

    @app.post("/v1/withdrawals", status_code=202, response_model=None)
    async def ask(
        request: WithdrawalRequest, authorization: str = Header(), idempotency_key: str = Header()
    ) -> Withdrawal | JSONResponse:
        known = faces()
        if not may(authorization, request.grant or ""):
            return _problem(403, "forbidden")
        if idempotency_key not in known.withdrawal_requests:
            known.withdrawal_requests[idempotency_key] = request
            nodes = [
                NodeConfirmation(node="lobby", state="pending", vault=True),
                NodeConfirmation(node="door", state="pending"),
            ]
            made = Withdrawal(
                withdrawal_id=idempotency_key,
                state="pending",
                requested_at=utc_now(),
                requested_by="visitor" if request.grant else "consultant",
                cause="withdrawn",
                consent_ids=[uuid7()],
                nodes=nodes,
            )
            known.withdrawals[made.withdrawal_id] = made
        return known.withdrawals[idempotency_key]

    @app.get("/v1/withdrawals")
    async def all_of_them() -> WithdrawalList:
        return WithdrawalList(items=list(faces().withdrawals.values()))

    @app.get("/v1/withdrawals/{withdrawal_id}", response_model=None)
    async def one(
        withdrawal_id: str, authorization: str = Header(), x_face_grant: str = Header(default="")
    ) -> Withdrawal | JSONResponse:
        return faces().withdrawals[withdrawal_id] if may(authorization, x_face_grant) else _problem(403, "forbidden")

    @app.get("/v1/withdrawals/{withdrawal_id}/certificate", response_model=None)
    async def certificate(
        withdrawal_id: str, authorization: str = Header(), x_face_grant: str = Header(default="")
    ) -> Certificate | JSONResponse:
        found = faces().withdrawals[withdrawal_id]
        if not may(authorization, x_face_grant):
            return _problem(403, "forbidden")
        if found.certificate_no is None:
            return _problem(409, "not_complete")
        return Certificate(
            certificate_no=found.certificate_no,
            office="yunqi",
            issued_at=utc_now(),
            withdrawal=found,
            text_versions=["2026-12"],
            statement="{}",
            signature=SIGNATURE,
            public_key="b2ZmaWNl",
        )

    @app.post("/v1/withdrawals/{withdrawal_id}/nodes/{node}/release", response_model=None)
    async def release(
        withdrawal_id: str, node: str, request: ReleaseRequest, authorization: str = Header()
    ) -> Withdrawal | JSONResponse:
        if authorization != f"Bearer {MANAGER_TOKEN}":
            return _problem(403, "forbidden")
        known = faces()
        known.released.append((node, request.reason))
        return known._set_node(withdrawal_id, node, state="released", at=utc_now(), by="周敏")


def _files(app: FastAPI, faces: Callable[[], Faces]) -> None:
    @app.post("/v1/face-files", response_model=None)
    async def face_file(query: FaceFileQuery) -> CustomerFaceFile | JSONResponse:
        return faces().files_by_number.get(query.phone) or _problem(404, "nobody_by_that_number")


def _greetings(app: FastAPI, faces: Callable[[], Faces], changed: Changed) -> None:
    @app.get("/v1/greetings")
    async def greetings(authorization: str = Header()) -> dict[str, Any]:
        return faces().view_for(authorization.removeprefix("Bearer "))

    @app.get("/v1/greetings/{greeting_id}/form")
    async def form(greeting_id: str, http: Request) -> CheckInForm:
        found: CheckInForm = http.app.state.office.form
        return found

    @app.post("/v1/greetings/{greeting_id}/{answer}", response_model=None)
    async def settle(greeting_id: str, answer: str) -> Greeting | JSONResponse:
        known = faces()
        found = next((g for g in known.greetings if g.greeting_id == greeting_id and g.state == "open"), None)
        if found is None:
            return _problem(409, "greeting_over")
        known.settled.append((greeting_id, answer))
        done = found.model_copy(update={"state": "confirmed" if answer == "confirm" else "wrong"})
        known.greetings = [done if g.greeting_id == greeting_id else g for g in known.greetings]
        await changed()
        return done

    @app.post("/v1/face-checkins", status_code=201, response_model=None)
    async def check_in(
        request: FaceCheckIn, http: Request, idempotency_key: str = Header()
    ) -> CheckInResult | JSONResponse:
        known = faces()
        if request.greeting_id not in [g.greeting_id for g in known.greetings if g.state in ("open", "confirmed")]:
            return _problem(409, "greeting_over")
        known.checkins.append(request)
        ticket = TicketView(ticket_id=uuid7(), number=31, state="waiting", ahead=0, wait_minutes=2, issued_at=utc_now())
        result = CheckInResult(visit_id=uuid7(), kind="return", ticket=ticket, consultant_name="李明", face="enrolled")
        known.settled.append((request.greeting_id, "confirm"))
        return http.app.state.office.checkins.setdefault(idempotency_key, result)

    @app.get("/v1/reviews")
    async def reviews(state: str = "open") -> list[Review]:
        return [r for r in faces().reviews if r.state == state]

    @app.post("/v1/reviews/{review_id}/decision", response_model=None)
    async def decide(review_id: str, decision: ReviewDecision) -> Review | JSONResponse:
        known = faces()
        found = next(r for r in known.reviews if r.review_id == review_id)
        if found.state != "open":
            return _problem(409, "decided")
        known.decisions.append(decision)
        done = found.model_copy(update={"state": "decided", "decision": decision.customer_id})
        known.reviews = [done if r.review_id == review_id else r for r in known.reviews]
        return done


def _office(app: FastAPI, faces: Callable[[], Faces]) -> None:
    @app.get("/v1/faces", response_model=None)
    async def overview(authorization: str = Header()) -> FacesOverview | JSONResponse:
        allowed = authorization.removeprefix("Bearer ") in {RECEPTION_TOKEN, MANAGER_TOKEN}
        return faces().overview if allowed else _problem(403, "forbidden")

    @app.get("/v1/customers/{customer_id}/face")
    async def consents(customer_id: str) -> list[ConsentView]:
        return faces().customer_consents
