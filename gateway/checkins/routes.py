"""Check-in at a kiosk or the reception."""

from fastapi import APIRouter, Depends, Response

from contracts.checkin_api import CheckInForm
from contracts.gateway_api import CheckInRequest, CheckInResult
from gateway.auth import Principal, require
from gateway.checkins import gate_answers, service
from gateway.context import Context, get_context
from gateway.idempotency import find, idempotency_key
from gateway.policy import store as policies
from gateway.problems import ProblemError

receiver = require("kiosk", "reception", "manager")
router = APIRouter(prefix="/v1/checkins", tags=["check-in"])


@router.get("/form")
def form(
    principal: Principal = Depends(require("kiosk", "reception", "manager", "consultant")),
    context: Context = Depends(get_context),
) -> CheckInForm:
    """What this screen asks at a check-in beside the usual, as the office's rules say; a consultant books for the same
    projects."""
    with context.database.read() as session:
        return gate_answers.form(context.config, policies.current(session)[1], principal)


@router.post("", status_code=201, response_model=CheckInResult)
async def check_in(
    request: CheckInRequest,
    key: str = Depends(idempotency_key),
    principal: Principal = Depends(receiver),
    context: Context = Depends(get_context),
) -> Response:
    """One check-in per `Idempotency-Key`: 201 first, 200 with the same answer afterwards. 403 for a kiosk that names a
    file instead of a number, 422 `unknown_project` for a project that the office does not sell."""
    if principal.role == "kiosk" and request.customer_id is not None:
        raise ProblemError(403, "forbidden", "a kiosk knows numbers, not files")
    answer = await context.writer.run(lambda uow: service.check_in(uow, context, principal, key, request))
    return answer.response()


@router.get("/{key}", response_model=CheckInResult, dependencies=[Depends(receiver)])
def answer_given(key: str, context: Context = Depends(get_context)) -> Response:
    """What was answered to this key; 404 when it was never used."""
    with context.database.read() as session:
        answer = find(session, context.keys, scope=service.SCOPE, key=key)
    if answer is None:
        raise ProblemError(404, "not_found", "no check-in under this key")
    return answer.response()
