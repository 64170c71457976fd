"""The floor board, and who works here."""

from datetime import date

from fastapi import APIRouter, Depends

from contracts.checkin_api import AskableConsultant
from contracts.floor_api import CaptureDay, Floor
from contracts.ids import Uuid
from contracts.rest import Wire
from gateway.auth import require
from gateway.context import Context, get_context
from gateway.floor import capture, service
from gateway.problems import ProblemError
from gateway.rota import service as rota

router = APIRouter(tags=["floor"])


class ConsultantView(Wire):
    """A consultant of the office."""

    person_id: Uuid
    name: str
    signed_in: bool


@router.get("/v1/floor", dependencies=[Depends(require("board", "reception", "manager"))])
def floor(context: Context = Depends(get_context)) -> Floor:
    return service.read(context)


@router.get("/v1/capture", dependencies=[Depends(require("board", "reception", "manager"))])
def capture_of_day(day: date | None = None, context: Context = Depends(get_context)) -> CaptureDay:
    """How many of the people counted were registered, by hour; today without `day`. 422 `day_to_come`."""
    today = context.clock().astimezone(context.timezone).date()
    if day is not None and day > today:
        raise ProblemError(422, "day_to_come", "nobody has been counted yet on a day to come")
    return capture.read(context, day or today)


@router.get("/v1/consultants/today", dependencies=[Depends(require("kiosk", "reception", "manager"))])
def askable(context: Context = Depends(get_context)) -> list[AskableConsultant]:
    """Whom a visitor may ask for by name: who has signed in today and not left, by name."""
    with context.database.read() as session:
        return service.askable(session, context)


@router.get("/v1/consultants", dependencies=[Depends(require("reception", "manager"))])
def consultants(context: Context = Depends(get_context)) -> list[ConsultantView]:
    with context.database.read() as session:
        entries = rota.entries(session, context)
    return [ConsultantView(person_id=e.consultant_id, name=e.name, signed_in=e.state != "signed_out") for e in entries]
