"""Events: CloudEvents 1.0 in JSON, batch mode. `type` names the model of `data`.

Extension attributes (lower case, as CloudEvents asks): `stream` the outbox the event was accepted in, `sequence` its
place there (from 1, no gaps), `bootid` and `monotonicms` the device clock that cannot be set, `clocksync` whether the
wall clock was synchronised when `time` was read. No personal data beyond opaque references; what the company's server
must know of a person travels sealed (`contracts.sealing`).
"""

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from contracts.appeal_result import AppealResult
from contracts.ids import ProjectName, Slug, Uuid, uuid7
from contracts.marks_api import NonCustomerReason
from contracts.values import UtcDateTime

Count = Annotated[int, Field(ge=0, le=2**32)]
Sum = Annotated[int, Field(ge=0, le=2**53)]
"""Of many counts: more than one report may say, and still exact wherever numbers are doubles."""
ShortText = Annotated[str, StringConstraints(max_length=200)]


class Data(BaseModel):
    """Base of every event's `data`: unknown members are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    TYPE: ClassVar[str]


DataModel = type[Data]
"""`Event` has a member called `type`, which hides the builtin inside its body."""


class DoorCrossing(Data):
    """People through one line of a door since the previous report. One report may hold both directions.

    `total_in`/`total_out` are the device's own running totals, for audit only. `flags`: `reset` the device restarted
    from 0, `wrap` its register overflowed, `jump` an implausible step was kept out of the counts, `late` read after an
    outage.
    """

    TYPE: ClassVar[str] = "door.crossing.v1"
    line: Annotated[int, Field(ge=1, le=16)] = 1
    count_in: Count
    count_out: Count
    total_in: Count | None = None
    total_out: Count | None = None
    flags: list[Literal["reset", "wrap", "jump", "late"]] = Field(default_factory=list)


class ZoneOccupancy(Data):
    """People now inside the regions of an area counter (anonymous)."""

    TYPE: ClassVar[str] = "zone.occupancy.v1"
    total: Count
    regions: dict[str, Count] = Field(default_factory=dict)


class ButtonPressed(Data):
    """A ticket button was pressed: someone wants a number without using a kiosk."""

    TYPE: ClassVar[str] = "queue.button.v1"
    button: ShortText


class BadgeRead(Data):
    """A badge of somebody who is no customer was read at a door: staff, or a visitor's badge with its `reason`.

    `badge` is the reader's keyed digest of it: the same one again, and nobody's name. `leaving`: on the way out.
    """

    TYPE: ClassVar[str] = "badge.read.v1"
    badge: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16,64}$")]
    kind: Literal["staff", "non_customer"]
    reason: NonCustomerReason = "other"
    leaving: bool = False


class DeviceState(Data):
    """The state of a device changed."""

    TYPE: ClassVar[str] = "device.state.v1"
    state: Literal["ok", "degraded", "offline"]
    reason: ShortText = ""


Share = Annotated[float, Field(ge=-1, le=1)]
"""A similarity: the cosine of two face vectors."""


class FaceRecognised(Data):
    """A consenting person stood before a camera. `person_ref` is opaque: only the gateway knows who it is.

    `score` is the best similarity of the frames that voted, `second` that of the next person of the gallery,
    `threshold` what the gallery's size asked for. `votes` of `frames` looked at agreed. `node` and `camera` saw the
    person; the event itself comes from the vault's node.
    """

    TYPE: ClassVar[str] = "face.recognised.v1"
    person_ref: Uuid
    consent_id: Uuid
    node: Slug
    camera: Slug
    track: Annotated[int, Field(ge=0)]
    seen_at: UtcDateTime
    score: Share
    second: Share
    threshold: Share
    votes: Annotated[int, Field(ge=1, le=100)]
    frames: Annotated[int, Field(ge=1, le=1000)]
    gallery: Count
    engine: ShortText
    model: ShortText


class FaceEnrolment(Data):
    """How an enrolment ended. `done` means that the vault holds the templates, committed.

    `already_known`: the vault recognises this face as `other_ref`, whose consent stands; nothing of the new looks is
    kept. `reason` of `failed` and `cancelled` is a code: `no_face`, `several_faces`, `timeout`, `cancelled`, `camera`,
    `vault`, `consent`.
    """

    TYPE: ClassVar[str] = "face.enrolment.v1"
    consent_id: Uuid
    person_ref: Uuid
    outcome: Literal["done", "failed", "cancelled", "already_known"]
    shots: Annotated[int, Field(ge=0, le=20)]
    seconds: Annotated[float, Field(ge=0, le=3600)]
    engine: ShortText = ""
    model: ShortText = ""
    reason: ShortText = ""
    other_ref: Uuid | None = None

    @model_validator(mode="after")
    def _other_than_this_one(self) -> Self:
        if (self.outcome == "already_known") != (self.other_ref is not None) or self.other_ref == self.person_ref:
            raise ValueError("`already_known` names another person_ref, and nothing else does")
        return self


class FaceForgotten(Data):
    """This node holds nothing of that consent any more: `templates` were deleted, their bytes overwritten.

    Every node with faces says it for every consent that ended, the vault's node and those that never held anything.
    """

    TYPE: ClassVar[str] = "face.forgotten.v1"
    consent_id: Uuid
    person_ref: Uuid
    templates: Count
    cause: Literal["ended", "unknown", "replaced", "moved"]
    vault: bool


class Tombstone(Data):
    """`from_sequence`..`through` will never come: folded, pruned or rejected at the node.

    Its own `sequence` is `through`.
    """

    TYPE: ClassVar[str] = "outbox.tombstone.v1"
    from_sequence: Annotated[int, Field(ge=1)]
    through: Annotated[int, Field(ge=1)]
    reason: ShortText


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


NODE_EVENTS: dict[str, DataModel] = {
    m.TYPE: m
    for m in (
        DoorCrossing,
        ZoneOccupancy,
        ButtonPressed,
        BadgeRead,
        DeviceState,
        FaceRecognised,
        FaceEnrolment,
        FaceForgotten,
        Tombstone,
    )
}
"""What a node may publish to its gateway."""

_OF_VISITS: tuple[DataModel, ...] = (FootfallMinute, VisitRecorded, VerdictRecorded, AppealRecorded, AppealRefused)
_OF_CUSTOMERS: tuple[DataModel, ...] = (CustomerRecorded, CustomerMerged, TurnRecorded, SaleRecorded, FollowUpRecorded)
_BESIDE: tuple[DataModel, ...] = (CustomerErased, CallRecorded, DeviceState, Tombstone)
OFFICE_EVENTS: dict[str, DataModel] = {m.TYPE: m for m in (*_OF_VISITS, *_OF_CUSTOMERS, *_BESIDE)}
"""What a gateway may send to central."""


class Event(BaseModel):
    """A CloudEvents 1.0 envelope (JSON format). Unknown extension attributes are ignored, as the specification asks."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    specversion: Literal["1.0"] = "1.0"
    id: Uuid
    source: Annotated[str, StringConstraints(pattern=r"^/offices/[a-z0-9-]+/", max_length=200)]
    type: Annotated[str, StringConstraints(pattern=r"^[a-z]+\.[a-z_]+\.v\d+$", max_length=60)]
    time: UtcDateTime
    datacontenttype: Literal["application/json"] = "application/json"
    stream: Uuid
    sequence: Annotated[int, Field(ge=1, le=2**53)]
    bootid: Annotated[str, StringConstraints(max_length=64)] = ""
    monotonicms: Annotated[int, Field(ge=0)] = 0
    clocksync: bool = True
    data: dict[str, Any]

    @classmethod
    def of(cls, data: Data, *, source: str, time: UtcDateTime, stream: str, sequence: int, **extra: Any) -> "Event":
        """Wrap `data`; the id is new unless given as `id=`."""
        return cls(
            id=extra.pop("id", None) or uuid7(),
            source=source,
            type=data.TYPE,
            time=time,
            stream=stream,
            sequence=sequence,
            data=data.model_dump(mode="json"),
            **extra,
        )

    def parse(self, known: dict[str, DataModel]) -> Data:
        """The typed `data`. Raises KeyError for an unknown type, pydantic.ValidationError for a wrong shape."""
        return known[self.type].model_validate(self.data)
