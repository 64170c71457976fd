"""The gateway's routes around faces: consent, enrolment, withdrawal, greetings, questions. Part of `GatewayClient`."""

from typing import Literal

from pydantic import TypeAdapter

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
    GreetingList,
    KioskGreetingList,
    ReleaseRequest,
    Review,
    ReviewDecision,
    SimulatedMessage,
    Withdrawal,
    WithdrawalList,
    WithdrawalRequest,
)
from contracts.gateway_api import CheckInResult, Language
from kiosk_ui.clients.calls import Calls

_CONSENTS = TypeAdapter(list[ConsentView])
_REVIEWS = TypeAdapter(list[Review])
_MESSAGES = TypeAdapter(list[SimulatedMessage])


class FaceRoutes(Calls):
    # ---- consent and enrolment
    async def consent_text(self, token: str, language: Language) -> ConsentText:
        return ConsentText.model_validate(
            await self._call(token, "GET", "/v1/consent-text", params={"language": language})
        )

    async def answer_consent(self, token: str, key: str, request: ConsentRequest) -> ConsentAnswer:
        """Problems `guardian_needed`, `refused_today`, `text_superseded`."""
        return ConsentAnswer.model_validate(await self._call(token, "POST", "/v1/consents", request, key=key))

    async def start_enrolment(self, token: str, consent_id: str) -> EnrolmentView:
        """Begins, or begins again with a new preview."""
        return EnrolmentView.model_validate(await self._call(token, "POST", f"/v1/consents/{consent_id}/enrolment"))

    async def enrolment(self, token: str, consent_id: str) -> EnrolmentView:
        return EnrolmentView.model_validate(await self._call(token, "GET", f"/v1/consents/{consent_id}/enrolment"))

    async def cancel_enrolment(self, token: str, consent_id: str) -> None:
        """Ends the consent too: it has no template."""
        await self._call(token, "DELETE", f"/v1/consents/{consent_id}/enrolment")

    async def face_consents(self, token: str, customer_id: str) -> list[ConsentView]:
        return _CONSENTS.validate_python(await self._call(token, "GET", f"/v1/customers/{customer_id}/face"))

    # ---- withdrawal
    async def send_code(self, token: str, request: CodeRequest) -> CodeSent:
        """Problem `too_many_codes`."""
        return CodeSent.model_validate(await self._call(token, "POST", "/v1/face-codes", request))

    async def prove_code(self, token: str, code_id: str, proof: CodeProof) -> FaceFile:
        """Problems `wrong_code`, `code_expired`, `locked`."""
        return FaceFile.model_validate(await self._call(token, "POST", f"/v1/face-codes/{code_id}/proof", proof))

    async def face_file(self, token: str, query: FaceFileQuery) -> CustomerFaceFile:
        """Problem `nobody_by_that_number`."""
        return CustomerFaceFile.model_validate(await self._call(token, "POST", "/v1/face-files", query))

    async def withdraw(self, token: str, key: str, request: WithdrawalRequest) -> Withdrawal:
        return Withdrawal.model_validate(await self._call(token, "POST", "/v1/withdrawals", request, key=key))

    async def withdrawals(self, token: str) -> list[Withdrawal]:
        return WithdrawalList.model_validate(await self._call(token, "GET", "/v1/withdrawals")).items

    async def withdrawal(self, token: str, withdrawal_id: str, *, grant: str = "") -> Withdrawal:
        path = f"/v1/withdrawals/{withdrawal_id}"
        return Withdrawal.model_validate(await self._call(token, "GET", path, grant=grant))

    async def certificate(self, token: str, withdrawal_id: str, *, grant: str = "") -> Certificate:
        """Problem `not_complete`."""
        path = f"/v1/withdrawals/{withdrawal_id}/certificate"
        return Certificate.model_validate(await self._call(token, "GET", path, grant=grant))

    async def release_node(self, token: str, withdrawal_id: str, node: str, request: ReleaseRequest) -> Withdrawal:
        path = f"/v1/withdrawals/{withdrawal_id}/nodes/{node}/release"
        return Withdrawal.model_validate(await self._call(token, "POST", path, request))

    # ---- greetings and questions
    async def greetings(self, token: str) -> GreetingList:
        """For people; `kiosk_greetings` for a kiosk."""
        return GreetingList.model_validate(await self._call(token, "GET", "/v1/greetings"))

    async def kiosk_greetings(self, token: str) -> KioskGreetingList:
        return KioskGreetingList.model_validate(await self._call(token, "GET", "/v1/greetings"))

    async def settle_greeting(self, token: str, greeting_id: str, answer: Literal["confirm", "wrong"]) -> None:
        """It is this person, or somebody else; what is shown next comes with the stream."""
        await self._call(token, "POST", f"/v1/greetings/{greeting_id}/{answer}")

    async def greeting_form(self, token: str, greeting_id: str) -> CheckInForm:
        """What is still to be asked of who says «that is me»."""
        return CheckInForm.model_validate(await self._call(token, "GET", f"/v1/greetings/{greeting_id}/form"))

    async def face_check_in(self, token: str, key: str, request: FaceCheckIn) -> CheckInResult:
        return CheckInResult.model_validate(await self._call(token, "POST", "/v1/face-checkins", request, key=key))

    async def reviews(self, token: str) -> list[Review]:
        """The open ones."""
        return _REVIEWS.validate_python(await self._call(token, "GET", "/v1/reviews", params={"state": "open"}))

    async def decide_review(self, token: str, review_id: str, decision: ReviewDecision) -> Review:
        """Problem `decided`."""
        return Review.model_validate(await self._call(token, "POST", f"/v1/reviews/{review_id}/decision", decision))

    async def faces(self, token: str) -> FacesOverview:
        return FacesOverview.model_validate(await self._call(token, "GET", "/v1/faces"))

    # ---- the demo's telephone
    async def simulated_messages(self, token: str) -> list[SimulatedMessage]:
        return _MESSAGES.validate_python(await self._call(token, "GET", "/v1/simulated-messages"))
