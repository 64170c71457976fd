"""What every client owes the office's broker: acknowledgements in the order of delivery (MQTT 3.1.1, section 4.6)."""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class _Pending:
    mid: int
    done: bool = False


class InOrder:
    """Acknowledges messages to the broker in the order they came, as MQTT asks, whenever their handlers finish.

    rumqttd ends the session of a client that acknowledges out of order. A new connection forgets what was pending: the
    broker delivers it again.
    """

    def __init__(self, acknowledge: Callable[[int], None]) -> None:
        self._acknowledge = acknowledge
        self._pending: deque[_Pending] = deque()
        self._lock = threading.Lock()

    def expect(self, mid: int) -> Callable[[], None]:
        """Returns what the handler calls when it is done."""
        pending = _Pending(mid)
        with self._lock:
            queue = self._pending
            queue.append(pending)

        def done() -> None:
            with self._lock:
                pending.done = True
                while self._pending is queue and queue and queue[0].done:
                    self._acknowledge(queue.popleft().mid)

        return done

    def forget(self) -> None:
        with self._lock:
            self._pending = deque()
