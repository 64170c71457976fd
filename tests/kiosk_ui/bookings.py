"""Bookings as the stand-in gateway answers them; its state is open to the tests."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from fastapi import FastAPI, Header
from fastapi.responses import JSONResponse

from contracts.bookings_api import BookingCheckIn, BookingCodeRead, BookingList, BookingRequest, BookingView
from contracts.checkin_api import AskableConsultant, BookingAnswer, BookingRefusal, CheckInForm
from contracts.gateway_api import CheckInResult, TicketView
from contracts.ids import uuid7
from contracts.rest import Problem
from contracts.values import utc_now

CODE = "BK1.YUNQI.ABCDEFGHJKLM"


@dataclass
class Bookings:
    """`refused`: what every code comes to. `tried`: this screen has tried too many."""

    refused: BookingRefusal = ""
    tried: bool = False
    over: bool = False
    form: CheckInForm = field(default_factory=CheckInForm)
    consultant: AskableConsultant | None = None
    read: list[str] = field(default_factory=list)
    redeemed: list[BookingCheckIn] = field(default_factory=list)
    made: list[BookingRequest] = field(default_factory=list)
    items: list[BookingView] = field(default_factory=list)


def a_booking(**fields: Any) -> BookingView:
    now = utc_now()
    values: dict[str, Any] = {
        "booking_id": uuid7(),
        "state": "expected",
        "name": "陈**",
        "phone": "138****2345",
        "at": now + timedelta(minutes=30),
        "until": now + timedelta(hours=8),
        "party_size": 2,
        "consultant_name": "李明",
        "booked_at": now,
        "booked_by": "周敏",
        "code": CODE,
    }
    return BookingView.model_validate(values | fields)


def add_routes(app: FastAPI, now: Callable[[], Any]) -> None:
    """`now` gives the office as it stands."""

    @app.get("/v1/bookings")
    async def of_day() -> BookingList:
        return BookingList(items=now().bookings.items)

    @app.post("/v1/bookings", status_code=201)
    async def book(request: BookingRequest) -> BookingView:
        made = a_booking(phone=request.phone.masked, at=request.at, party_size=request.party_size)
        now().bookings.made.append(request)
        now().bookings.items.append(made)
        return made

    @app.post("/v1/bookings/{booking_id}/cancel")
    async def cancel(booking_id: str) -> BookingView:
        known = now().bookings
        known.items = [
            each.model_copy(update={"state": "cancelled"}) if each.booking_id == booking_id else each
            for each in known.items
        ]
        return next(each for each in known.items if each.booking_id == booking_id)

    @app.post("/v1/booking-codes", response_model=None)
    async def read(request: BookingCodeRead) -> BookingAnswer | JSONResponse:
        known = now().bookings
        known.read.append(request.code)
        if known.tried:
            return _problem(429, "too_many_codes")
        if known.refused:
            return BookingAnswer(refused=known.refused)
        at = utc_now() + timedelta(minutes=30)
        good: dict[str, Any] = {"booking_id": uuid7(), "family_name": "陈", "at": at, "party_size": 2}
        return BookingAnswer(refused="", consultant=known.consultant, form=known.form, **good)

    @app.post("/v1/booking-checkins", status_code=201, response_model=None)
    async def redeem(request: BookingCheckIn, idempotency_key: str = Header()) -> CheckInResult | JSONResponse:
        known = now().bookings
        if known.over:
            return _problem(409, "booking_over")
        known.redeemed.append(request)
        ticket = TicketView(ticket_id=uuid7(), number=47, state="waiting", ahead=0, wait_minutes=2, issued_at=utc_now())
        result = CheckInResult(visit_id=uuid7(), kind="first", ticket=ticket)
        found: CheckInResult = now().checkins.setdefault(idempotency_key, result)
        return found


def _problem(status: int, code: str) -> JSONResponse:
    problem = Problem(title=code, status=status, code=code)
    return JSONResponse(problem.model_dump(), status, media_type="application/problem+json")
