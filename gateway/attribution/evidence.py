"""What a verdict reads: signals of the buying party, claims of channels and owners, and who has left.

Everything is a fact with its time; nothing here decides. Times are gateway time, corrected (design.md, Clocks).
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from contracts.gateway_api import Source, VisitKind
from contracts.scans_api import ScanRefusal
from contracts.values import UtcDateTime

Relation = Literal["self", "spouse", "parent", "child", "sibling", "co_buyer"]


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Member(Frozen):
    """Somebody of the buying party, as related to the visitor."""

    customer_id: str
    relation: Relation = "self"


class Came(Frozen):
    """An arrival, received or not. `brought_by`: the channel that its verdict attributed it to."""

    kind: Literal["came"] = "came"
    at: UtcDateTime
    visit_id: str
    customer_id: str
    brought_by: str | None = None
    project: str = ""


class Received(Frozen):
    """A consultant received a visit; of a visitor whom nobody knew there is no `customer_id`."""

    kind: Literal["received"] = "received"
    at: UtcDateTime
    visit_id: str
    customer_id: str | None = None
    consultant_id: str
    first: bool = False
    """Recorded in good faith as a first visit: nobody knew then that they belong to somebody's customer."""
    unidentified: bool = False
    """Over before anybody found out whose customer it was."""
    hidden: bool = False
    """The consultant kept the visit from the owner."""
    project: str = ""


class Called(Frozen):
    """A call (来电) that left a number: a claim of the consultant who took it."""

    kind: Literal["called"] = "called"
    at: UtcDateTime
    customer_id: str
    consultant_id: str
    project: str = ""


class Contact(Frozen):
    """A follow-up. Only one that reached the customer keeps ownership alive."""

    kind: Literal["contact"] = "contact"
    at: UtcDateTime
    customer_id: str
    consultant_id: str
    reached: bool


class Assigned(Frozen):
    """A manager gave a customer whose owner had left to a consultant."""

    kind: Literal["assigned"] = "assigned"
    at: UtcDateTime
    customer_id: str
    consultant_id: str


class Departed(Frozen):
    """A consultant left: what they own then goes to the manager's pool."""

    kind: Literal["departed"] = "departed"
    at: UtcDateTime
    consultant_id: str


class OwnerClaim(Frozen):
    """The earlier consultant claims a returning customer whom nobody had identified (48 hours)."""

    kind: Literal["owner_claim"] = "owner_claim"
    at: UtcDateTime
    visit_id: str
    consultant_id: str


class Ruled(Frozen):
    """A manager's ruling on a visit after an appeal (申诉). What it leaves out stays as the rules judge it.

    `at` is when the visit was received, which an owner ruled on owns from; `ruled_at` when the manager decided: of
    several the newest counts.
    """

    kind: Literal["ruled"] = "ruled"
    at: UtcDateTime
    ruled_at: UtcDateTime
    ruling_id: str
    visit_id: str
    customer_id: str | None = None
    source: Source | None = None
    channel_id: str | None = None
    agent_id: str | None = None
    referrer_id: str | None = None
    claim_id: str | None = None
    owner_id: str | None = None
    project: str = ""


class Marked(Frozen):
    """Those of a visit were no customers (courier, colleague, scout), said at `at`. A later ruling says otherwise."""

    at: UtcDateTime
    visit_id: str
    reason: str


Signal = Annotated[
    Came | Received | Called | Contact | Assigned | Departed | OwnerClaim | Ruled, Field(discriminator="kind")
]


class Registration(Frozen):
    """A channel's claim (报备). It counts from the moment the company's server accepted it."""

    registration_id: str
    channel_id: str
    agent_id: str
    customer_id: str
    """Whom it matches: by the full number, or by first 3 and last 4 once the full number is known (`masked`)."""
    masked: bool = False
    accepted_at: UtcDateTime
    withdrawn_at: UtcDateTime | None = None
    project: str = ""


class Referral(Frozen):
    """An owner of a flat sends somebody new (老带新). `signed_at`: when the referrer signed their own contract."""

    referral_id: str
    referrer_id: str
    customer_id: str
    recorded_at: UtcDateTime
    signed_at: UtcDateTime | None = None
    owner_present: bool = False
    project: str = ""


class Scan(Frozen):
    """An agent's dynamic QR read at this office's kiosk for this visit. `refused` says why it proves nothing."""

    at: UtcDateTime
    channel_id: str
    agent_id: str
    refused: ScanRefusal = ""
    project: str = ""


class Stated(Frozen):
    """The visitor's own answers to the gate questions (问岗三问); None was not answered."""

    at: UtcDateTime
    asked_by: Literal["kiosk", "reception"]
    first_visit: bool | None = None
    family_visited: bool | None = None
    contacted: bool | None = None


class Standing(Frozen):
    """What an earlier visit of the party was attributed to by its newest verdict; `conflict`: to these, undecided."""

    visit_id: str
    customer_id: str
    at: UtcDateTime
    source: Source
    channel_id: str | None = None
    agent_id: str | None = None
    referrer_id: str | None = None
    claim_id: str | None = None
    conflict: tuple[str, ...] = ()
    project: str = ""


class FaceMatch(Frozen):
    """The customer, who had consented to it, was recognised on this visit: a fact beside the rules, none of them."""

    at: UtcDateTime
    node: str
    camera: str
    score: float
    threshold: float


class Evidence(Frozen):
    """All that a verdict reads. `arrived_at` is the earliest signal of the party: door, face, scan or kiosk.

    `party` are the visitor and their family; empty for a visitor whom nobody knows.
    """

    visit_id: str
    project: str = ""
    visit_kind: VisitKind
    party: tuple[Member, ...] = ()
    arrived_at: UtcDateTime
    signals: tuple[Signal, ...] = ()
    registrations: tuple[Registration, ...] = ()
    referrals: tuple[Referral, ...] = ()
    scans: tuple[Scan, ...] = ()
    standing: tuple[Standing, ...] = ()
    gate: tuple[Stated, ...] = ()
    marked: tuple[Marked, ...] = ()
    face: FaceMatch | None = None

    @property
    def customer_id(self) -> str | None:
        return next((member.customer_id for member in self.party if member.relation == "self"), None)
