"""Codes that the reader beside this kiosk read: used as if they had been typed here.

The gateway hands out each one once, so that of several pages of one kiosk a single one takes it.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from nicegui import Event
from pydantic import ValidationError

from contracts.readings_api import Reading, ReadingList
from kiosk_ui.clients.gateway import GatewayClient, GatewayProblemError, GatewayUnreachableError, SignedOutError

if TYPE_CHECKING:
    from kiosk_ui.visitor.page import KioskPage

_log = logging.getLogger(__name__)
_PAUSE_SECONDS, _REFUSED_SECONDS = 2.0, 30.0


class ReadingFeed:
    """One stream for all kiosk pages of this process. What was read while it was down is read again by its holder."""

    def __init__(self, gateway: GatewayClient, token: str) -> None:
        self._gateway, self._token = gateway, token
        self._seen: set[str] = set()
        self.read: Event[[Reading]] = Event()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            pause = _PAUSE_SECONDS
            try:
                await self._listen()
            except SignedOutError:
                _log.warning("the kiosk's token may not read codes")
                pause = _REFUSED_SECONDS
            except GatewayUnreachableError as error:
                _log.info("readings: %s", error)
            except ValidationError as error:
                _log.error("readings that cannot be read: %d mistakes", error.error_count())
            await asyncio.sleep(pause)

    async def _listen(self) -> None:
        async for message in self._gateway.stream(self._token, ["readings"]):
            if message.topic != "readings" or message.body is None:
                continue
            found = ReadingList.model_validate(message.body).items
            fresh = [each for each in found if each.reading_id not in self._seen]
            self._seen = {each.reading_id for each in found}
            for reading in fresh:
                self.read.emit(reading)

    async def take(self, reading: Reading) -> bool:
        """Whether it is ours to use: another page may have been quicker, or it has expired."""
        try:
            await self._gateway.used_reading(self._token, reading.reading_id)
        except (GatewayProblemError, GatewayUnreachableError) as error:
            _log.info("readings: %s", error)
            return False
        return True


class ReadingActs:
    """What one page does with a code."""

    def __init__(self, page: KioskPage, feed: ReadingFeed) -> None:
        self._page, self._feed = page, feed
        feed.read.subscribe(self._use)

    async def _use(self, reading: Reading) -> None:
        page = self._page
        if reading.kind != "code" or page.client.is_deleted or not page.client.has_socket_connection:
            return
        if await self._feed.take(reading):
            with page.root:
                await page.wishes.scanned(reading.text)
