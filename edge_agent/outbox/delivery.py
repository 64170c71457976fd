"""How far the gateway is, what may be sent next, and when to send again. Pure: time is passed in, in seconds.

Only an acknowledgement counts as delivered. Several batches may be under way; when none is acknowledged in time
everything after the last acknowledgement is sent again, at first one batch at a time and ever more rarely, so that a
gateway that comes back is not flooded.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import Literal

from contracts.messages import Ack

MAX_WINDOW = 64
FULL = 32
"""So many small events fill a batch."""
PACE_SECONDS = 0.025
FIRST_TIMEOUT = 2.0
LAST_TIMEOUT = 5.0
"""Also how long a returning gateway waits for us at most: one batch every 5 seconds is no flood."""

Outcome = Literal["ignored", "settle", "new_stream"]


@dataclass(slots=True)
class Delivery:
    """State of one stream's way to the gateway; not thread-safe. `stream` is None while a new one is being made."""

    stream: str | None
    committed: int
    epoch: str | None
    cursor: int = 0
    heard: int | None = None
    sent_at: float = float("-inf")
    connected: bool = False
    window: int = 1
    timeout: float = FIRST_TIMEOUT
    deadline: float | None = None
    under_way: deque[int] = field(default_factory=deque)

    def __post_init__(self) -> None:
        self.cursor = self.committed

    @property
    def may_send(self) -> bool:
        return self.connected and self.stream is not None and len(self.under_way) < self.window

    def hold(self, last: int, now: float) -> float | None:
        """Seconds until the next batch goes; None when there is none. `last`: the newest sequence of our stream.

        The first after a pause goes at once. Those that follow it closely travel together, FULL of them or what came
        within PACE_SECONDS: each batch costs the gateway a commit, however few are in it.
        """
        if not self.may_send or last <= self.cursor:
            return None
        return 0.0 if last - self.cursor >= FULL else max(self.sent_at + PACE_SECONDS - now, 0.0)

    def sent(self, through: int, now: float) -> None:
        """A batch ending at `through` was handed to the broker's client."""
        self.cursor = through
        self.sent_at = now
        self.under_way.append(through)
        if self.deadline is None:
            self.deadline = now + self.timeout

    def on_connect(self) -> None:
        self.connected = True
        self._go_back(self.committed)
        self.timeout = FIRST_TIMEOUT

    def on_disconnect(self) -> None:
        self.connected = False
        self.deadline = None

    def on_ack(self, ack: Ack, last: int, now: float) -> Outcome:
        """`last`: the newest sequence of our stream. `new_stream`: this one is no longer taken, or was never ours."""
        if ack.stream != self.stream:
            return "ignored"
        if ack.refused == "forked" or ack.committed > last:
            # A receiver that knows more of our stream than we do has seen another copy of this outbox.
            self.stream = None
            return "new_stream"
        rebuilt = self.epoch is not None and ack.epoch != self.epoch
        self.epoch = ack.epoch
        self.heard = ack.committed
        waiting = self.timeout > FIRST_TIMEOUT
        if rebuilt or ack.committed > self.committed:
            self._advance(ack.committed, rebuilt, now)
        elif waiting:
            # It speaks again: what it missed is sent now, not at the next time-out.
            self.timeout = FIRST_TIMEOUT
            self._go_back(self.committed)
        return "settle"

    def on_tick(self, now: float) -> bool:
        """True when everything unacknowledged has to be sent again."""
        if not self.connected or self.deadline is None or now < self.deadline:
            return False
        # An acknowledgement below ours is stale at first; a receiver that insists was restored from a backup.
        self._go_back(self.committed if self.heard is None else min(self.heard, self.committed))
        self.timeout = min(self.timeout * 2, LAST_TIMEOUT)
        return True

    def restart(self, stream: str) -> None:
        """Begin a new stream from its first event."""
        self.stream, self.committed, self.epoch, self.heard = stream, 0, None, None
        self._go_back(0)

    def _advance(self, committed: int, rebuilt: bool, now: float) -> None:
        self.timeout = FIRST_TIMEOUT
        if rebuilt:
            self._go_back(committed)
            return
        self.committed = committed
        self.cursor = max(self.cursor, committed)
        self.window = min(self.window * 2, MAX_WINDOW)
        while self.under_way and self.under_way[0] <= committed:
            self.under_way.popleft()
        self.deadline = now + self.timeout if self.under_way else None

    def _go_back(self, committed: int) -> None:
        self.committed = self.cursor = committed
        self.window = 1
        self.deadline = None
        self.under_way.clear()
