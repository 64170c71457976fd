"""Which customer files were one person's at what time, pure: what an arrival has to know of merges to find its visit.

A signal keeps the file it was given for, a merge keeps its time. So a day read back is the day that was lived: before
the merge two people came, from it on one, and un-merged there are two again (domain.md: a merge keeps both histories).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Merged:
    """`merged_id` was read as `kept_id` from `since` until `until`, the end not included; None while it stands."""

    kept_id: str
    merged_id: str
    since: datetime
    until: datetime | None = None

    def stands(self, at: datetime) -> bool:
        return self.since <= at and (self.until is None or at < self.until)


class Persons:
    def __init__(self, merges: Iterable[Merged]) -> None:
        self._of_file: dict[str, list[Merged]] = {}
        for merge in merges:
            self._of_file.setdefault(merge.merged_id, []).append(merge)

    def of(self, file: str, at: datetime) -> str:
        """The file that spoke for this one then. Files form stars (ADR 042): one look-up answers."""
        return next((merge.kept_id for merge in self._of_file.get(file, ()) if merge.stands(at)), file)
