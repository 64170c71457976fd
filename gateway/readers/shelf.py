"""What was read a moment ago, in memory alone: a restart forgets it, and the card is simply read again."""

import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from contracts.readings import ReadingContent

CODE_STANDS = timedelta(seconds=30)
CARD_STANDS = timedelta(seconds=120)
"""The reception has to find the file first."""
MOST_EACH = 8
RECEPTION = "reception"


@dataclass(frozen=True, slots=True)
class Lying:
    """One reading at one screen."""

    reading_id: str
    screen: str
    at: datetime
    content: ReadingContent = field(repr=False)

    @property
    def stands_until(self) -> datetime:
        return self.at + (CARD_STANDS if self.content.number else CODE_STANDS)


class Shelf:
    """Safe from any thread. At most a few readings lie at a screen; the oldest makes room."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lying: list[Lying] = []

    def put(self, reading: Lying) -> None:
        with self._lock:
            here = [each for each in self._lying if each.screen == reading.screen]
            dropped = here[: max(0, len(here) - MOST_EACH + 1)]
            self._lying = [each for each in self._lying if each not in dropped] + [reading]

    def at(self, screen: str, now: datetime) -> list[Lying]:
        with self._lock:
            self._lying = [each for each in self._lying if each.stands_until > now]
            return [each for each in self._lying if each.screen == screen]

    def take(self, reading_id: str, screen: str, now: datetime) -> Lying | None:
        """It is used once; None when it is gone or lies at another screen."""
        found = next((each for each in self.at(screen, now) if each.reading_id == reading_id), None)
        if found is not None:
            with self._lock:
                self._lying = [each for each in self._lying if each.reading_id != reading_id]
        return found
