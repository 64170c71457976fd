"""The gateway's bodies around alerts: what a person is told, what their page confirms, who was told when."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from contracts.ids import Slug, Uuid
from contracts.rest import Role, Wire
from contracts.values import LocalTime, Phone, UtcDateTime

AlertKind = Literal["offer", "greeting", "vip_return", "owner_absent", "silent_return", "unanswered", "ruling"]
"""A turn on offer; a recognised customer of yours; a returning VIP; a customer whose owner is away; a lead that was
silent for long and returns; a visit that nobody accepted; a manager's ruling on a visit of yours."""
Stage = Literal["delivered", "shown", "read"]
"""`delivered`: on a page that somebody could see. `shown`: its card was drawn there. `read`: somebody said so, or
acted. Each includes the ones before it."""


class AlertView(Wire):
    """One alert as whom it was raised for sees it. `subject_id`: the offer, greeting, visit, decision or appeal."""

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


# ---- pushes --------------------------------------------------------------------------------------------------------
class PushPreferences(Wire):
    """What one person wants on their telephone. `quiet_from` until `quiet_until`, the end not included, nothing is
    sent: kept for the morning it would be late. `phone` is only for channels of text messages; answers mask it."""

    channels: list[Slug] | None = None
    """None: every channel of the office."""
    muted: list[AlertKind] = Field(default_factory=list)
    quiet_from: LocalTime | None = None
    quiet_until: LocalTime | None = None
    phone: Phone | None = None


class PushPreferencesView(Wire):
    offered: list[Slug]
    """The channels of this office."""
    channels: list[Slug] | None
    muted: list[AlertKind]
    quiet_from: LocalTime | None
    quiet_until: LocalTime | None
    phone: str
    """Masked; empty without one."""


class PushDeadLetter(Wire):
    """A push that nobody took. `error` is a code, such as `status_500`, `timeout`, `errcode_93000`."""

    push_id: Uuid
    channel: str
    kind: AlertKind
    ticket_number: int | None
    recipient_id: Uuid | None
    created_at: UtcDateTime
    attempts: int
    error: str


class PushDeadLetterPage(Wire):
    items: list[PushDeadLetter]
    next_cursor: str | None = None


# ---- webhooks out --------------------------------------------------------------------------------------------------
WebhookKind = Literal["visit", "verdict", "customer", "sale", "appeal"]


class WebhookRequest(Wire):
    """Another system's subscription. The host must be among `[outbound] hosts`; https, but for this machine itself."""

    url: Annotated[str, StringConstraints(min_length=8, max_length=500)]
    kinds: Annotated[list[WebhookKind], Field(min_length=1, max_length=5)]


class WebhookView(Wire):
    """`waiting` facts are not yet sent; `failing_since` while the other side does not take the next one."""

    webhook_id: Uuid
    url: str
    kinds: list[WebhookKind]
    created_at: UtcDateTime
    waiting: int
    dead: int
    failing_since: UtcDateTime | None
    last_error: str


class WebhookCreated(WebhookView):
    """`secret` is shown here and never again."""

    secret: str


class WebhookPing(Wire):
    """Whether the other side took a ping; `error` is a code."""

    taken: bool
    error: str = ""


class WebhookDeadLetter(Wire):
    """A fact that was not taken in time; what came after it has been sent since."""

    dead_letter_id: Uuid
    kind: WebhookKind
    message_id: str
    at: UtcDateTime
    given_up_at: UtcDateTime
    error: str


class WebhookDeadLetterPage(Wire):
    items: list[WebhookDeadLetter]
    next_cursor: str | None = None
