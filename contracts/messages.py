"""What else travels beside events: acknowledgements, status, commands and replies."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from contracts.ids import Slug, Uuid
from contracts.reasons import Code, Facts, Reason
from contracts.values import Readable, UtcDateTime, readable

_PRINTABLE = r"^[^\x00-\x1f\x7f]*$"
Backlog = Annotated[int, Field(ge=0, le=2**53)]


class Message(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Ack(Message):
    """`committed`: every sequence up to it is in the receiver's database, or dead-lettered there with a reason.
    `safe`: and it survives the loss of that machine; the sender may forget it. `epoch` changes when the receiver was
    rebuilt: `committed` may then be lower than before. `refused` names why the stream is no longer taken (`forked`):
    make a new one.
    """

    stream: Uuid
    committed: Annotated[int, Field(ge=0)]
    safe: Annotated[int, Field(ge=0)]
    epoch: Uuid
    refused: Literal["forked"] | None = None


class DeviceStatus(Message):
    """`reason`: a code of `contracts.reasons` with its `facts`, empty while all is well. `discarded`: pieces of what
    the device said that could not be read or believed, since the agent began.
    """

    device: Slug
    driver: Readable
    state: Literal["ok", "degraded", "offline"]
    reason: Code = ""
    facts: Facts = Field(default_factory=dict)
    last_seen: UtcDateTime | None = None
    discarded: Backlog = 0


class FaceStatus(Message):
    """What a node with cameras can do with faces now.

    `matching` is what counts: engine checked, lease running, and no `reason` against it. `vault` says that the
    templates lie here: then `people` and `templates` count them, `vault_key` is the X25519 public key (base64) that
    other nodes seal their probes to. `through` is the consent version this node has carried out. `preview` is where
    the enrolment preview of this node is served, on its own loopback. `looks` counts those at faces, its own and other
    nodes', that the vault compared with its templates since the agent began.
    """

    engine: str
    model: str
    matching: bool
    reason: str = ""
    vault: bool
    vault_key: str = ""
    people: Backlog = 0
    templates: Backlog = 0
    looks: Backlog = 0
    through: Backlog = 0
    lease_until: UtcDateTime | None = None
    cameras: list[Slug] = Field(default_factory=list)


MOST_REASONS = 20


class PlacedReason(Reason):
    """`at`: the device and its setting that it is about (`hall.topic`); empty for the whole."""

    at: Annotated[str, Field(max_length=200), AfterValidator(readable)] = ""

    def __str__(self) -> str:
        return f"{self.at}: {super().__str__()}" if self.at else super().__str__()


ConfigState = Literal["file", "trying", "applied", "rolled_back", "refused"]


class ConfigStatus(Message):
    """What became of snapshot `version`; 0 and `file` while none ever came.

    `trying`: its devices run, and those that worked before have not all come back yet. `rolled_back`: one did not, or
    the agent ended twice meanwhile; the devices are those of `active` again (0: of the node's file). `refused`: nothing
    was changed. `reasons` say why, each with its place. `accepts`: the node takes snapshots at all; then `running` are
    the devices that run, as its file or the snapshot has them, without cameras (None: too long to be told).
    """

    version: Backlog = 0
    state: ConfigState = "file"
    reasons: Annotated[list[PlacedReason], Field(max_length=MOST_REASONS)] = Field(default_factory=list)
    active: Backlog = 0
    accepts: bool = False
    running: list[dict[str, Any]] | None = None


class NodeHealth(Message):
    """The machine itself; None where it does not say. `throttled`: what a Raspberry Pi's firmware limits now, or did
    since power came (`under_voltage`, `capped`, `throttled`, `soft_limit`, each also with `_before`).

    `wear`: the share of its life that the card's own register calls used, at most (0.1 steps; 1.1: beyond). `starts`:
    how often the agent was started since power came. `load`: processes waiting for each core, mean of five minutes.
    """

    temperature: float | None = None
    """Celsius."""
    throttled: list[str] = Field(default_factory=list)
    disk_free_mb: Backlog | None = None
    disk_free: Annotated[float, Field(ge=0, le=1)] | None = None
    wear: Annotated[float, Field(ge=0, le=2)] | None = None
    memory_free_mb: Backlog | None = None
    agent_mb: Backlog | None = None
    load: Annotated[float, Field(ge=0)] | None = None
    up_seconds: Backlog | None = None
    agent_seconds: Backlog = 0
    starts: Backlog | None = None


class NodeStatus(Message):
    """Retained at the broker; the last will is the same model with `online` false.

    `lag` counts events not yet committed, `unsafe` events still kept, `refused` events that found neither a disk nor
    room in memory since the agent began. `alarms` are stable codes: `outbox_full` (older counts are being folded into
    minute sums), `events_dropped` (events were lost for want of room), `disk_full`, `disk_read_only`, `disk_error`
    (nothing can be written: counters are read again later, other events wait in memory), `events_refused` (they no
    longer could), `device_hangs` (a driver stands still, or did, was begun anew and is not heard yet), `clock_unset`
    (no time server has set the clock: times are doubtful, and flagged), `broker_certificate_ends` (within 14 days),
    `hot`, `throttled`, `low_voltage`, `disk_low`, `disk_worn`, `memory_low`, `restarts` (the agent was started often
    since power came).
    """

    office: Slug
    node: Slug
    online: bool
    at: UtcDateTime
    version: Readable = ""
    stream: Uuid | None = None
    lag: Backlog = 0
    unsafe: Backlog = 0
    refused: Backlog = 0
    clock_synced: bool = True
    devices: list[DeviceStatus] = Field(default_factory=list)
    alarms: list[Readable] = Field(default_factory=list)
    faces: FaceStatus | None = None
    config: ConfigStatus | None = None
    health: NodeHealth | None = None


class Command(Message):
    """An order to a node, executed at most once per id.

    After `expires_at` the node answers `expired` and does nothing.
    """

    id: Uuid
    type: Literal["panel.show.v1", "ticket.print.v1", "face.enrol.v1", "face.cancel.v1"]
    device: Slug
    expires_at: UtcDateTime
    data: dict[str, Any]


class PanelShow(Message):
    """Data of `panel.show.v1`: the number a calling panel (叫号屏) shows."""

    number: Annotated[int, Field(ge=0, le=9999)]
    panel: Annotated[int, Field(ge=0, le=255)] = 1


PrintFailure = Literal["offline", "paper_out", "cover_open", "error", "unsure"]


class TicketPrint(Message):
    """Data of `ticket.print.v1`: a numbered ticket (排队小票). Nothing on it says whose it is.

    `ahead` counts parties, `wait_minutes` is an estimate, `local_time` is the office's own. The reply's `data` is a
    `TicketPrinted`. The `error` of a failure is a `PrintFailure`: nothing came out for `offline`, `paper_out`,
    `cover_open` and `error`; for `unsure` (and for `interrupted`) a ticket may have come out. It is not tried again.
    """

    number: Annotated[int, Field(ge=1, le=99_999)]
    office: Annotated[str, Field(max_length=40, pattern=_PRINTABLE)]
    office_en: Annotated[str, Field(max_length=60, pattern=_PRINTABLE)] = ""
    ahead: Annotated[int, Field(ge=0, le=9999)]
    wait_minutes: Annotated[int, Field(ge=0, le=999)] | None = None
    local_time: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d \d\d:\d\d$")]
    qr: Annotated[str, Field(pattern=r"^[\x20-\x7e]{0,200}$")] = ""


class TicketPrinted(Message):
    """`confirmed`: the printer said that it had come to the end; without, the line took it and nobody can tell."""

    confirmed: bool


class FaceEnrol(Message):
    """Data of `face.enrol.v1`: take `shots` good pictures of who stands there and keep their templates.

    The command's `device` is the camera. The reply's `data` is a `FacePreview`. Refused unless the consent stands in
    the node's own copy of the consents, which it renews first. The `error` of a refusal is a code: `camera`, `engine`,
    `vault`, `consent`, `preview` (its port is taken) or `busy` (the camera enrols somebody else). Asking again for the
    same consent begins anew, without an event for what it replaces.
    """

    consent_id: Uuid
    person_ref: Uuid
    shots: Annotated[int, Field(ge=1, le=10)] = 3
    seconds: Annotated[int, Field(ge=5, le=300)] = 60


class FaceCancel(Message):
    """Data of `face.cancel.v1`."""

    consent_id: Uuid


class FacePreview(Message):
    """Where the kiosk's own browser sees what the camera sees: `http://127.0.0.1:{port}/preview/{token}` (MJPEG).

    The token opens one stream, once. `.../state` beside it is JSON: `FacePreviewState`.
    """

    port: Annotated[int, Field(ge=1, le=65535)]
    token: Annotated[str, Field(min_length=32, max_length=100)]


class FacePreviewState(Message):
    """`hint` is a code that the kiosk says in the visitor's language; empty when all is well."""

    state: Literal["looking", "storing", "done", "failed", "cancelled"]
    shots: int
    of: int
    hint: Literal["", "no_face", "several_faces", "closer", "farther", "straight", "still", "light", "hold"] = ""


class Reply(Message):
    """`data` is what the command asked for, for example a `FacePreview`."""

    command_id: Uuid
    ok: bool
    error: Readable = ""
    at: UtcDateTime
    data: dict[str, Any] = Field(default_factory=dict)


class ConsentAsk(Message):
    """A node with faces asks where its copy of the consents stands, at least once a minute (topic leaf `ask`).

    `have` is the newest version it carried out under `epoch` (0 and empty for a node that knows nothing), `digest`
    that of the consents it holds. The page that answers repeats `nonce`; only an answer to the newest ask renews the
    lease, so that nothing the broker kept can.
    """

    nonce: Uuid
    epoch: str = ""
    have: Backlog = 0
    digest: str = ""


class ConsentEntry(Message):
    """One consent as of `version`. `until` is when it ends by itself; `granted` false is a deletion to carry out."""

    consent_id: Uuid
    person_ref: Uuid
    granted: bool
    until: UtcDateTime
    version: Backlog


class ConsentPage(Message):
    """Answer to `ConsentAsk` (topic leaf `consents`): what changed after `after`, in order of version.

    `whole` says that the pages begin at 0: what they do not name is to be forgotten. With `more` the node asks again
    from `through`. At the end its own digest must equal `digest` (`contracts.faces.digest` over what is granted as of
    `through`): then the lease of `lease_seconds` runs from the moment the node *asked*; otherwise it asks from 0.

    A page that answers no ask (its `nonce` is unknown) renews nothing and changes nothing: the gateway sends one after
    a change, at most once a second. When its `through` is newer than the node's copy, the node asks at once.
    """

    nonce: Uuid
    epoch: Uuid
    after: Backlog
    through: Backlog
    whole: bool
    more: bool
    digest: str
    count: Backlog
    lease_seconds: Annotated[int, Field(ge=1, le=86_400)]
    vault_node: Slug | None = None
    vault_key: str = ""
    entries: list[ConsentEntry] = Field(default_factory=list)


class SealedProbe(Message):
    """One look at one face, sealed to the vault's key (topic leaf `probe`, below the camera's own node).

    `sealed` opens to a `ProbeContent`; nothing of it can be read on the way. Older than `expires_at` it is dropped.
    """

    id: Uuid
    expires_at: UtcDateTime
    sealed: str
    """base64 of: X25519 public key of this probe alone (32 bytes), nonce (12), AES-256-GCM ciphertext."""


class ProbeContent(Message):
    """`vector`: base64 of little-endian float32, unit length. `enrol` carries the consent it belongs to."""

    kind: Literal["match", "end", "enrol"]
    node: Slug
    camera: Slug
    track: Annotated[int, Field(ge=0)]
    at: UtcDateTime
    engine: str
    model: str
    vector: str = ""
    quality: Annotated[float, Field(ge=0, le=1)] = 0.0
    consent_id: Uuid | None = None
    person_ref: Uuid | None = None
    shot: Annotated[int, Field(ge=0, le=20)] = 0
    of: Annotated[int, Field(ge=0, le=20)] = 0
    seconds: Annotated[float, Field(ge=0, le=3600)] = 0.0
