"""What an office's gateway fetches from central: the office's share of what central masters, in the order of change.

Each item is a thing as it stands now, never a difference: applied twice or in another order it ends the same, because
a lower `revision` never replaces a higher one. Personal parts are sealed for the office (`contracts.sealing`), with the
item's id as the record.
"""

import base64
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from contracts.ids import ProjectName, Slug, Uuid
from contracts.policy import PolicyConfig
from contracts.rest import Wire
from contracts.values import UtcDateTime

DownKind = Literal["customer", "registration", "referral", "agent", "policy", "appeal", "call", "merge"]
DOWN_LIMIT = 2000
DOWN_BYTES = 512 * 1024
"""A page is at most this large, except that it always carries one item."""


class DownItem(Wire):
    """`revision` is the item's place in the office's order of changes. A deleted item has no body."""

    kind: DownKind
    id: str
    revision: Annotated[int, Field(ge=1)]
    deleted: bool = False
    body: dict[str, Any] | None = None


class DownPage(Wire):
    """`cursor` goes into the next request's `after`; `more` says that it can be asked for at once.

    410 `cursor_too_old` or `cursor_of_another_database`: begin again without a cursor and drop what does not come.
    """

    office: Slug
    cursor: str
    more: bool
    server_time: UtcDateTime
    items: list[DownItem]


class CustomerDown(Wire):
    """A customer file that central has adopted. `sealed` holds a `CompanyCustomer`."""

    customer_id: Uuid
    owner_id: Uuid | None
    created_at: UtcDateTime
    gateway_revision: int
    company_revision: int
    """Counts the changes made at head office; 0: none."""
    sealed: str


class RegistrationDown(Wire):
    """`sealed` holds a `NumberSecret`."""

    registration_id: Uuid
    channel_id: Uuid
    agent_id: Uuid
    project: ProjectName
    accepted_at: UtcDateTime
    withdrawn_at: UtcDateTime | None
    sealed: str


class ReferralDown(Wire):
    """`sealed` holds a `NumberSecret`."""

    referral_id: Uuid
    referrer_id: Uuid
    project: ProjectName
    recorded_at: UtcDateTime
    signed_at: UtcDateTime
    owner_present: bool
    sealed: str


class AgentDown(Wire):
    """`sealed` holds an `AgentSecret`."""

    agent_id: Uuid
    channel_id: Uuid
    channel_name: str
    active: bool
    sealed: str


class AppealDown(Wire):
    """An appeal that an agent filed at head office. `sealed` holds what it says."""

    appeal_id: Uuid
    verdict_id: Uuid
    channel_id: Uuid
    agent_id: Uuid
    filed_at: UtcDateTime
    sealed: str


class CallDown(Wire):
    """A call (来电) that this office took: a claim that a gateway made anew has to know."""

    call_id: Uuid
    customer_id: Uuid
    consultant_id: Uuid
    at: UtcDateTime
    project: ProjectName


class MergeDown(Wire):
    """Two files of this office that are one person's while `merged`, for a gateway made anew."""

    merge_id: Uuid
    revision: int
    kept_id: Uuid
    merged_id: Uuid
    state: Literal["merged", "ended"]
    at: UtcDateTime


class PolicyDown(Wire):
    version: int
    policy: PolicyConfig


class CompanyCustomer(BaseModel):
    """The file as central has it. `name_before` is what the last change made at head office replaced."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    phone: str | None = None
    name: str = ""
    name_before: str = ""


class NumberSecret(BaseModel):
    """A full number (E.164), or what a masked registration discloses: first 3 and last 4 digits."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    phone: str | None = None
    phone37: str


class AgentSecret(BaseModel):
    """`code_key`: base64 of the 32 bytes that the agent's dynamic QR is made with."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    name: str
    code_key: str

    @property
    def key(self) -> bytes:
        return base64.b64decode(self.code_key)
