"""The gateway's API about its line from central: bodies only."""

from typing import Literal

from contracts.rest import Wire
from contracts.values import UtcDateTime


class SyncConflict(Wire):
    """Both sides had changed one thing. Values are masked; `winner` stands, by `rule`."""

    conflict_id: str
    at: UtcDateTime
    kind: str
    item_id: str
    field: Literal["name", "phone"]
    office_value: str
    company_value: str
    winner: Literal["office", "company"]
    rule: Literal["head_office_corrects_names", "number_stays_where_it_was_proven"]


class SyncFault(Wire):
    """A thing from central that could not be taken in; it is tried again when central changes it."""

    kind: str
    id: str
    reason: Literal["sealed_with_another_key", "not_understood"]


class SyncView(Wire):
    """`lag_seconds` since everything central had was here; None: never. `clock_offset_ms`: central's minus ours."""

    configured: bool
    cursor: str | None
    fetching_everything: bool
    heard_at: UtcDateTime | None
    complete_at: UtcDateTime | None
    lag_seconds: float | None
    clock_offset_ms: int
    conflicts: list[SyncConflict]
    faults: list[SyncFault]
