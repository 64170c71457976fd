"""The gateway's REST API about who somebody is: search and candidates. Routes are in docs/api.md.

What is searched for is personal: it travels in bodies, never in addresses.
"""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from contracts.gateway_api import CustomerView, PersonName
from contracts.ids import ProjectName, Uuid
from contracts.rest import Role, Wire
from contracts.values import Phone, UtcDateTime

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

    `found_by` is `reveal` for a number shown in full, `call` for one entered as a call. `refused`: they had looked up
    too much.
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


# ---- candidates ----------------------------------------------------------------------------------------------------
AlikeBy = Literal["id_number", "name", "masked_phone", "sounds_alike"]
"""Why another file may be the same person, strongest first. `masked_phone`: first 3 and last 4 digits are the same."""


class CandidateView(Wire):
    """Masked. `rule`: why the reception is asked, None where it is not; `review_id`: the question, asked or answered.

    `other_id_number`: both have an ID number and they differ, so they are two people.
    """

    customer: CustomerView
    reasons: list[AlikeBy]
    other_id_number: bool
    rule: str | None = None
    review_id: Uuid | None = None


class CandidatePage(Wire):
    """Strongest reason first, then more of them."""

    items: list[CandidateView]


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


# ---- buying parties ------------------------------------------------------------------------------------------------
class PartyLink(Wire):
    """How somebody is related to the first of a buying party."""

    relation: Literal["spouse", "parent", "child", "sibling", "co_buyer"]


class PartyMember(Wire):
    """Masked. The first of the party is `self`."""

    customer: CustomerView
    relation: Literal["self", "spouse", "parent", "child", "sibling", "co_buyer"]
    linked_at: UtcDateTime
    linked_by: str


class PartyView(Wire):
    """Who buys together; empty for somebody who buys alone."""

    members: list[PartyMember]


# ---- owners --------------------------------------------------------------------------------------------------------
class CallRequest(Wire):
    """A call (来电) that left a number. `consultant_id`: who took it; of a consultant's own token themselves."""

    phone: Phone
    name: PersonName = ""
    consultant_id: Uuid | None = None
    project: ProjectName = ""
    """What it was about, where the office sells several."""


class CallTaken(Wire):
    """`owner`: whose customer it is after the call; to a consultant never who else.

    `customer_id` is None for somebody who may not see the file.
    """

    call_id: Uuid
    at: UtcDateTime
    owner: Literal["who_took_it", "somebody_else"]
    customer_id: Uuid | None = None


class ClaimableVisit(Wire):
    """A visit of a customer of yours that a colleague received before anybody knew whose customer it was."""

    visit_id: Uuid
    opened_at: UtcDateTime
    open_until: UtcDateTime
    """The last instant at which it may be claimed."""
    customer: CustomerView


class PoolEntry(Wire):
    """A customer whose owner has left."""

    customer: CustomerView
    owner_left_at: UtcDateTime | None


class PoolPage(Wire):
    items: list[PoolEntry]
    next_cursor: Uuid | None = None


class OwnerAssignment(Wire):
    consultant_id: Uuid
    reason: Reason


# ---- ID numbers ----------------------------------------------------------------------------------------------------
class IdNumberPut(Wire):
    """From a card reader, or typed at the desk."""

    id_number: Annotated[str, StringConstraints(strip_whitespace=True, min_length=18, max_length=40)]
    source: Literal["reader", "typed"]


class IdNumberNoted(Wire):
    """`also_on`: other files with that number, masked: the same person, whose files a manager may merge."""

    also_on: list[CustomerView]
