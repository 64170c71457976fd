"""One poll of central for all console pages of this process, and only while one is open."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Literal

from nicegui import Event

from contracts.central_api import ConsultantFigures, Overview
from contracts.values import utc_now
from kiosk_ui.clients.central import CentralClient, CentralProblemError, CentralUnreachableError
from kiosk_ui.console.figures import LEAGUE_DAYS, days_back

_log = logging.getLogger(__name__)
State = Literal["connecting", "live", "lost", "refused"]
POLL_SECONDS = 2.0
LEAGUE_EVERY = 15
"""The league changes slowly: every so many polls."""


class OverviewFeed:
    """Keeps the last overview and league. `changed` fires after every answer and every change of state."""

    def __init__(self, central: CentralClient, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._central = central
        self._sleep = sleep
        self._watchers = 0
        self._watched = asyncio.Event()
        self._polls = 0
        self.overview: Overview | None = None
        self.league: list[ConsultantFigures] = []
        self.state: State = "connecting"
        self.heard_at: datetime | None = None
        self.changed: Event[[]] = Event()

    def watch(self) -> None:
        self._watchers += 1
        self._watched.set()

    def unwatch(self) -> None:
        self._watchers -= 1
        if self._watchers == 0:
            self._watched.clear()

    async def run(self) -> None:
        """Polls until cancelled."""
        while True:
            await self._watched.wait()
            await self.poll()
            await self._sleep(POLL_SECONDS)

    async def poll(self) -> None:
        """One round. Trouble keeps the last figures and says so in `state`."""
        try:
            overview = await self._central.overview()
            if self._polls % LEAGUE_EVERY == 0:
                self.league = await self._league_of(overview)
            self._polls += 1
        except CentralUnreachableError as error:
            _log.info("central does not answer: %s", error)
            self.state = "lost"
        except CentralProblemError as error:
            _log.warning("central refused: %s", error)
            self.state = "refused"
        else:
            self.overview, self.state, self.heard_at = overview, "live", utc_now()
        self.changed.emit()

    async def _league_of(self, overview: Overview) -> list[ConsultantFigures]:
        start, end = days_back(overview.as_of, LEAGUE_DAYS)
        lists = await asyncio.gather(
            *(self._central.consultants(office.office.office, start, end) for office in overview.offices)
        )
        return [figures for rows in lists for figures in rows]
