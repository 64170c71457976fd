"""The gateway's bodies about the whole office: the manager's board, the queue, what could not be read."""

from typing import Literal

from pydantic import Field

from contracts.alerts_api import ReceiptView
from contracts.gateway_api import RuleNote, TicketView, VisitView
from contracts.ids import Uuid
from contracts.messages import ConfigStatus, DeviceStatus, NodeHealth
from contracts.quantities import Quantity
from contracts.rest import Wire
from contracts.rota_api import RotaEntry
from contracts.values import UtcDateTime


class HourCount(Wire):
    """`hour` is 0–23 in the office's time zone."""

    hour: int
    count_in: int
    count_out: int
    visits: int
    usual_in: float | None = None
    """Mean of the same weekday over the last 4 weeks, None without history."""


class DeviceView(DeviceStatus):
    node: str


class NodeView(Wire):
    """A node as its newest status has it; `alarms` are the codes of `NodeStatus`."""

    node: str
    online: bool
    lag: int
    unsafe: int
    last_seen: UtcDateTime | None
    devices: list[DeviceView]
    version: str = ""
    refused: int = 0
    clock_synced: bool = True
    alarms: list[str] = Field(default_factory=list)
    health: NodeHealth | None = None
    config: ConfigStatus | None = None


class ReadingView(Wire):
    """The newest reading of one quantity of a site sensor, in the unit of `contracts.quantities`.

    `since`: when its level began. A `stale` one is too old to say anything about now.
    """

    node: str
    device: str
    quantity: Quantity
    value: float
    level: Literal["ok", "low", "high"]
    low: float | None
    high: float | None
    at: UtcDateTime
    since: UtcDateTime
    stale: bool


class LinkView(Wire):
    """The line to central: `pending` events wait in the uplink outbox."""

    configured: bool
    online: bool
    pending: int
    last_ack_at: UtcDateTime | None = None


class CaptureView(Wire):
    """People of an hour or a day: `counted` by the doors, `net` of staff, non-customers and re-entries, `registered`.

    `rate` is registered ÷ net, at most 1; None before anybody was counted. `unregistered` 漏登.
    """

    counted: int
    staff: int
    non_customers: int
    re_entries: int
    net: int
    registered: int
    unregistered: int
    rate: float | None
    alarm: RuleNote | None = None


class CaptureHour(CaptureView):
    """`hour` is 0–23 in the office's time zone; of an hour that is not over there is no alarm."""

    hour: int


class CaptureDay(Wire):
    """How many of the people counted on `day` were registered. A counter counts people; parties are estimates."""

    day: str
    total: CaptureView
    hours: list[CaptureHour]


class Floor(Wire):
    """The manager's board, complete. Counts are people through the doors; parties are registered visits."""

    office: str
    as_of: UtcDateTime
    time_zone: str
    count_in: int
    count_out: int
    occupancy: int
    registered_people: int
    capture_rate: float | None
    """Registered people over `net_in`."""
    net_in: int = 0
    """Counted people net of staff, non-customers and re-entries."""
    unregistered_people: int = 0
    """漏登: counted, and in no visit."""
    first_visits: int
    return_visits: int
    waiting: list[VisitView]
    serving: list[VisitView]
    wait_now_seconds: int | None
    """The longest wait among those still waiting."""
    wait_median_seconds: int | None
    usual_in_by_now: float | None = None
    hours: list[HourCount]
    rota: list[RotaEntry]
    nodes: list[NodeView]
    link: LinkView
    dead_letters_today: int
    readings: list[ReadingView] = Field(default_factory=list)
    alarms: list[RuleNote] = Field(default_factory=list)
    """For example `unregistered` 漏登 or `sensor`; facts hold the figures behind it."""
    unseen: list[ReceiptView] = Field(default_factory=list)
    """Live alerts that nobody has seen yet, oldest first."""


class QueueEntry(Wire):
    ticket: TicketView
    visit_id: Uuid | None
    called_to: str | None = None


class QueueView(Wire):
    now_serving: list[QueueEntry]
    waiting: list[QueueEntry]


class DeadLetterView(Wire):
    """A message that could not be taken. Its bytes are kept encrypted and expire; the API shows reason and size."""

    dead_letter_id: Uuid
    received_at: UtcDateTime
    node: str | None
    topic: str
    stream: str | None
    sequence: int | None
    event_type: str | None
    reason: str
    detail: str
    size: int


class DeadLetterPage(Wire):
    items: list[DeadLetterView]
    next_cursor: str | None = None
