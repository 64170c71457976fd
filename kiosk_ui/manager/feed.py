"""One stream from the gateway for all boards of this process; pages listen to its events."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from typing import Literal

from nicegui import Event
from pydantic import ValidationError

from contracts.floor_api import Floor
from contracts.stream_api import StreamMessage
from contracts.values import utc_now
from kiosk_ui.clients.gateway import GatewayUnreachableError, SignedOutError

_log = logging.getLogger(__name__)
LinkState = Literal["connecting", "live", "lost", "refused"]
Open = Callable[[], AsyncIterator[StreamMessage]]
SILENCE_SECONDS = 12
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 8.0
"""Seconds between attempts to connect, doubled each time."""


class FloorFeed:
    """Keeps the last floor. `changed` fires for a new floor or state, `pinged` for a message without a floor."""

    def __init__(self, open_stream: Open, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._open = open_stream
        self._sleep = sleep
        self.floor: Floor | None = None
        self.state: LinkState = "connecting"
        self.heard_at: datetime | None = None
        self.changed: Event[[]] = Event()
        self.pinged: Event[[]] = Event()

    async def run(self) -> None:
        """Listens until cancelled; an unreadable floor is logged and the stream begun anew."""
        pause = _FIRST_PAUSE
        while True:
            try:
                async for message in self._open():
                    self._take(message)
                    pause = _FIRST_PAUSE
            except SignedOutError:
                self._set("refused")
                pause = _LONGEST_PAUSE
            except GatewayUnreachableError as error:
                _log.info("floor stream lost: %s", error)
                self._set("lost")
            except ValidationError as error:
                _log.error("a floor that cannot be read: %d mistakes", error.error_count())
                self._set("lost")
            await self._sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _take(self, message: StreamMessage) -> None:
        floor = Floor.model_validate(message.body) if message.topic == "floor" and message.body is not None else None
        self.heard_at = utc_now()
        if floor is not None:
            self.floor = floor
            self.state = "live"
            self.changed.emit()
        else:
            self.pinged.emit()

    def fresh(self, now: datetime) -> bool:
        """Whether the gateway has spoken within the time that its pings promise."""
        spoken = self.heard_at is not None and (now - self.heard_at).total_seconds() < SILENCE_SECONDS
        return self.state == "live" and spoken

    def _set(self, state: LinkState) -> None:
        if state != self.state:
            self.state = state
            self.changed.emit()
