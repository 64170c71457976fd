"""The gateway's REST and WebSocket API: bodies only; the routes are in docs/api.md and in its OpenAPI document."""

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from contracts.checkin_api import AskableConsultant, BookingAnswer, DraftStep, GateAnswers, GateHint, ProjectOption
from contracts.ids import ProjectName, Uuid
from contracts.marks_api import NonCustomerReason
from contracts.rest import Wire
from contracts.scans_api import ScanAnswer
from contracts.values import Phone, UtcDateTime

Language = Literal["zh-CN", "en"]
Purpose = Literal["view_home", "return_visit", "appointment", "contract", "other"]
VisitKind = Literal["first", "return", "unknown"]
VisitState = Literal["waiting", "offered", "serving", "closed"]
Source = Literal["walk_in", "channel", "referral"]
AwayReason = Literal["lunch", "company", "short_break", "leave", "rest", "private"]
TurnOrder = Literal["walk_in", "channel"]
"""Which order of the rota a turn is of: channels and referrals have one of their own by default."""
PersonName = Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)]


# ---- check-in ------------------------------------------------------------------------------------------------------
Relation = Literal["father", "mother", "guardian"]
"""How who consents for a child under 14 is related to it."""


class Draft(Wire):
    """A check-in being typed, kept by the gateway (encrypted, 5 minutes): a reloaded page goes on where it was."""

    step: DraftStep = "home"
    language: Language = "zh-CN"
    digits: Annotated[str, StringConstraints(max_length=20)] = ""
    party_size: Annotated[int, Field(ge=1, le=50)] = 1
    purpose: Purpose | None = None
    asked_for: AskableConsultant | None = None
    scan: ScanAnswer | None = None
    """What became of the agent's code that was read for it."""
    gate: GateAnswers = GateAnswers()
    project: ProjectName = ""
    greeting_id: Uuid | None = None
    """Said «that is me» to this greeting: no number and no purpose are asked."""
    booking: BookingAnswer | None = None
    """What the booking's code came to that they check in by."""
    refused: bool = False
    """Said no to recognition just now: what the check-in answered is older than that."""
    consent_id: Uuid | None = None
    guardian_digits: Annotated[str, StringConstraints(max_length=20)] = ""
    guardian_relation: Relation | None = None


class CheckInRequest(Wire):
    """Sent with an `Idempotency-Key` header (the draft's id): sent twice, it is one check-in.

    `customer_id` instead of a number: the reception has found their file.
    """

    language: Language = "zh-CN"
    phone: Phone | None = None
    customer_id: Uuid | None = None
    name: PersonName = ""
    party_size: Annotated[int, Field(ge=1, le=50)] = 1
    purpose: Purpose = "view_home"
    asked_for: Uuid | None = None
    agent_code: Annotated[str, StringConstraints(strip_whitespace=True, max_length=160)] = ""
    """The dynamic QR of the agent who brings them, as the scanner typed it."""
    gate: GateAnswers = GateAnswers()
    project: ProjectName = ""
    """What they come for, where the office sells several."""

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if self.phone is not None and self.customer_id is not None:
            raise ValueError("`phone` and `customer_id` are two ways to say one thing: give one of them")
        return self


Paper = Literal["none", "sent", "printed", "unsure", "failed"]


class TicketView(Wire):
    """`number` counts from 1 each day; `ahead` tickets are called before it; `wait_minutes` is an estimate, or None.

    `paper`: what became of the printed ticket. `none`: no printer belongs to where the number was drawn; `unsure`: one
    may have come out; `failed`: none did, and `paper_reason` says why (a `PrintFailure`, `expired`, `broker_away`, …).
    """

    ticket_id: Uuid
    number: int
    state: Literal["waiting", "called", "serving", "done", "cancelled"]
    ahead: int = 0
    wait_minutes: int | None = None
    issued_at: UtcDateTime
    paper: Paper = "none"
    paper_reason: str = ""


class CheckInResult(Wire):
    visit_id: Uuid
    kind: VisitKind
    ticket: TicketView
    joined_existing: bool = False
    consultant_name: str | None = None
    """Who receives them or was told; not who was asked for and is not free."""
    agent: ScanAnswer | None = None
    """What became of the agent's code: a refused one stops no check-in."""
    hints: list[GateHint] = Field(default_factory=list)
    """Told to people only, never to a kiosk."""
    face: Literal["ask", "enrolled", "refused", "unavailable"] = "unavailable"
    """Whether this visitor may be asked for consent to recognition (`contracts.faces_api.FaceAnswer`)."""


