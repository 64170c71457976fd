"""The gateway's REST bodies around faces: consent, enrolment, withdrawal, greetings, questions to the reception."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from contracts.checkin_api import GateAnswers
from contracts.events import ShortText
from contracts.gateway_api import CustomerView, Language, PersonName, Relation
from contracts.ids import ProjectName, Slug, Uuid
from contracts.messages import FaceStatus
from contracts.rest import Wire
from contracts.values import Phone, UtcDateTime

ConsentState = Literal["granted", "active", "ended"]
"""`granted`: said yes, no template yet; `active`: enrolled; `ended`: withdrawn, expired, cancelled, not enrolled."""
EndCause = Literal["withdrawn", "retention", "cancelled", "not_enrolled", "replaced", "erased"]
FaceAnswer = Literal["ask", "enrolled", "refused", "unavailable"]
"""Whether the kiosk may ask this visitor.

In a check-in `unavailable` gives no reason: no number, no camera or engine, a no of today, or enrolled already; what a
number's owner decided is not told to whoever types it. `enrolled` only follows «that is me» at a greeting. `refused`
is the answer to the visitor's own no.
"""


class ConsentSection(Wire):
    code: Literal["what", "why", "how_long", "where", "voluntary", "withdraw", "children"]
    title: str
    text: str


class ConsentText(Wire):
    """What the consent screen shows, word for word. `version` and `sha256` go into every record made under it."""

    version: str
    sha256: str
    language: Language
    title: str
    summary: str
    sections: list[ConsentSection]
    yes: str
    no: str
    retention_days: int


class Guardian(Wire):
    """Who consents for a child under 14 (PIPL art. 31): a number and the relation, no name. Stored encrypted."""

    phone: Phone
    relation: Relation


class ConsentRequest(Wire):
    """The visitor's answer, with an `Idempotency-Key`. `visit_id` is that of the check-in just made."""

    visit_id: Uuid
    text_version: str
    language: Language
    answer: Literal["yes", "no"]
    under_14: bool = False
    guardian: Guardian | None = None


class ConsentView(Wire):
    consent_id: Uuid
    state: ConsentState
    text_version: str
    language: Language
    given_at: UtcDateTime
    until: UtcDateTime
    ended_at: UtcDateTime | None = None
    end_cause: EndCause | None = None
    by_guardian: bool = False
    engine: str = ""
    withdrawal_id: Uuid | None = None


class ConsentAnswer(Wire):
    """`consent` is None after a refusal, which is remembered until the end of the day."""

    face: FaceAnswer
    consent: ConsentView | None = None


class EnrolmentView(Wire):
    """`preview_url` is on the kiosk's own loopback and opens once; it appears when the node has answered."""

    consent_id: Uuid
    state: Literal["asked", "running", "done", "failed", "cancelled"]
    preview_url: str | None = None
    shots: int = 0
    of: int = 3
    reason: str = ""


# ---- withdrawal ----------------------------------------------------------------------------------------------------
class CodeRequest(Wire):
    """Ask for a code by message. The answer is the same whether the number has a face here or not."""

    phone: Phone
    language: Language = "zh-CN"


class CodeSent(Wire):
    code_id: Uuid
    expires_at: UtcDateTime


class CodeProof(Wire):
    code: Annotated[str, StringConstraints(pattern=r"^\d{6}$")]


class FaceFile(Wire):
    """What is kept of one person, after the code was right. `grant` allows a withdrawal for five minutes."""

    grant: str
    consents: list[ConsentView]
    templates_kept: bool


class FaceFileQuery(Wire):
    """Whose face data: the full number, as the visitor who stands there says it."""

    phone: Phone


class CustomerFaceFile(Wire):
    """What is kept of one customer, for who deletes on their behalf. `customer` is masked."""

    customer: CustomerView
    consents: list[ConsentView]
    templates_kept: bool


class WithdrawalRequest(Wire):
    """By the visitor with a `grant`, or by a consultant, reception or manager for `customer_id`, with a reason."""

    grant: str | None = None
    customer_id: Uuid | None = None
    reason: Annotated[str, StringConstraints(max_length=200)] = ""


class NodeConfirmation(Wire):
    """`released` is a manager's decision for a node that will never answer; the certificate says so."""

    node: Slug
    state: Literal["pending", "confirmed", "released"]
    vault: bool = False
    templates: int | None = None
    at: UtcDateTime | None = None
    by: str = ""


