"""The gateway's bodies around alerts: what a person is told, what their page confirms, who was told when."""

from typing import Annotated, Literal

from pydantic import Field

from contracts.ids import Uuid
from contracts.rest import Role, Wire
from contracts.values import UtcDateTime

AlertKind = Literal["offer", "greeting", "vip_return", "owner_absent", "silent_return", "unanswered"]
"""A turn on offer; a recognised customer of yours; a returning VIP; a customer whose owner is away; a lead that was
silent for long and returns; a visit that nobody accepted."""
Stage = Literal["delivered", "shown", "read"]
"""`delivered`: on a page that somebody could see. `shown`: its card was drawn there. `read`: somebody said so, or
acted. Each includes the ones before it."""


class AlertView(Wire):
    """One alert as whom it was raised for sees it. `subject_id`: the offer, greeting, visit or decision it is about."""

    alert_id: Uuid
    kind: AlertKind
    subject_id: Uuid
    visit_id: Uuid | None
    raised_at: UtcDateTime
    expires_at: UtcDateTime
    ticket_number: int | None = None
    customer_name: str = ""
    """Masked."""
    owner_name: str = ""
    receiver_name: str = ""
    silent_days: int | None = None
    step: Literal["manager", "reception"] | None = None
    live: bool
    """Still to be told: neither read, expired nor settled by what happened since."""
    delivered_at: UtcDateTime | None = None
    shown_at: UtcDateTime | None = None
    read_at: UtcDateTime | None = None


class AlertList(Wire):
    """Newest first; `unread` counts the live ones."""

    items: list[AlertView]
    unread: int


class AlertReceipt(Wire):
    alert_id: Uuid
    stage: Stage


class AlertReceipts(Wire):
    """What a page confirms. Without items it is the sign of life of a page somebody can see.

    `visible` is the page's own visibility state: a hidden page, or one behind a locked screen, confirms nothing.
    """

    visible: bool
    items: Annotated[list[AlertReceipt], Field(max_length=200)] = Field(default_factory=list)


class ReceiptView(Wire):
    """Who was told when. `recipient_id` is None for an alert to whoever has the role; `read_by` says who read it."""

    alert_id: Uuid
    kind: AlertKind
    ticket_number: int | None
    role: Role
    recipient_id: Uuid | None
    recipient_name: str
    awake: bool
    """Their tablet was seen by somebody within the time that makes a consultant absent, which the rota goes by too."""
    raised_at: UtcDateTime
    expires_at: UtcDateTime
    delivered_at: UtcDateTime | None
    shown_at: UtcDateTime | None
    read_at: UtcDateTime | None
    read_by: str | None
    settled_at: UtcDateTime | None


class ReceiptPage(Wire):
    items: list[ReceiptView]
    next_cursor: str | None = None
