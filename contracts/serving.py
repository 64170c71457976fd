"""How our services listen: what strangers may send, and hold open, before anybody knows who they are.

uvicorn bounds a head only with h11 (16 KiB): httptools, which it prefers where both are installed, keeps as many header
lines as it is sent. Neither waits for a head with a time limit, so that a thousand half-sent ones would take every
place that the system gives a process.
"""

import time
from collections.abc import Collection
from typing import Any

import uvicorn

from contracts.hosts import Named

IDLE_SECONDS = 10
"""How long an idle connection is kept: well beyond the 5 s after which httpx, our own client, lets go of one.
Were both the same, who asks every 5 s would now and then ask into a connection that is being closed."""
HEAD_SECONDS = 15.0
"""Longer than an idle connection is kept."""
BODY_SECONDS = 300.0
_TICKS = 10
"""Of a tenth of a second."""


def config(app: Any, host: str, port: int, names: Collection[str] = (), **more: Any) -> uvicorn.Config:
    """uvicorn's settings of every service; `names`: host names it answers to; `more` are one service's own."""
    return uvicorn.Config(
        Named(app, names),
        host=host,
        port=port,
        http="h11",
        timeout_keep_alive=IDLE_SECONDS,
        log_config=None,
        access_log=False,
        server_header=False,
        **more,
    )


class Patience:
    """Which connections waited too long: for a head, or for the end of a body. Time in seconds is passed in."""

    def __init__(self) -> None:
        self._since: dict[Any, tuple[Any, float]] = {}

    def exhausted(self, connections: Collection[Any], now: float) -> list[Any]:
        """Those to be cut off. A connection that answers, or has become a WebSocket, may take its time."""
        waiting = {each: (each.cycle, now) for each in connections if _limit(each)}
        before, self._since = self._since, waiting
        for each, (cycle, _) in waiting.items():
            if each in before and before[each][0] is cycle:
                waiting[each] = before[each]
        return [each for each, (_, since) in waiting.items() if now - since > _limit(each)]


def _limit(connection: Any) -> float:
    """0 for one that we do not wait for."""
    cycle = getattr(connection, "cycle", connection)
    if cycle is connection:
        return 0.0  # a WebSocket
    if cycle is None or cycle.response_complete:
        return HEAD_SECONDS
    return BODY_SECONDS if cycle.more_body else 0.0


class Server(uvicorn.Server):
    """Cuts off whoever does not finish what they began to send."""

    _patience: Patience | None = None

    async def on_tick(self, counter: int) -> bool:
        if counter % _TICKS == 0:
            self._patience = self._patience or Patience()
            for connection in self._patience.exhausted(self.server_state.connections, time.monotonic()):
                connection.transport.abort()
        return await super().on_tick(counter)
