"""Bookings: made and listed by people, read and redeemed at screens."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from contracts.bookings_api import (
    BookingCheckIn,
    BookingCodeRead,
    BookingList,
    BookingRequest,
    BookingView,
)
from contracts.checkin_api import BookingAnswer
from contracts.gateway_api import CheckInResult
from contracts.ids import Uuid
from gateway.auth import Principal, require
from gateway.bookings import service, views
from gateway.context import Context, get_context
from gateway.idempotency import idempotency_key

router = APIRouter(prefix="/v1", tags=["bookings"])
keeper = require("consultant", "reception", "manager")
screen = require("kiosk", "reception", "manager")
Day = Annotated[str | None, Query(pattern=r"^\d{4}-\d{2}-\d{2}$")]


@router.post("/bookings", status_code=201, response_model=BookingView)
async def book(
    request: BookingRequest,
    key: str = Depends(idempotency_key),
    principal: Principal = Depends(keeper),
    context: Context = Depends(get_context),
) -> Response:
    """422 `unknown_project`, `unknown_consultant`, `booking_in_the_past`, `booking_too_far`."""
    answer = await context.writer.run(lambda uow: service.book(uow, context, principal, key, request))
    return answer.response()


@router.get("/bookings")
def bookings(
    day: Day = None, principal: Principal = Depends(keeper), context: Context = Depends(get_context)
) -> BookingList:
    """Of one day of the office, today if none is given; to a consultant those they made or are booked for."""
    return views.of_day(context, principal, day)


@router.get("/customers/{customer_id}/bookings")
def bookings_of(
    customer_id: Uuid, principal: Principal = Depends(keeper), context: Context = Depends(get_context)
) -> BookingList:
    """All that are kept under the numbers of this customer, newest first. 403 `not_your_customer`."""
    return views.of_customer(context, principal, customer_id)


@router.delete("/customers/{customer_id}/bookings", status_code=204)
async def forget(
    customer_id: Uuid,
    principal: Principal = Depends(require("reception", "manager")),
    context: Context = Depends(get_context),
) -> Response:
    """The customer wants them deleted, used ones too; their codes are nobody's from then on."""
    await context.writer.run(lambda uow: service.forget(uow, context, principal, customer_id))
    return Response(status_code=204)


@router.post("/bookings/{booking_id}/cancel")
async def cancel(
    booking_id: Uuid, principal: Principal = Depends(keeper), context: Context = Depends(get_context)
) -> BookingView:
    """403 `not_your_booking`, 409 `booking_used`."""
    await context.writer.run(lambda uow: service.cancel(uow, principal, booking_id))
    return await asyncio.to_thread(views.one, context, principal, booking_id)


@router.post("/booking-codes")
async def read(
    request: BookingCodeRead, principal: Principal = Depends(screen), context: Context = Depends(get_context)
) -> BookingAnswer:
    """What a code comes to here; one that checks nobody in says why. 429 `too_many_codes` with `Retry-After`."""
    return await context.writer.run(lambda uow: service.read(uow, context, principal, request.code))


@router.post("/booking-checkins", status_code=201, response_model=CheckInResult)
async def check_in(
    request: BookingCheckIn,
    key: str = Depends(idempotency_key),
    principal: Principal = Depends(screen),
    context: Context = Depends(get_context),
) -> Response:
    """One check-in per `Idempotency-Key`, the same as by number. At a kiosk only with a code read there just now
    (404); 409 `booking_over`, 422 `unknown_project`."""
    answer = await context.writer.run(lambda uow: service.check_in(uow, context, principal, key, request))
    return answer.response()
