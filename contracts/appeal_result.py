"""A verdict after an appeal as the channel that appealed may read it at head office."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from contracts.ids import Uuid
from contracts.values import UtcDateTime

Code = Annotated[str, StringConstraints(max_length=200)]


class DatedEvidence(BaseModel):
    """What kind of evidence there was and when; of other people's nothing but that (domain.md, Attribution)."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    kind: Code
    at: UtcDateTime
    own: bool


class AppealResult(BaseModel):
    """The newest verdict on the visit once the appeal was decided. `paid_to` says whether that is the channel."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    verdict_id: Uuid
    made_at: UtcDateTime
    source: Literal["walk_in", "channel", "referral"]
    rule: Code
    paid_to: Literal["you", "somebody", "nobody"]
    evidence: Annotated[list[DatedEvidence], Field(max_length=200)] = Field(default_factory=list)
