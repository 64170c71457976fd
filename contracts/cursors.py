"""The cursor of a list that is ordered by time: the time and the key of the last item shown.

New rows never shift a page; two things of one instant are told apart by their keys. Who reads a page takes the text
for opaque.
"""

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True, order=True)
class Cursor:
    """The place of one item."""

    at: datetime
    key: str

    def __str__(self) -> str:
        return base64.urlsafe_b64encode(f"{self.at.isoformat()}|{self.key}".encode()).decode()

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """Raises ValueError for a text that is no cursor of ours."""
        try:
            at, _, key = base64.urlsafe_b64decode(text).decode("ascii").partition("|")
            when = datetime.fromisoformat(at)
            if when.tzinfo is None or not key:
                raise ValueError("a cursor has a time with its zone, and a key")
            return cls(when.astimezone(UTC), key)
        except (binascii.Error, OverflowError) as error:
            raise ValueError("not a cursor") from error
