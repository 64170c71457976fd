"""Appeals (申诉) against verdicts, and what an office's manager decides about them."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from contracts.gateway_api import Source
from contracts.ids import Uuid
from contracts.rest import Wire
from contracts.values import UtcDateTime

AppealState = Literal["open", "upheld", "rejected", "evidence_accepted"]
AppealOutcome = Literal["upheld", "rejected", "evidence_accepted"]
PartyKind = Literal["consultant", "channel"]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]


class AppealRequest(Wire):
    """`channel_id` when the reception or the manager files it for a channel; a consultant appeals for themselves."""

    verdict_id: Uuid
    text: Words
    channel_id: Uuid | None = None
    agent_id: Uuid | None = None


class RulingRequest(Wire):
    """What the verdict shall say instead. What is left out stays as the rules judge it.

    `hidden`: whether whoever assisted kept the visit from the owner; such a ruling says nothing else.
    """

    source: Source | None = None
    channel_id: Uuid | None = None
    agent_id: Uuid | None = None
    referrer_id: Uuid | None = None
    claim_id: Uuid | None = None
    owner_id: Uuid | None = None
    hidden: bool | None = None

    @model_validator(mode="after")
    def _says_something_whole(self) -> Self:
        named = self.source is not None or self.owner_id is not None
        if named == (self.hidden is not None):
            raise ValueError("a ruling names a source or an owner, or says whether the visit was hidden")
        if (self.source == "channel") != (self.channel_id is not None):
            raise ValueError("`channel_id` belongs to the source channel, and it needs one")
        if (self.source == "referral") != (self.referrer_id is not None):
            raise ValueError("`referrer_id` belongs to the source referral, and it needs one")
        if self.agent_id is not None and self.channel_id is None:
            raise ValueError("`agent_id` belongs to a channel")
        if self.claim_id is not None and self.source not in ("channel", "referral"):
            raise ValueError("`claim_id` belongs to a channel or a referral")
        return self


class BroughtBy(Wire):
    """The agent brought the visitor; their code was not read at the kiosk."""

    kind: Literal["brought_by"] = "brought_by"
    channel_id: Uuid
    agent_id: Uuid


class FollowedUp(Wire):
    """A contact that reached the customer and was not noted."""

    kind: Literal["followed_up"] = "followed_up"
    consultant_id: Uuid
    channel: Literal["call", "message", "meeting", "visit"]
    at: UtcDateTime


class CameByCall(Wire):
    """A call (来电) that left the number and was not noted."""

    kind: Literal["called"] = "called"
    consultant_id: Uuid
    at: UtcDateTime


AcceptedEvidence = Annotated[BroughtBy | FollowedUp | CameByCall, Field(discriminator="kind")]


class AppealDecision(Wire):
    """`upheld` carries the ruling, `evidence_accepted` the evidence that the visit is then judged with.

    Whether a visit was hidden is ruled on for one side and against the other: that ruling may come with `rejected` too.
    """

    outcome: AppealOutcome
    reason: Words
    ruling: RulingRequest | None = None
    evidence: AcceptedEvidence | None = None

    @model_validator(mode="after")
    def _with_what_it_needs(self) -> Self:
        on_hidden = self.ruling is not None and self.ruling.hidden is not None
        if (self.outcome == "upheld") != (self.ruling is not None) and not (self.outcome == "rejected" and on_hidden):
            raise ValueError("`ruling` belongs to the outcome upheld, and it needs one")
        if (self.outcome == "evidence_accepted") != (self.evidence is not None):
            raise ValueError("`evidence` belongs to the outcome evidence_accepted, and it needs one")
        return self


class AppealView(Wire):
    """`revision` is also the ETag. `result_verdict_id`: the newest verdict once the appeal was decided."""

    appeal_id: Uuid
    revision: int
    visit_id: Uuid
    verdict_id: Uuid
    party_kind: PartyKind
    party_id: Uuid
    party_name: str = ""
    agent_id: Uuid | None = None
    state: AppealState
    text: str
    filed_at: UtcDateTime
    filed_by: str
    decided_at: UtcDateTime | None = None
    decided_by: str = ""
    reason: str = ""
    result_verdict_id: Uuid | None = None


class HiddenRequest(Wire):
    """Whether whoever assisted kept the visit from the owner, where no consultant has appealed."""

    hidden: bool
    reason: Words
