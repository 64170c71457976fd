"""Events: CloudEvents 1.0 in JSON, batch mode. `type` names the model of `data`.

Extension attributes (lower case, as CloudEvents asks): `stream` the outbox the event was accepted in, `sequence` its
place there (from 1, no gaps), `bootid` and `monotonicms` the device clock that cannot be set, `clocksync` whether the
wall clock was synchronised when `time` was read. No personal data beyond opaque references; what the company's server
must know of a person travels sealed (`contracts.sealing`).
"""

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from contracts.ids import Slug, Uuid, uuid7
from contracts.marks_api import NonCustomerReason
from contracts.quantities import Quantity
from contracts.values import UtcDateTime, readable

Count = Annotated[int, Field(ge=0, le=2**32)]
Sum = Annotated[int, Field(ge=0, le=2**53)]
"""Of many counts: more than one report may say, and still exact wherever numbers are doubles."""
ShortText = Annotated[str, StringConstraints(max_length=200)]


class Data(BaseModel):
    """Base of every event's `data`: unknown members are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    TYPE: ClassVar[str]

    def kept(self) -> "Data":
        """What a gateway keeps of it in its book of events."""
        return self


DataModel = type[Data]
"""`Event` has a member called `type`, which hides the builtin inside its body."""


CrossingFlag = Literal["reset", "wrap", "gap", "jump", "late"]
CROSSING_FLAGS: tuple[CrossingFlag, ...] = ("reset", "wrap", "gap", "jump", "late")
"""In the order they are written."""


class DoorCrossing(Data):
    """People through one line of a door since the previous report. One report may hold both directions.

    `total_in`/`total_out` are the device's own running totals, for audit only. `flags`: `reset` the device restarted
    from 0, `wrap` its register overflowed, `gap` what the device counted directly before this is not known (it may
    still come), `jump` something that cannot be believed, or cannot be told from what was counted already, was kept out
    of the counts, `late` people passed some time before it was read.
    """

    TYPE: ClassVar[str] = "door.crossing.v1"
    line: Annotated[int, Field(ge=1, le=16)] = 1
    count_in: Count
    count_out: Count
    total_in: Count | None = None
    total_out: Count | None = None
    flags: list[CrossingFlag] = Field(default_factory=list)


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

    `badge` is the reader's keyed digest of it: the same one again, and nobody's name; a button that staff press instead
    has a new one each time. `leaving`: on the way out.
    """

    TYPE: ClassVar[str] = "badge.read.v1"
    badge: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16,64}$")]
    kind: Literal["staff", "non_customer"]
    reason: NonCustomerReason = "other"
    leaving: bool = False


class SensorReading(Data):
    """What a site sensor measures, in the unit of `contracts.quantities`. Anonymous.

    `level` is the node's judgement against the limits it was given, `low` and `high` (None: no such limit). One event
    at an interval, and at once when the level changes.
    """

    TYPE: ClassVar[str] = "sensor.reading.v1"
    quantity: Quantity
    value: Annotated[float, Field(allow_inf_nan=False)]
    level: Literal["ok", "low", "high"] = "ok"
    low: Annotated[float, Field(allow_inf_nan=False)] | None = None
    high: Annotated[float, Field(allow_inf_nan=False)] | None = None


class CodeRead(Data):
    """A reader beside a screen read a code or an identity card: it may be a person's, and is sealed to the gateway.

    `screen` is the name the gateway has for a kiosk, or `reception`. `sealed` opens to a text (`contracts.readings`);
    it is empty where the gateway keeps the event.
    """

    TYPE: ClassVar[str] = "code.read.v1"
    reading: Uuid
    screen: Slug
    kind: Literal["code", "id_card"]
    sealed: Annotated[str, StringConstraints(max_length=2000)]

    def kept(self) -> "CodeRead":
        return self.model_copy(update={"sealed": ""})


class DeviceState(Data):
    """The state of a device changed."""

    TYPE: ClassVar[str] = "device.state.v1"
    state: Literal["ok", "degraded", "offline"]
    reason: Annotated[ShortText, AfterValidator(readable)] = ""


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


NODE_EVENTS: dict[str, DataModel] = {
    m.TYPE: m
    for m in (
        DoorCrossing,
        ZoneOccupancy,
        ButtonPressed,
        BadgeRead,
        CodeRead,
        SensorReading,
        DeviceState,
        FaceRecognised,
        FaceEnrolment,
        FaceForgotten,
        Tombstone,
    )
}
"""What a node may publish to its gateway."""


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