# ---- people --------------------------------------------------------------------------------------------------------
class ProjectOwner(Wire):
    """Whose customer somebody is in one project; without an id nobody's."""

    project: ProjectOption
    owner_id: Uuid | None = None
    owner_name: str | None = None


class CustomerView(Wire):
    """Masked, unless it is the answer to `reveal`, which is logged."""

    customer_id: Uuid
    name: str
    phone: str
    revealed: bool = False
    visit_count: int
    first_seen: UtcDateTime
    last_visit_at: UtcDateTime | None = None
    owner_id: Uuid | None = None
    owner_name: str | None = None
    owners: list[ProjectOwner] = Field(default_factory=list)
    """In each project now, where the office sells several and claims are per project; `owner_id` is then that of the
    visit judged last. Told with a file, not with a visit, which names its own project and owner."""
    needs: str = ""
    tags: list[str] = Field(default_factory=list)
    edition: str
    """Another one whenever name, needs or tags were written; the `ETag` of the file."""


def _unmasked(name: str) -> str:
    if "*" in name:
        raise ValueError("masked_name")
    return name


class CustomerPatch(Wire):
    """A name as it is shown masked is refused with `masked_name`: saving it would lose the real one."""

    name: Annotated[PersonName, AfterValidator(_unmasked)] | None = None
    needs: Annotated[str, StringConstraints(max_length=200)] | None = None
    tags: list[Annotated[str, StringConstraints(max_length=20)]] | None = None


class TimelineEntry(Wire):
    at: UtcDateTime
    kind: Literal["visit", "follow_up", "sale", "consent"]
    title: str
    """A code the screens translate, for example `visit.first` or `sale.intent`."""
    by: str = ""
    text: str = ""
    amount_fen: int | None = None


class TimelinePage(Wire):
    """Newest first; `next_cursor` continues where this page ends, None at the end."""

    items: list[TimelineEntry] = Field(default_factory=list)
    next_cursor: str | None = None


# ---- decisions -----------------------------------------------------------------------------------------------------
class RuleNote(Wire):
    """A rule that was weighed: its name, and why it won or lost (a code plus the facts it read)."""

    rule: str
    outcome: Literal["won", "lost", "not_applicable"]
    reason: str
    facts: dict[str, Any] = Field(default_factory=dict)


class ShareView(Wire):
    """A consultant's part of a deal's commission."""

    consultant_id: Uuid
    percent: Annotated[int, Field(ge=0, le=100)]


class VerdictView(Wire):
    """Who brought the visit (`source`, by `rule`) and which consultant receives (`owner_id`, by `owner_rule`).

    `conflict`: registrations that nothing decides between. `shares` are of a deal on any later day, `same_day_shares`
    of one on the day of the visit. Until `open_until` an earlier consultant may claim the customer.
    """

    verdict_id: Uuid
    visit_id: Uuid
    made_at: UtcDateTime
    source: Source
    owner_id: Uuid | None
    owner_name: str | None
    rule: str
    rules: list[RuleNote]
    policy_version: int
    owner_rule: Literal["non_customer", "appeal_upheld", "live_ownership", "last_receiver", "received", "nobody_yet"]
    channel_id: Uuid | None = None
    agent_id: Uuid | None = None
    referrer_id: Uuid | None = None
    claim_id: Uuid | None = None
    conflict: list[Uuid] = Field(default_factory=list)
    shares: list[ShareView] = Field(default_factory=list)
    same_day_shares: list[ShareView] = Field(default_factory=list)
    open_until: UtcDateTime | None = None


class TurnCandidate(Wire):
    """One consultant as the rota saw them at the moment of a decision."""

    consultant_id: Uuid
    name: str
    place: int | None
    outcome: Literal["chosen", "later", "skipped"]
    reason: str
    facts: dict[str, Any] = Field(default_factory=dict)
    """What the reason rests on; `turn` says what became of a turn that went past them."""


