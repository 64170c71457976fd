"""A verdict (判客) as each side reads it."""

from typing import Any, Literal

from pydantic import Field

from contracts.gateway_api import Source
from contracts.ids import Uuid
from contracts.rest import Wire
from contracts.values import UtcDateTime

Side = Literal["consultant", "channel", "reception", "manager"]
SeenWho = Literal["you", "somebody", "nobody"]


class SeenRule(Wire):
    """A rule that was weighed: its name, and why it won or lost; the facts it read are told as evidence."""

    rule: str
    outcome: Literal["won", "lost", "not_applicable"]
    reason: str


class SeenEvidence(Wire):
    """Something that the verdict read and when it was. `facts` of the reader's own; of others nothing but that."""

    kind: str
    at: UtcDateTime
    own: bool
    facts: dict[str, Any] = Field(default_factory=dict)


class SeenAnswer(Wire):
    """A verdict as one side reads it: result, rule, times and its own evidence; of others "exists, dated".

    `paid_to` and `owner` say whether that is the reader. Shares are the reader's own, of a deal on any later day and on
    the day of the visit.
    """

    source: Source
    rule: str
    owner_rule: str
    paid_to: SeenWho
    owner: SeenWho
    conflict: bool
    open_until: UtcDateTime | None = None
    own_percent: int | None = None
    own_percent_same_day: int | None = None
    rules: list[SeenRule]
    evidence: list[SeenEvidence]


class SeenVerdict(SeenAnswer):
    """With which verdict it is, and until when an appeal against it may be filed, last instant in."""

    verdict_id: Uuid
    visit_id: Uuid
    made_at: UtcDateTime
    policy_version: int
    appeal_until: UtcDateTime


class OwnVerdict(SeenVerdict):
    """One of the caller's own. `customer` is masked, and empty for who may not see the file."""

    opened_at: UtcDateTime
    ticket_number: int | None
    customer: str


class ConflictingClaim(Wire):
    """A masked registration that means this visitor as much as another channel's does."""

    registration_id: Uuid
    channel_name: str
    agent_name: str
    accepted_at: UtcDateTime


class ClaimConflict(Wire):
    """A visit that several masked registrations claim and nothing decides between. `customer` is masked.

    The visitor's full number is known: an agent's code, a full registration or the manager's ruling ends it.
    """

    visit_id: Uuid
    verdict_id: Uuid
    made_at: UtcDateTime
    opened_at: UtcDateTime
    ticket_number: int | None
    customer: str
    appeal_until: UtcDateTime
    claims: list[ConflictingClaim]
