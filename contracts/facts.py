"""Facts: what a gateway tells the company's server, as events of its own outbox (`contracts.events`)."""

from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from contracts.appeal_result import AppealResult
from contracts.events import Data, DataModel, DeviceState, ShortText, Sum, Tombstone
from contracts.ids import ProjectName, Uuid
from contracts.values import UtcDateTime


class FootfallMinute(Data):
    """Absolute sums of one device line in one minute, as of the gateway's commit `revision`. Newer replaces older.

    `through`: per stream of a node, the sequence up to which its events are in these sums. Whoever rebuilds the gateway
    learns from it what is counted already.
    """

    TYPE: ClassVar[str] = "footfall.minute.v1"
    device: ShortText
    line: int = 1
    minute: UtcDateTime
    count_in: Sum
    count_out: Sum
    revision: Annotated[int, Field(ge=1)]
    through: dict[Uuid, Annotated[int, Field(ge=1)]] = Field(default_factory=dict)


NOT_A_VISIT = ("not_customer", "mistaken", "joined_other_visit")
"""Close reasons of what was no visit after all: no customer, somebody taken for another, one party counted twice."""


class VisitRecorded(Data):
    """One visit as it stands after `revision`. Newer replaces older. Times are gateway time."""

    TYPE: ClassVar[str] = "visit.recorded.v1"
    visit_id: Uuid
    revision: Annotated[int, Field(ge=1)]
    customer_id: Uuid | None
    kind: Literal["first", "return", "unknown"]
    party_size: Annotated[int, Field(ge=1, le=50)]
    purpose: ShortText
    state: Literal["waiting", "offered", "serving", "closed"]
    opened_at: UtcDateTime
    accepted_at: UtcDateTime | None = None
    closed_at: UtcDateTime | None = None
    close_reason: ShortText | None = None
    ticket_number: int | None = None
    source: Literal["walk_in", "channel", "referral"]
    owner_id: Uuid | None = None
    consultant_id: Uuid | None = None
    project: ProjectName = ""


class WeighedClaim(BaseModel):
    """A claim that a verdict read, and what became of it. `reason` is a code of the rules."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    claim_id: Uuid
    outcome: Literal["won", "lost", "conflict"]
    reason: ShortText
    at: UtcDateTime


class VerdictRecorded(Data):
    """An attribution verdict (判客), complete with the rule that made it and those that lost."""

    TYPE: ClassVar[str] = "verdict.recorded.v1"
    verdict_id: Uuid
    visit_id: Uuid
    made_at: UtcDateTime
    source: Literal["walk_in", "channel", "referral"]
    owner_id: Uuid | None
    rule: ShortText
    lost_rules: list[dict[str, str]]
    policy_version: int
    appeal_until: UtcDateTime | None = None
    """The last instant of the office's period for appeals; None when the office did not say."""
    channel_id: Uuid | None = None
    agent_id: Uuid | None = None
    referrer_id: Uuid | None = None
    claim_id: Uuid | None = None
    claims: Annotated[list[WeighedClaim], Field(max_length=500)] = Field(default_factory=list)


class AppealRecorded(Data):
    """An appeal (申诉) against a verdict, as filed and as decided. What was said travels sealed, bound to `appeal_id`.

    `result_verdict_id`: the newest verdict on the visit once it was decided, the appealed one when nothing changed;
    `result` that verdict as a channel that appealed may read it.
    """

    TYPE: ClassVar[str] = "appeal.recorded.v1"
    appeal_id: Uuid
    revision: Annotated[int, Field(ge=1)]
    visit_id: Uuid
    verdict_id: Uuid
    party_kind: Literal["consultant", "channel"]
    party_id: Uuid
    agent_id: Uuid | None = None
    state: Literal["open", "upheld", "rejected", "evidence_accepted"]
    filed_at: UtcDateTime
    decided_at: UtcDateTime | None = None
    decided_by: Uuid | None = None
    result_verdict_id: Uuid | None = None
    sealed_text: str = ""
    sealed_reason: str = ""
    result: AppealResult | None = None