class Withdrawal(Wire):
    """`complete` only when every node has confirmed, or was released. From `stops_by` on no node matches any more,
    not even one that cannot be reached: its lease has lapsed.
    """

    withdrawal_id: Uuid
    state: Literal["pending", "complete"]
    requested_at: UtcDateTime
    requested_by: Literal["visitor", "consultant", "reception", "manager", "admin", "retention"]
    cause: EndCause
    consent_ids: list[Uuid]
    nodes: list[NodeConfirmation]
    stops_by: UtcDateTime | None = None
    completed_at: UtcDateTime | None = None
    certificate_no: str | None = None


class ReleaseRequest(Wire):
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=200)]


class Certificate(Wire):
    """Proof of deletion: `signature` (base64) is the office's Ed25519 signature of the exact bytes of `statement`."""

    certificate_no: str
    office: Slug
    issued_at: UtcDateTime
    withdrawal: Withdrawal
    text_versions: list[str]
    statement: str
    signature: str
    public_key: str


# ---- greetings and questions ---------------------------------------------------------------------------------------
class Greeting(Wire):
    """Somebody who asked to be recognised may be here. It prompts a person and decides nothing.

    `customer` is masked. `mine`: the reader's own customer. `visit_id` is the visit it opened or joined.
    """

    greeting_id: Uuid
    state: Literal["open", "confirmed", "wrong", "expired"]
    seen_at: UtcDateTime
    node: Slug
    camera: Slug
    score: float
    threshold: float
    customer: CustomerView
    visit_id: Uuid | None = None
    owner_id: Uuid | None = None
    owner_name: str | None = None
    last_visit_at: UtcDateTime | None = None
    mine: bool = False


class KioskGreeting(Wire):
    """What a kiosk may show in public: the family name, and nothing else."""

    greeting_id: Uuid
    family_name: str
    seen_at: UtcDateTime


class GreetingList(Wire):
    items: list[Greeting] = Field(default_factory=list)


class KioskGreetingList(Wire):
    items: list[KioskGreeting] = Field(default_factory=list)


class Candidate(Wire):
    """One person it may be, with what speaks for it: codes and figures, strongest first."""

    customer: CustomerView
    evidence: list[dict[str, str | float | int]]


class Review(Wire):
    """A question that only a person may answer. A weak or conflicting match asks; it never merges.

    Of two files: `one_face_two_files`: somebody enrolled under a number has a file under another; `one_key_two_files`:
    an ID number is on both; `files_alike`: name, or sound and ends of the number. Choosing one proposes to keep it.
    """

    review_id: Uuid
    kind: Literal[
        "face_conflict",
        "face_unknown_person",
        "two_faces_one_visit",
        "one_face_two_files",
        "one_key_two_files",
        "files_alike",
    ]
    state: Literal["open", "decided", "expired"]
    opened_at: UtcDateTime
    visit_id: Uuid | None
    candidates: list[Candidate]
    decided_at: UtcDateTime | None = None
    decided_by: str = ""
    decision: Uuid | None = None
    reason: ShortText = ""


class ReviewDecision(Wire):
    """`customer_id` None: none of them."""

    customer_id: Uuid | None
    reason: ShortText = ""


# ---- the office's view ---------------------------------------------------------------------------------------------
class FaceNodeView(Wire):
    node: Slug
    online: bool
    faces: FaceStatus


class FacesOverview(Wire):
    """`alarms`: `filing_duty_near` from 80,000 stored people on, `no_vault`, `two_vaults`, `engine_failed`…"""

    available: bool
    reason: str = ""
    active: int
    granted: int
    refused_today: int
    ended_last_30_days: int
    withdrawals_pending: int
    count_alarm_at: int
    text_version: str
    retention_days: int
    nodes: list[FaceNodeView]
    alarms: list[str] = Field(default_factory=list)


class FaceActView(Wire):
    """One line of the processing log (个人信息处理记录): roles, ids and figures, no name, number or picture."""

    at: UtcDateTime
    act: str
    consent_id: Uuid | None = None
    by: str
    facts: str = ""


class FaceLog(Wire):
    """Oldest first; `next_after` continues where this page ends, None at the end."""

    items: list[FaceActView] = Field(default_factory=list)
    next_after: int | None = None


class WithdrawalList(Wire):
    items: list[Withdrawal] = Field(default_factory=list)


class SimulatedMessage(Wire):
    """A text message that the simulated sender did not send. Only in the demo and in tests."""

    message_id: Uuid
    at: UtcDateTime
    to: str
    text: str


class FaceCheckIn(Wire):
    """Check in as the person the kiosk just greeted: they touched «that is me»."""

    greeting_id: Uuid
    language: Language = "zh-CN"
    party_size: Annotated[int, Field(ge=1, le=50)] = 1
    name: PersonName = ""
    gate: GateAnswers = GateAnswers()
    project: ProjectName = ""
