"""The rota of the day and who asks for it: bodies only."""

from typing import Annotated, Literal

from pydantic import Field

from contracts.gateway_api import AwayReason, OfferView, VisitView
from contracts.ids import Uuid
from contracts.policy import PolicyConfig
from contracts.rest import Wire
from contracts.values import UtcDateTime


class AwayRequest(Wire):
    reason: AwayReason
    minutes: Annotated[int, Field(ge=1, le=480)] | None = None


class RotaEntry(Wire):
    consultant_id: Uuid
    name: str
    state: Literal["free", "offered", "serving", "away", "signed_out"]
    place: int | None
    """1 is next; None when not in the order."""
    channel_place: int | None = None
    """Place in the order of channel and referral visits; None where there is only one order."""
    team: str = ""
    signed_in_at: UtcDateTime | None = None
    turns_offered: int = 0
    turns_received: int = 0
    turns_lost: int = 0
    make_ups: int = 0
    away_reason: AwayReason | None = None
    away_until: UtcDateTime | None = None
    visit_id: Uuid | None = None


class RotaView(Wire):
    date: str
    entries: list[RotaEntry]


class Me(Wire):
    """All a consultant's tablet needs to draw itself from nothing."""

    person_id: Uuid
    name: str
    role: str
    rota: RotaEntry | None
    offers: list[OfferView]
    serving: list[VisitView]
    recent: list[VisitView] = Field(default_factory=list)
    server_time: UtcDateTime


class PolicyInForce(Wire):
    """The rules that decisions are made under now, and since when."""

    version: int
    since: UtcDateTime
    policy: PolicyConfig
