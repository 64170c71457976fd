"""What is known right now of the office's backups; forgotten at a restart."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Health = Literal["off", "ok", "failing"]


@dataclass
class BackupState:
    """`reason` names why the newest try failed, empty when it did not; `failing_since` is of the first in a row.

    `last_at`: when the newest backup was taken; `size` its bytes in the folder; `seconds` how long it took.
    """

    configured: bool = False
    reason: str = ""
    failing_since: datetime | None = None
    last_at: datetime | None = None
    written: int = 0
    failures: int = 0
    size: int = 0
    seconds: float = 0.0

    @property
    def health(self) -> Health:
        if not self.configured:
            return "off"
        return "failing" if self.failing_since is not None else "ok"

    def succeeded(self, at: datetime, size: int, seconds: float) -> None:
        self.reason, self.failing_since, self.last_at = "", None, at
        self.size, self.seconds, self.written = size, seconds, self.written + 1

    def failed(self, reason: str, now: datetime) -> None:
        self.reason, self.failures = reason, self.failures + 1
        self.failing_since = self.failing_since or now
