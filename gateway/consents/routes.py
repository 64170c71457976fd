"""The consent text, consents and enrolments, and the office's view of its faces."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import AwareDatetime

from contracts.faces_api import ConsentAnswer, ConsentRequest, ConsentText, ConsentView, EnrolmentView, FaceLog
from contracts.faces_api import FacesOverview as Overview
from contracts.gateway_api import Language
from contracts.ids import Uuid
from gateway.auth import Principal, require
from gateway.consents import enrolment, overview, service
from gateway.context import Context, get_context
from gateway.customers.service import accessible
from gateway.idempotency import idempotency_key

router = APIRouter(prefix="/v1", tags=["faces"])
asker = require("kiosk", "reception")


@router.get("/consent-text", dependencies=[Depends(require("kiosk", "consultant", "reception", "manager"))])
def consent_text(language: Language = "zh-CN", context: Context = Depends(get_context)) -> ConsentText:
    """The version in force, word for word."""
    return service.text_in_force(context, language)


@router.post("/consents", status_code=201, response_model=ConsentAnswer)
async def answer(
    request: ConsentRequest,
    key: str = Depends(idempotency_key),
    principal: Principal = Depends(asker),
    context: Context = Depends(get_context),
) -> Response:
    """The visitor's yes or no, right after the check-in."""
    given = await context.writer.run(lambda uow: service.answer(uow, context, principal, key, request))
    return given.response()


@router.post("/consents/{consent_id}/enrolment")
async def start(
    consent_id: Uuid, principal: Principal = Depends(asker), context: Context = Depends(get_context)
) -> EnrolmentView:
    """Ask the screen's camera to enrol, or ask again after a failure."""
    return await context.writer.run(lambda uow: enrolment.start(uow, context, principal, consent_id))


@router.get("/consents/{consent_id}/enrolment")
def look(
    consent_id: Uuid, principal: Principal = Depends(asker), context: Context = Depends(get_context)
) -> EnrolmentView:
    with context.database.read() as session:
        return enrolment.read(session, context, principal, consent_id)


@router.delete("/consents/{consent_id}/enrolment")
async def cancel(
    consent_id: Uuid, principal: Principal = Depends(asker), context: Context = Depends(get_context)
) -> EnrolmentView:
    """Stop, and end the consent with it."""
    return await context.writer.run(lambda uow: enrolment.cancel(uow, context, principal, consent_id))


@router.get("/customers/{customer_id}/face")
def of_customer(
    customer_id: Uuid,
    principal: Principal = Depends(require("consultant", "reception", "manager")),
    context: Context = Depends(get_context),
) -> list[ConsentView]:
    """Every consent of this customer, newest first."""
    with context.database.read() as session:
        accessible(session, context, principal, customer_id)
        return list(service.of_customer(session, customer_id))


@router.get("/faces", dependencies=[Depends(require("reception", "manager"))])
def faces(context: Context = Depends(get_context)) -> Overview:
    return overview.read(context)


@router.get("/faces/log", dependencies=[Depends(require("manager"))])
def log(
    since: Annotated[AwareDatetime, Query(alias="from")],
    until: Annotated[AwareDatetime, Query(alias="to")],
    after: Annotated[int | None, Query(ge=0, le=2**63 - 1)] = None,
    context: Context = Depends(get_context),
) -> FaceLog:
    """The processing log of a span of time, oldest first, 500 lines a page."""

    with context.database.read() as session:
        return overview.log_page(session, since, until, after)