class AppealRefused(Data):
    """An appeal that was handed in at head office, and why this office could not file it."""

    TYPE: ClassVar[str] = "appeal.refused.v1"
    appeal_id: Uuid
    at: UtcDateTime
    reason: ShortText


class CustomerRecorded(Data):
    """A customer file as the gateway knows it. Name and phone are in `sealed` (`contracts.sealing.CustomerSecret`)."""

    TYPE: ClassVar[str] = "customer.recorded.v1"
    customer_id: Uuid
    revision: Annotated[int, Field(ge=1)]
    created_at: UtcDateTime
    owner_id: Uuid | None = None
    company_revision: Annotated[int, Field(ge=0)] = 0
    """The last change of head office that this file had taken in when it was recorded."""
    sealed: str


class CustomerMerged(Data):
    """Two files turned out to be one person's: while `merged`, `merged_id` is read as `kept_id`; `ended` ends that."""

    TYPE: ClassVar[str] = "customer.merged.v1"
    merge_id: Uuid
    revision: Annotated[int, Field(ge=1)]
    kept_id: Uuid
    merged_id: Uuid
    state: Literal["merged", "ended"]
    at: UtcDateTime


class CustomerErased(Data):
    """The person asked for it: nothing personal of this file is kept, here or at head office. Its id stays."""

    TYPE: ClassVar[str] = "customer.erased.v1"
    customer_id: Uuid
    at: UtcDateTime


class TurnRecorded(Data):
    """A turn of the rota was offered, and how it ended."""

    TYPE: ClassVar[str] = "rota.turn.v1"
    offer_id: Uuid
    visit_id: Uuid
    consultant_id: Uuid
    uses_turn: bool
    offered_at: UtcDateTime
    outcome: Literal["pending", "accepted", "declined", "lost", "withdrawn"]
    decided_at: UtcDateTime | None = None
    rule: ShortText
    revision: Annotated[int, Field(ge=1)]


class SaleRecorded(Data):
    """A step of the funnel: intent 认筹, subscription 认购, contract 签约, payment 回款. Amount in fen."""

    TYPE: ClassVar[str] = "sale.recorded.v1"
    fact_id: Uuid
    kind: Literal["intent", "subscription", "contract", "payment"]
    customer_id: Uuid
    consultant_id: Uuid
    visit_id: Uuid | None = None
    unit_ref: ShortText = ""
    amount_fen: Annotated[int, Field(ge=0, le=10**13)]
    at: UtcDateTime


class CallRecorded(Data):
    """A call (来电) that left a number: a claim of the consultant who took it."""

    TYPE: ClassVar[str] = "call.recorded.v1"
    call_id: Uuid
    customer_id: Uuid
    consultant_id: Uuid
    at: UtcDateTime
    project: ProjectName = ""


class FollowUpRecorded(Data):
    """A contact with a customer. `reached` is false for an unanswered call; the note travels sealed."""

    TYPE: ClassVar[str] = "followup.recorded.v1"
    fact_id: Uuid
    customer_id: Uuid
    consultant_id: Uuid
    channel: Literal["call", "message", "meeting", "visit"]
    reached: bool
    at: UtcDateTime
    sealed_note: str = ""


_OF_VISITS: tuple[DataModel, ...] = (FootfallMinute, VisitRecorded, VerdictRecorded, AppealRecorded, AppealRefused)
_OF_CUSTOMERS: tuple[DataModel, ...] = (CustomerRecorded, CustomerMerged, TurnRecorded, SaleRecorded, FollowUpRecorded)
_BESIDE: tuple[DataModel, ...] = (CustomerErased, CallRecorded, DeviceState, Tombstone)
OFFICE_EVENTS: dict[str, DataModel] = {m.TYPE: m for m in (*_OF_VISITS, *_OF_CUSTOMERS, *_BESIDE)}
"""What a gateway may send to central."""
