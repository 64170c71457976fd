"""Central's REST API: bodies only; the routes are listed in docs/api.md and in its OpenAPI document."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from contracts.facts import FootfallMinute
from contracts.ids import ProjectName, Slug, Uuid
from contracts.messages import Ack
from contracts.rest import RosterEntry, Wire
from contracts.values import UtcDateTime

Step = Literal["minute", "hour", "day"]
SaleKind = Literal["intent", "subscription", "contract", "payment"]


class IngestAnswer(Wire):
    """`acks`: one per stream in the batch. `rejected` events were dead-lettered and count as taken."""

    acks: list[Ack]
    taken: int
    duplicates: int
    rejected: int


class HeldSince(Wire):
    """What central knows of what happened in one office since then: rows by kind."""

    since: UtcDateTime
    counts: dict[str, int]


class CountedPage(Wire):
    """Minute sums as an office once told them, oldest first; `next_since` begins the next page."""

    items: list[FootfallMinute]
    next_since: UtcDateTime | None = None


class OfficePut(Wire):
    """`name_en` and `city_en` stand on English screens; empty where there is none, and the other is shown."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    name_en: Annotated[str, StringConstraints(max_length=60)] = ""
    city: Annotated[str, StringConstraints(max_length=40)] = ""
    city_en: Annotated[str, StringConstraints(max_length=40)] = ""
    time_zone: str = "Asia/Shanghai"


class OfficeView(OfficePut):
    office: Slug
    created_at: UtcDateTime
    last_heard_at: UtcDateTime | None = None
    lag_seconds: float | None = None


class RosterPut(Wire):
    """Replaces the roster; the version goes up by one."""

    people: list[RosterEntry]


class FootfallPoint(Wire):
    """Absolute people counts of one step beginning at `at`; hours and days begin in the office's time zone."""

    at: UtcDateTime
    count_in: int
    count_out: int


class FootfallSeries(Wire):
    office: Slug
    step: Step
    points: list[FootfallPoint]


class DayFigures(Wire):
    """One office, one local day. `date` is YYYY-MM-DD in the office's time zone. Amounts in fen."""

    date: str
    count_in: int = 0
    count_out: int = 0
    visits: int = 0
    first_visits: int = 0
    return_visits: int = 0
    registered_people: int = 0
    waiting_median_seconds: int | None = None
    intents: int = 0
    subscriptions: int = 0
    contracts: int = 0
    contract_fen: int = 0
    payments_fen: int = 0


class OfficeOverview(Wire):
    office: OfficeView
    today: DayFigures
    usual_in_by_now: float | None = None
    occupancy: int
    waiting_now: int
    serving_now: int
    hours: list[FootfallPoint]
    days: list[DayFigures]


class Overview(Wire):
    """The console's page: every office side by side."""

    as_of: UtcDateTime
    offices: list[OfficeOverview]


class CentralCustomer(Wire):
    customer_id: Uuid
    office: Slug
    name: str
    phone: str
    revealed: bool = False
    owner_id: Uuid | None
    created_at: UtcDateTime
    visits: int = 0
    follow_ups: int = 0
    sales: int = 0


class CustomerRename(Wire):
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]


class CentralVisit(Wire):
    visit_id: Uuid
    office: Slug
    customer_id: Uuid | None
    kind: str
    state: str
    party_size: int
    purpose: str
    source: str
    opened_at: UtcDateTime
    accepted_at: UtcDateTime | None
    closed_at: UtcDateTime | None
    owner_id: Uuid | None
    consultant_id: Uuid | None
    project: ProjectName = ""


class CentralSale(Wire):
    fact_id: Uuid
    office: Slug
    kind: SaleKind
    customer_id: Uuid
    consultant_id: Uuid
    visit_id: Uuid | None = None
    unit_ref: str = ""
    amount_fen: int
    at: UtcDateTime


class SalePost(Wire):
    """Entered at central itself, with an `Idempotency-Key` header."""

    office: Slug
    kind: SaleKind
    customer_id: Uuid
    consultant_id: Uuid
    visit_id: Uuid | None = None
    unit_ref: Annotated[str, StringConstraints(max_length=200)] = ""
    amount_fen: Annotated[int, Field(ge=0, le=10**13)]
    at: UtcDateTime | None = None


class FollowUpPost(Wire):
    office: Slug
    customer_id: Uuid
    consultant_id: Uuid
    channel: Literal["call", "message", "meeting", "visit"]
    reached: bool
    at: UtcDateTime | None = None
    note: Annotated[str, StringConstraints(max_length=500)] = ""


class ConsultantFigures(Wire):
    consultant_id: Uuid
    office: Slug
    name: str
    received: int
    turns_offered: int
    turns_lost: int
    contracts: int
    contract_fen: int


class Page(Wire):
    items: list[dict[str, Any]]
    next_cursor: str | None = None
