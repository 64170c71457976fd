"""What a touch or the scanner does: an agent's code is weighed while it is fresh, a wish is kept in the draft."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contracts.booking_code import PREFIX
from contracts.checkin_api import AskableConsultant
from contracts.scans_api import ScanAnswer
from kiosk_ui.clients.gateway import GatewayClient
from kiosk_ui.visitor import flow
from kiosk_ui.visitor.wishes import sheets

if TYPE_CHECKING:
    from kiosk_ui.visitor.page import KioskPage


class WishActs:
    """`askable`: the consultants of today, as they were when the visitor asked."""

    def __init__(self, page: KioskPage, gateway: GatewayClient, token: str) -> None:
        self._page, self._gateway, self._token = page, gateway, token
        self._reading = False
        self.askable: list[AskableConsultant] = []

    async def code(self, text: str) -> ScanAnswer | None:
        """Weigh a code for this check-in; None when another is being weighed or the gateway is away, which is told.

        A good code stands, whatever is read after it: a scanner may read the same one twice.
        """
        text = text.strip()[: flow.CODE_LENGTH]
        if self._reading or not text:
            return None
        self._reading = True
        try:
            await self._page.attempt(lambda: self._weigh(text))
        finally:
            self._reading = False
        return None if self._page.trouble else self._page.desk.draft.scan

    async def _weigh(self, text: str) -> None:
        desk = self._page.desk
        found = await self._gateway.scan(self._token, text, desk.begin())
        before = desk.draft.scan
        await desk.change(scan=before if before is not None and not before.refused else found)

    async def scanned(self, arguments: Any) -> None:
        """The scanner typed a code, on whichever page: on the first one it begins the check-in.

        `arguments` are what a browser sent: one text, or a list with one text.
        """
        page = self._page
        text = str(arguments[0] if isinstance(arguments, list) and arguments else arguments)
        if page.desk.draft.step not in flow.SCAN_STEPS:
            return
        if text.upper().startswith(PREFIX):
            await page.bookings.scanned(text)
            return
        found = await self.code(text)
        if found is not None and page.desk.draft.step == "home":
            await page.go("phone")
        else:
            page.draw()
        if found is not None:
            sheets.tell(page, found)

    async def look_for_consultants(self) -> None:
        if await self._page.attempt(self._read_askable):
            sheets.consultants(self._page)
        else:
            self._page.draw()

    async def _read_askable(self) -> None:
        self.askable = await self._gateway.askable_consultants(self._token)

    async def ask_for(self, consultant: AskableConsultant | None) -> None:
        await self._page.attempt(lambda: self._page.desk.change(asked_for=consultant))
        self._page.draw()