class TurnDecision(Wire):
    decided_at: UtcDateTime
    offer_id: Uuid | None
    rule: str
    order: TurnOrder = "walk_in"
    uses_turn: bool
    candidates: list[TurnCandidate]


class VisitStep(Wire):
    """What one signal did to a visit: `action` (new, join, reopen, finish, mark…) by `rule`, and all that it read."""

    decided_at: UtcDateTime
    action: str
    rule: str
    facts: dict[str, Any] = Field(default_factory=dict)
    policy_version: int


class Explanation(Wire):
    """Why this visit is one, and why it went where it went; enough to replay."""

    visit_id: Uuid
    steps: list[VisitStep] = Field(default_factory=list)
    """How the visit came to be what it is, oldest first."""
    verdicts: list[VerdictView]
    turns: list[TurnDecision]


class WhyNotAnswer(Wire):
    """One decision about the visit, as it saw one consultant."""

    decided_at: UtcDateTime
    offer_id: Uuid | None
    rule: str
    order: TurnOrder
    policy_version: int
    outcome: Literal["chosen", "later", "skipped", "not_in_order"]
    place: int | None
    reason: str
    facts: dict[str, Any] = Field(default_factory=dict)
    stood: list[TurnCandidate] = Field(default_factory=list)
    """Everybody as they stood at that moment, first in the order first; what a reason rests on is left out."""


class WhyNot(Wire):
    """Why this visit was offered to somebody, or not: every decision about it, oldest first, as stored."""

    visit_id: Uuid
    consultant_id: Uuid
    answers: list[WhyNotAnswer]


class TurnVisit(Wire):
    """A visit of today as the rota sees it: nothing of who came. `consultant_name`: who receives or received it."""

    visit_id: Uuid
    opened_at: UtcDateTime
    ticket_number: int | None
    kind: VisitKind
    state: VisitState
    party_size: int
    consultant_name: str


# ---- visits and offers ---------------------------------------------------------------------------------------------
class VisitView(Wire):
    visit_id: Uuid
    kind: VisitKind
    state: VisitState
    party_size: int
    purpose: str
    opened_at: UtcDateTime
    arrived_at: UtcDateTime | None = None
    """The earliest signal of the party: through the door, a face, or the check-in itself. None: untold."""
    waiting_since: UtcDateTime | None = None
    """When the present wait began: later than `opened_at` for a party that stepped out and came back. None: untold."""
    accepted_at: UtcDateTime | None = None
    closed_at: UtcDateTime | None = None
    close_reason: str | None = None
    dwell_seconds: int | None = None
    """From arrival to departure; None while it lasts, and when the office closed on it: that was not measured."""
    non_customer: NonCustomerReason | None = None
    ticket: TicketView | None = None
    customer: CustomerView | None = None
    source: Source = "walk_in"
    owner_id: Uuid | None = None
    owner_name: str | None = None
    consultant_id: Uuid | None = None
    consultant_name: str | None = None
    escalation: Literal["manager", "reception"] | None = None
    """Nobody accepted it: whose turn it is to act while it waits."""
    hints: list[GateHint] = Field(default_factory=list)
    project: ProjectName = ""


class OfferView(Wire):
    """An alert on a tablet: whose turn, for whom, why, and until when. `rule` and `why` say why it is yours."""

    offer_id: Uuid
    consultant_id: Uuid
    state: Literal["pending", "accepted", "declined", "lost", "withdrawn"]
    offered_at: UtcDateTime
    expires_at: UtcDateTime
    uses_turn: bool
    rule: str
    why: list[RuleNote] = Field(default_factory=list)
    visit: VisitView


class DeclineRequest(Wire):
    reason: Literal["busy", "lunch", "company", "private", "other"]


class LateNumber(Wire):
    """The number of a visitor who checked in without one (补登号码)."""

    phone: Phone
    name: PersonName = ""


class AssignRequest(Wire):
    """Giving a visit to a consultant, past the rota."""

    consultant_id: Uuid
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class HandOverRequest(Wire):
    """The visitor turned out to be a colleague's customer."""

    consultant_id: Uuid
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class FinishRequest(Wire):
    outcome: Literal["toured", "left", "deal", "not_customer"] = "toured"
    note: Annotated[str, StringConstraints(max_length=500)] = ""
