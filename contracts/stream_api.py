"""The live stream: what a client says first, and what it is told."""

from typing import Any, Literal

from contracts.rest import Wire
from contracts.values import UtcDateTime

StreamTopic = Literal["offers", "floor", "queue", "greetings", "alerts", "readings"]


class StreamHello(Wire):
    """First message a client sends on `/v1/stream`; anything else within 5 s closes the socket (4401)."""

    token: str
    topics: list[StreamTopic]


class StreamMessage(Wire):
    """`snapshot` comes first for each topic, then changes.

    `ping` comes every 5 s; a client that hears none for 12 s is offline.

    | topic  | kind     | body                                              |
    |--------|----------|---------------------------------------------------|
    | offers | snapshot, changed | Me (consultants: their own; others: refused) |
    | floor  | snapshot, changed | Floor, at most 4 a second                    |
    | queue  | snapshot, changed | QueueView                                    |
    | greetings | snapshot, changed | people: GreetingList of theirs; kiosks: KioskGreetingList |
    | alerts | snapshot, changed | AlertList of theirs; again while no page has confirmed one |
    | readings | snapshot, changed | ReadingList: what the reader beside this kiosk, or the reception's, has just read |
    """

    kind: Literal["snapshot", "changed", "ping"]
    topic: StreamTopic | None = None
    body: dict[str, Any] | None = None
    at: UtcDateTime
