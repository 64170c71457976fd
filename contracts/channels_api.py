"""Central's API about channels: agencies, agents, registrations, referrals, projects and policies of offices."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from contracts.appeal_result import AppealResult
from contracts.gateway_api import Source
from contracts.ids import ProjectName, Slug, Uuid
from contracts.policy import PolicyConfig
from contracts.rest import StaffNo, Wire
from contracts.values import UtcDateTime

Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
NumberText = Annotated[str, StringConstraints(min_length=1, max_length=32)]
"""A mobile number as people type it, whole or with its middle hidden: `138****5678`."""
ClaimAppealState = Literal["filed", "refused", "open", "upheld", "rejected", "evidence_accepted"]
RegistrationState = Literal["live", "repeat", "withdrawn", "lapsed"]


class ChannelPut(Wire):
    """An agency (渠道) and the offices it works for."""

    name: Title
    offices: list[Slug]
    active: bool = True


class ChannelView(ChannelPut):
    channel_id: Uuid


class AgentPut(Wire):
    """`pin_hash` is made by `contracts.pins`."""

    staff_no: StaffNo
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
    pin_hash: str
    active: bool = True


class AgentView(Wire):
    agent_id: Uuid
    channel_id: Uuid
    staff_no: StaffNo
    name: str
    active: bool


class ProjectPut(Wire):
    name: Title
    active: bool = True


class ProjectView(ProjectPut):
    office: Slug
    project: Slug


class PolicyView(Wire):
    """The rules an office has to work by, as head office set them. `version` counts head office's changes."""

    office: Slug
    version: int
    since: UtcDateTime
    policy: PolicyConfig


class RegistrationPost(Wire):
    """Sent with an `Idempotency-Key` header. Head office names the agent; an agent registers for themselves."""

    office: Slug
    project: ProjectName = ""
    number: NumberText
    agent_id: Uuid | None = None


class AppealPost(Wire):
    """An agent's appeal (申诉) against the newest verdict that weighed a registration of theirs.

    Sent with an `Idempotency-Key` header.
    """

    registration_id: Uuid
    verdict_id: Uuid
    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class ClaimAppeal(Wire):
    """An appeal in the channel's name as its agents read it.

    `filed`: the office has not heard of it yet; `refused`: it could not file it, for the reason `refusal` (a code).
    `text` and `reason` are told to the agent who filed it, to nobody else.
    """

    appeal_id: Uuid
    state: ClaimAppealState
    filed_at: UtcDateTime
    decided_at: UtcDateTime | None = None
    text: str = ""
    reason: str = ""
    refusal: str = ""
    result: AppealResult | None = None


class ClaimVerdict(Wire):
    """What a gateway's verdict said of this claim. Of the others it says that they exist, and when, nothing more."""

    verdict_id: Uuid
    made_at: UtcDateTime
    outcome: Literal["won", "lost", "conflict"]
    rule: str
    reason: str
    source: Source
    policy_version: int
    others: list[UtcDateTime] = Field(default_factory=list)
    """When the other claims weighed with it were made."""
    appeal_until: UtcDateTime | None = None
    may_appeal: bool = False
    """Whether the caller may appeal now: theirs, the newest on its visit, in time, and not appealed against yet."""
    appeal: ClaimAppeal | None = None


class RegistrationView(Wire):
    """`repeat` repeats a live one of the same channel and extends nothing: it is on record and void.

    `repeats_until` is the end of that one's protection; `protected_until` that of this one.
    """

    registration_id: Uuid
    office: Slug
    project: ProjectName
    channel_id: Uuid
    agent_id: Uuid
    number: str
    masked: bool
    accepted_at: UtcDateTime
    protected_until: UtcDateTime
    withdrawn_at: UtcDateTime | None = None
    state: RegistrationState
    repeats_until: UtcDateTime | None = None
    verdicts: list[ClaimVerdict] = Field(default_factory=list)


class ReferralPost(Wire):
    """老带新, entered at head office: `referrer_id` is a customer of the office who has signed a contract."""

    office: Slug
    project: ProjectName = ""
    referrer_id: Uuid
    number: NumberText
    owner_present: bool = False


class ReferralView(Wire):
    referral_id: Uuid
    office: Slug
    project: ProjectName
    referrer_id: Uuid
    number: str
    recorded_at: UtcDateTime
    signed_at: UtcDateTime
    owner_present: bool


class AgentOffice(Wire):
    """An office that the channel works for. `name_en` may be empty. `time_zone` is an IANA name: its times are told in
    that zone."""

    office: Slug
    name: str
    name_en: str = ""
    time_zone: str


class AgentSelf(Wire):
    """All an agent's page needs beside the registrations."""

    agent_id: Uuid
    name: str
    channel: str
    offices: list[AgentOffice]
    projects: list[ProjectView]


class AgentCodeView(Wire):
    """The agent's dynamic QR for one place: shown from `valid_from` up to `valid_until`, then a new one."""

    code: str
    office: Slug
    project: ProjectName
    valid_from: UtcDateTime
    valid_until: UtcDateTime
    server_time: UtcDateTime
