"""The gateway's REST API about who somebody is: search and candidates. Routes are in docs/api.md.

What is searched for is personal: it travels in bodies, never in addresses.
"""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from contracts.gateway_api import CustomerView
from contracts.ids import Uuid
from contracts.rest import Role, Wire
from contracts.values import UtcDateTime

SearchText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
SearchCursor = Annotated[str, StringConstraints(pattern=r"^\d\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
FoundBy = Literal["phone", "id_number", "name", "masked_phone", "pinyin", "initials", "last4"]
"""Why a file was found, strongest first. `pinyin` of a typed name says that it sounds the same."""


# ---- search --------------------------------------------------------------------------------------------------------
class SearchRequest(Wire):
    """`text` is a number, its first 3 and last 4 digits, its last 4, an ID number, a name, pinyin, or initials."""

    text: SearchText
    cursor: SearchCursor | None = None
    limit: Annotated[int, Field(ge=1, le=50)] = 20


class FoundCustomer(Wire):
    """Masked. `reasons`: all that matched, strongest first."""

    customer: CustomerView
    reasons: list[FoundBy]


class SearchPage(Wire):
    """Strongest reason first, newer files before older ones. `next_cursor` None: there is no more."""

    items: list[FoundCustomer]
    next_cursor: SearchCursor | None = None


class LookupView(Wire):
    """One search of the customer files: who, when, by what, how many files it showed. Never what was typed.

    `refused`: they had searched too much.
    """

    lookup_id: Uuid
    at: UtcDateTime
    role: Role
    by: str
    by_name: str
    found_by: list[str]
    shown: int
    refused: bool


class LookupPage(Wire):
    """Newest first."""

    items: list[LookupView]
    next_cursor: Uuid | None = None


# ---- merging -------------------------------------------------------------------------------------------------------
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
MergeState = Literal["proposed", "merged", "refused", "ended"]


class MergeRequest(Wire):
    """Two files that are one person's. From then on `merged_id` is read as `kept_id`; neither is rewritten.

    The reception proposes, a manager merges at once. Sent with an `Idempotency-Key` header.
    """

    kept_id: Uuid
    merged_id: Uuid
    reason: Reason


class MergeDecision(Wire):
    """Accepting, refusing or ending. Sent with `Idempotency-Key` and with `If-Match`: the `ETag` of what was read."""

    reason: Reason


class MergeView(Wire):
    """Both files as they are by themselves, masked. `revision` is what the `ETag` says."""

    merge_id: Uuid
    state: MergeState
    kept: CustomerView
    merged: CustomerView
    reason: str
    proposed_at: UtcDateTime
    proposed_by: str
    decided_at: UtcDateTime | None = None
    decided_by: str = ""
    decision_reason: str = ""
    ended_at: UtcDateTime | None = None
    ended_by: str = ""
    end_reason: str = ""
    revision: int


class MergePage(Wire):
    """Newest first."""

    items: list[MergeView]
    next_cursor: Uuid | None = None
