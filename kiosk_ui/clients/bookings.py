"""The gateway's routes of bookings. Part of `GatewayClient`."""

from contracts.bookings_api import BookingCheckIn, BookingCodeRead, BookingList, BookingRequest, BookingView
from contracts.checkin_api import BookingAnswer
from contracts.gateway_api import CheckInResult
from kiosk_ui.clients.calls import Calls


class BookingRoutes(Calls):
    async def bookings(self, token: str, day: str | None = None) -> BookingList:
        """Of one day of the office; today without `day`."""
        return BookingList.model_validate(
            await self._call(token, "GET", "/v1/bookings", params={"day": day} if day else {})
        )

    async def book(self, token: str, key: str, request: BookingRequest) -> BookingView:
        """Problems `unknown_project`, `unknown_consultant`, `booking_in_the_past`, `booking_too_far`."""
        return BookingView.model_validate(await self._call(token, "POST", "/v1/bookings", request, key=key))

    async def cancel_booking(self, token: str, booking_id: str) -> BookingView:
        """Problem `booking_used`."""
        return BookingView.model_validate(await self._call(token, "POST", f"/v1/bookings/{booking_id}/cancel"))

    async def read_booking(self, token: str, code: str) -> BookingAnswer:
        """What a code comes to at this screen. Problem `too_many_codes`."""
        found = await self._call(token, "POST", "/v1/booking-codes", BookingCodeRead(code=code))
        return BookingAnswer.model_validate(found)

    async def redeem_booking(self, token: str, key: str, request: BookingCheckIn) -> CheckInResult:
        """`key` is the draft's id: sent twice, it is one check-in. Problem `booking_over`."""
        return CheckInResult.model_validate(await self._call(token, "POST", "/v1/booking-checkins", request, key=key))
