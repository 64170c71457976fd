"""Verdicts, never edited: new evidence makes a new row. And the claims that a verdict reads."""

from datetime import datetime

from sqlalchemy import Index, LargeBinary
from sqlmodel import Field

from gateway.tables import Table, Utc


class VerdictRow(Table, table=True):
    """`evidence` and `rules` are JSON of `Evidence` and of the rule notes; `answer` of all else that `Verdict` says.

    An empty `evidence` was erased.
    """

    __tablename__ = "verdicts"
    __table_args__ = (Index("ix_verdicts_made_at", "made_at"),)
    verdict_id: str = Field(primary_key=True)
    visit_id: str = Field(index=True)
    customer_id: str | None = None
    made_at: datetime = Field(sa_type=Utc)
    source: str
    owner_id: str | None = None
    rule: str
    channel_id: str | None = Field(default=None, index=True)
    answer: str
    evidence: str
    rules: str
    policy_version: int


class RegistrationRow(Table, table=True):
    """A registration (报备) that the company's server accepted. Masked: only first 3 and last 4 of the number."""

    __tablename__ = "registrations"
    registration_id: str = Field(primary_key=True)
    channel_id: str
    agent_id: str
    phone_index: str | None = Field(default=None, index=True)
    phone37_index: str | None = Field(default=None, index=True)
    accepted_at: datetime = Field(sa_type=Utc)
    withdrawn_at: datetime | None = Field(default=None, sa_type=Utc)
    project: str = ""


class ReferralRow(Table, table=True):
    """老带新. `signed_at`: when the referrer signed their own contract."""

    __tablename__ = "referrals"
    referral_id: str = Field(primary_key=True)
    referrer_id: str
    phone_index: str = Field(index=True)
    recorded_at: datetime = Field(sa_type=Utc)
    signed_at: datetime | None = Field(default=None, sa_type=Utc)
    owner_present: bool = False
    project: str = ""


class AgentRow(Table, table=True):
    """An agent (经纪人) who may bring visitors here. `secret` is JSON of `AgentSecret`, bound to `agent:{agent_id}`."""

    __tablename__ = "agents"
    agent_id: str = Field(primary_key=True)
    channel_id: str = Field(index=True)
    channel_name: str
    active: bool
    secret: bytes = Field(sa_type=LargeBinary)


class AgentScanRow(Table, table=True):
    """An agent's dynamic QR read at `screen`; `refused` says why it proves nothing. `visit_id` once it is known.

    `used` is the code's half minute when it was good: one agent's is good once. An unknown agent has no channel.
    `checkin` is the key of the check-in it was read for; without it, it is of the next one at that screen.
    """

    __tablename__ = "agent_scans"
    __table_args__ = (
        Index("ix_agent_scans_screen", "screen", "at"),
        Index("ix_agent_scans_used", "agent_id", "used", unique=True),
    )
    scan_id: str = Field(primary_key=True)
    visit_id: str | None = Field(default=None, index=True)
    channel_id: str
    agent_id: str
    at: datetime = Field(sa_type=Utc)
    refused: str = ""
    screen: str = ""
    used: int | None = None
    checkin: str | None = None
    project: str = ""


class GateAnswerRow(Table, table=True):
    """The gate questions (问岗三问) as a visitor answered them at a check-in; NULL was not answered."""

    __tablename__ = "gate_answers"
    answer_id: str = Field(primary_key=True)
    visit_id: str = Field(index=True)
    at: datetime = Field(sa_type=Utc)
    asked_by: str
    first_visit: bool | None = None
    family_visited: bool | None = None
    contacted: bool | None = None


class RulingRow(Table, table=True):
    """What the office's manager ruled of a visit; a column that is NULL says nothing. `reason` is bound to the record
    `ruling:{ruling_id}`.
    """

    __tablename__ = "rulings"
    ruling_id: str = Field(primary_key=True)
    visit_id: str = Field(index=True)
    at: datetime = Field(sa_type=Utc)
    ruled_by: str
    reason: bytes = Field(sa_type=LargeBinary)
    appeal_id: str | None = None
    source: str | None = None
    channel_id: str | None = None
    agent_id: str | None = None
    referrer_id: str | None = None
    claim_id: str | None = None
    owner_id: str | None = None
    hidden: bool | None = None


class CallRow(Table, table=True):
    """A call (来电) that left a number."""

    __tablename__ = "calls"
    call_id: str = Field(primary_key=True)
    customer_id: str = Field(index=True)
    consultant_id: str
    at: datetime = Field(sa_type=Utc)
    project: str = ""


class OwnerClaimRow(Table, table=True):
    """An earlier consultant says of a visit whose customer nobody had identified: mine."""

    __tablename__ = "owner_claims"
    claim_id: str = Field(primary_key=True)
    visit_id: str = Field(index=True)
    consultant_id: str
    at: datetime = Field(sa_type=Utc)


class AssignmentRow(Table, table=True):
    """A manager gave a customer whose owner had left to a consultant. `reason` is bound to its record."""

    __tablename__ = "owner_assignments"
    assignment_id: str = Field(primary_key=True)
    customer_id: str = Field(index=True)
    consultant_id: str
    at: datetime = Field(sa_type=Utc)
    by: str
    reason: bytes = Field(sa_type=LargeBinary)


class BuyingPartyRow(Table, table=True):
    """People who buy together. `relation` is to the first of the party, who is `self`."""

    __tablename__ = "buying_parties"
    customer_id: str = Field(primary_key=True)
    party_id: str = Field(index=True)
    relation: str
    linked_at: datetime = Field(sa_type=Utc)
    linked_by: str = ""
