"""One poll of central for all pages of one signed-in person, with that person's token, and only while one is open."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from nicegui import Event, background_tasks

from contracts.central_api import ConsultantFigures, Overview
from contracts.values import utc_now
from kiosk_ui.clients.central import (
    CentralClient,
    CentralDoor,
    CentralProblemError,
    CentralUnreachableError,
    SessionEndedError,
)
from kiosk_ui.console.figures import LEAGUE_DAYS, days_back

_log = logging.getLogger(__name__)
State = Literal["connecting", "live", "lost", "refused", "ended"]
"""`ended`: the person's session is over, nothing more is asked."""
POLL_SECONDS = 2.0
LEAGUE_EVERY = 15
"""The league changes slowly: every so many polls."""


class OverviewFeed:
    """Keeps the last overview and league. `changed` fires after every answer and every change of state."""

    def __init__(self, central: CentralClient, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._central = central
        self._sleep = sleep
        self._heard = asyncio.Event()
        self._polls = 0
        self.overview: Overview | None = None
        self.league: list[ConsultantFigures] = []
        self.state: State = "connecting"
        self.heard_at: datetime | None = None
        self.changed: Event[[]] = Event()

    async def run(self) -> None:
        """Polls until cancelled or the session is over."""
        while self.state != "ended":
            await self.poll()
            await self._sleep(POLL_SECONDS)

    async def first_answer(self, within: float = 2.0) -> None:
        """Waits for the first poll, but not long: a page that knows nothing yet says that it is connecting."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._heard.wait(), within)

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
        except SessionEndedError:
            self.state = "ended"
        except CentralProblemError as error:
            _log.warning("central refused: %s", error)
            self.state = "refused"
        else:
            self.overview, self.state, self.heard_at = overview, "live", utc_now()
        self._heard.set()
        self.changed.emit()

    def end(self) -> None:
        """Another call of this person was told that the session is over."""
        if self.state != "ended":
            self.state = "ended"
            self.changed.emit()

    async def _league_of(self, overview: Overview) -> list[ConsultantFigures]:
        start, end = days_back(overview.as_of, LEAGUE_DAYS)
        lists = await asyncio.gather(
            *(self._central.consultants(office.office.office, start, end) for office in overview.offices)
        )
        return [figures for rows in lists for figures in rows]


class Feeds:
    """The feed of each token in use: of one person's pages the first starts it and the last stops it."""

    def __init__(self, door: CentralDoor) -> None:
        self._door = door
        self._running: dict[str, _Running] = {}

    def watch(self, token: str) -> OverviewFeed:
        if token not in self._running:
            feed = OverviewFeed(self._door.of(token))
            self._running[token] = _Running(feed, background_tasks.create(feed.run(), name="overview feed"))
        found = self._running[token]
        found.watchers += 1
        return found.feed

    def unwatch(self, token: str) -> None:
        found = self._running[token]
        found.watchers -= 1
        if found.watchers == 0:
            found.task.cancel()
            del self._running[token]


@dataclass(slots=True)
class _Running:
    feed: OverviewFeed
    task: asyncio.Task[None]
    watchers: int = 0
