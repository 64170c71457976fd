"""When the gateway is away: say so, keep everything, and try again until it works or the visitor leaves."""

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from typing import Any

from nicegui import Client, background_tasks

from kiosk_ui.clients.gateway import GatewayProblemError, GatewayUnreachableError

_log = logging.getLogger(__name__)
_RETRY_SECONDS = 3.0


class PatientPage(ABC):
    """`trouble`: the last attempt failed and is repeated. `busy`: something must not be started twice."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.trouble = False
        self.busy = False
        self._again: Callable[[], Awaitable[Any]] | None = None

    @abstractmethod
    def draw(self) -> None: ...

    async def retry(self) -> None:
        if self._again is not None:
            await self.attempt(self._again)
            self.draw()

    def calm(self) -> None:
        """Nothing is to be repeated any more."""
        self.trouble, self._again = False, None

    async def attempt(self, action: Callable[[], Awaitable[Any]]) -> bool:
        """Run it; on failure keep everything, say so, and try again until it works or the visitor leaves."""
        try:
            await action()
        except (GatewayUnreachableError, GatewayProblemError) as error:
            _log.warning("kiosk: %s", error)
            first, self.trouble, self._again = not self.trouble, True, action
            if first:
                background_tasks.create(self._keep_trying(), name="kiosk retry")
            return False
        self.calm()
        return True

    async def _keep_trying(self) -> None:
        while self.trouble and not self.client.is_deleted:
            await asyncio.sleep(_RETRY_SECONDS)
            if self._again is not None and not self.busy and await self.attempt(self._again):
                self.draw()  # not before: what is shown until then is true, and a finger may be on it
