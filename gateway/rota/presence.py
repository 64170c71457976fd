"""Signs of life of the consultants' tablets: a page that somebody can see says so every few seconds.

A hidden page, a locked screen or a stream that merely stays open is none: what is not seen is not delivered either.

Kept in memory only: after a restart nobody has been heard of, and silence that nobody listened to proves nothing.
"""

from datetime import datetime, timedelta


class Presence:
    """When each person's tablet was last heard of."""

    def __init__(self) -> None:
        self._seen: dict[str, datetime] = {}

    def seen(self, person_id: str, at: datetime) -> timedelta | None:
        """Heard of them now; returns how long they had been silent, None when they were never heard of."""
        before = self._seen.get(person_id)
        self._seen[person_id] = at
        return None if before is None else at - before

    def awake(self, person_id: str | None, now: datetime, within: timedelta) -> bool:
        """Whether their tablet was seen by somebody so short a time ago, last instant included."""
        heard = None if person_id is None else self._seen.get(person_id)
        return heard is not None and now - heard <= within

    def last(self, person_id: str) -> datetime | None:
        return self._seen.get(person_id)
