"""The rules of the house: every number the gateway's decisions use, with its default (domain.md).

A policy is data of an office. Each change makes a new version; a decision names the version it was made under, and a
replay reads that version back.
"""

from datetime import time, timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from contracts.ids import Slug
from contracts.values import LocalTime

PositiveSeconds = Annotated[int, Field(ge=1, le=86_400)]
Minutes = Annotated[int, Field(ge=0, le=1_440)]
AttributionDays = Annotated[int, Field(ge=1, le=365)]


class PolicyConfig(BaseModel):
    """One version of an office's rules. Times of day are in the office's time zone."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    # visits 到访
    step_out_minutes: Minutes = 15
    """Back within this many minutes of leaving is still the same visit, last instant included."""
    checkin_door_minutes: Minutes = 10
    """A check-in belongs to door crossings up to so long before or after it, last instant included."""
    badge_door_seconds: Annotated[int, Field(ge=0, le=3_600)] = 60
    """A badge or a scan at the door belongs to crossings up to so long before or after it."""
    exit_cameras: tuple[str, ...] = ()
    """Cameras that see people leave, as `node/camera`: whom they recognise has left, unless somebody serves them."""
    closing_time: LocalTime = time(21, 0)
    """A visit still open then is closed with reason `office_closed` and an unknown dwell."""
    draft_minutes: Annotated[int, Field(ge=1, le=60)] = 5

    # rota 轮排
    rota_opens: LocalTime = time(8, 30)
    rota_closes: LocalTime = time(18, 30)
    offer_seconds: PositiveSeconds = 30
    short_break_minutes: Minutes = 10
    """The longest declared absence (short break) that keeps a make-up 补接."""
    make_up_when_serving_returning: bool = True
    """Passed over while busy with a returning customer keeps a make-up, as it does with a first visit."""
    make_up_reasons: tuple[Literal["lunch", "company", "short_break", "leave", "rest", "private"], ...] = (
        "lunch",
        "company",
        "short_break",
    )
    presence: Literal["tablet", "none"] = "tablet"
    """What tells an undeclared absence: the tablet's silence, or nothing."""
    undeclared_absence_minutes: Minutes = 2
    """Silent for longer than this while free, a consultant loses the turn that comes."""
    manager_seconds: PositiveSeconds = 30
    """Nobody accepted, and the manager did not assign it within this: it is put on the reception's screen."""
    channel_order: Literal["own", "shared"] = "own"
    """Whether first visits that a channel or a referral brought have an order of their own."""
    next_day_continues: bool = True
    """Sign-in times that tie: who is behind this week's share comes first, then after the last offered turn."""
    sign_in_tie_minutes: Annotated[int, Field(ge=1, le=720)] = 1
    """Sign-ins within the same so many minutes of the clock tie."""
    teams: Literal["one", "alternate", "own"] = "one"
    """Several teams share one rota, take turns with each other, or have a rota each."""
    team_of_source: dict[Literal["walk_in", "channel", "referral"], str] = Field(default_factory=dict)
    """Whose visits they are where each team has a rota of its own; a source not named here is for everybody."""
    shadow_days: Annotated[int, Field(ge=0, le=180)] = 3
    """A new starter only watches on so many calendar days, the one they started on included."""
    skill_match: bool = True
    office_language: Literal["zh-CN", "en"] = "zh-CN"
    """What everybody here speaks: another language of the visitor asks for a skill."""
    override_uses_turn: bool = False
    """Whether a visit that a manager or the reception assigns uses a turn of who gets it."""

    # ownership and attribution 判客
    day_count: Literal["rolling", "calendar_day"] = "rolling"
    """Every number of days below: rolling 24 hours with the last instant, or to 24:00 of the last day."""
    ownership_days: AttributionDays = 15
    """After the last follow-up that reached the customer."""
    owner_claim_hours: Annotated[int, Field(ge=0, le=720)] = 48
    """How long the earlier consultant may claim a returning customer whom nobody had identified, last instant in."""
    good_faith: Literal["split", "earliest"] = "split"
    """Two consultants who each recorded a first visit of one buying party: equal parts, or the earliest has it all."""
    assist_share_percent: Annotated[int, Field(ge=0, le=100)] = 50
    """The assistant's part of a deal on the day they received an absent owner's customer."""
    siblings_are_family: bool = True
    """Whether siblings are one buying party, as spouses, parents and children are."""
    claim_scope: Literal["project", "company"] = "project"
    registration_minutes: Minutes = 30
    """A registration 报备 counts from so long before the earliest signal of the party on."""
    registrations_per_day: Annotated[int, Field(ge=1, le=10_000)] = 50
    """The most that one agent registers here within any 24 hours: ten thousand masked numbers are everybody's who walks
    in. Head office enters more for them."""
    protection_to_visit_days: AttributionDays = 15
    """From the acceptance of a registration to the visit."""
    protection_to_contract_days: AttributionDays = 30
    """From the visit to the contract: how long its source stands."""
    blocking_days: Annotated[int, Field(ge=0, le=365)] = 7
    """A visit so long before a registration blocks it, unless the same channel brought that visit."""
    channel_rule: Literal["first_registered", "first_brought"] = "first_registered"
    """Between channels: who registered first, or who brings the visitor, proven by the agent's dynamic QR."""
    referral_days: AttributionDays = 7
    appeal_days: AttributionDays = 7
    """How long after a verdict an appeal 申诉 may be filed, and after a visit late evidence judges it again."""
    scan_minutes: Minutes = 10
    """An agent's code read at a screen so long before a check-in there belongs to that visit, last instant included."""

    # signals of fraud: shown, deciding nothing; domain.md gives no numbers for them
    fraud_near_minutes: Minutes = 45
    """A registration so long before or after the arrival is shown, last instant included: past the minutes it needs
    to be valid, so that one made just in time is among them."""
    fraud_after_hours: Annotated[int, Field(ge=1, le=720)] = 24
    """A registration so long after a walk-in's arrival is shown, last instant included."""
    fraud_phone_channels: Annotated[int, Field(ge=2, le=100)] = 3
    fraud_phone_days: AttributionDays = 15
    """So many channels that register one number within so many rolling days are shown."""
    fraud_fast_ratio: Annotated[float, Field(gt=0, lt=1)] = 0.25
    """An agent's median time from registration to arrival, as a part of all others', that is shown."""
    fraud_fast_cases: Annotated[int, Field(ge=2, le=10_000)] = 10
    """Nothing is said of an agent with fewer arrivals, or against fewer of others."""
    fraud_confidence: Annotated[float, Field(ge=0.5, le=0.999)] = 0.95
    """Of the interval of that part."""
    fraud_rival_hours: Annotated[int, Field(ge=1, le=720)] = 48
    fraud_rival_cases: Annotated[int, Field(ge=1, le=1_000)] = 3
    fraud_rival_share: Annotated[float, Field(gt=0, le=1)] = 0.5
    """An agent is shown with so many masked registrations, and such a share of all theirs, that follow another channel
    of the same first 3 and last 4 within so many hours and brought nobody."""

    gate_questions: Literal["nobody", "reception", "kiosk"] = "reception"
    """Who asks the three gate questions 问岗三问: nobody, the reception, or the kiosk as well."""

    # bookings 预约
    booking_hours: Annotated[int, Field(ge=0, le=168)] = 0
    """How long after the time booked the code of a booking is good; 0: to the end of the day booked."""
    booking_days: AttributionDays = 60
    """How far ahead a visit may be booked."""
    booking_wrong_codes: Annotated[int, Field(ge=1, le=1000)] = 10
    booking_wrong_minutes: Minutes = 10
    """So many unknown codes read at one screen within so many minutes, and it reads none for the rest of them."""

    # identity 客户识别
    lookups_per_minute: Annotated[int, Field(ge=1, le=1000)] = 30
    """Searches of customer files by one person or device in any minute."""
    lookup_files_per_hour: Annotated[int, Field(ge=1, le=100_000)] = 300
    """Files that searches show to one person or device in any hour: nobody copies the office's customers unnoticed."""

    alike_asked: Annotated[int, Field(ge=0, le=20)] = 3
    """Other files with the same or a like name that the reception is asked about when a file is made or changed.

    A shared ID number is always asked about.
    """

    # recognised arrivals
    leave_quiet_minutes: Minutes = 5
    """Recognised within this many minutes after their visit was closed, last instant included: they are leaving."""
    greeting_minutes: Annotated[int, Field(ge=1, le=240)] = 10
    kiosk_face_seconds: PositiveSeconds = 60
    """How long a face seen at a kiosk counts as who stands there, last instant included."""
    not_me_minutes: Minutes = 10
    """Recognised again within this many minutes after somebody said it is not them: ignored."""
    review_hours: Annotated[int, Field(ge=1, le=168)] = 12
    """An unanswered question to the reception is put away after this."""

    # alerts
    vip_tags: tuple[str, ...] = ("VIP", "贵宾")
    """Tags of a customer's file that make their return an alert of its own."""
    silent_days: AttributionDays = 30
    """A lead who was neither here nor reached for longer than this, and returns, is an alert of its own."""
    alert_minutes: Annotated[int, Field(ge=1, le=1_440)] = 30
    """How long an alert stands that nothing else ends."""
    alert_again_seconds: PositiveSeconds = 5
    """An alert that no page has confirmed is delivered again so often."""

    # the board
    alarm_min_people: Annotated[int, Field(ge=1)] = 10
    alarm_share: Annotated[float, Field(gt=0, le=1)] = 0.20
    """漏登 when this share of an hour's counted people is unregistered; `sensor` when as many more are registered."""
    usual_weeks: Annotated[int, Field(ge=1, le=12)] = 4
    default_service_minutes: Annotated[int, Field(ge=1, le=240)] = 30
    """How long a consultant is taken to be busy while the office has no measured visits to go by."""

    # calling panel 叫号屏
    panel_node: Slug | None = None
    panel_device: Slug | None = None
    panel_number: Annotated[int, Field(ge=0, le=255)] = 5

    @field_validator("*", mode="before")
    @classmethod
    def _yes_is_no_number(cls, value: Any, info: ValidationInfo) -> Any:
        if isinstance(value, bool) and cls.model_fields[info.field_name or ""].annotation is not bool:
            raise PydanticCustomError("int_type", "Input should be a number, not true or false")
        return value

    @property
    def step_out(self) -> timedelta:
        return timedelta(minutes=self.step_out_minutes)

    @property
    def checkin_door(self) -> timedelta:
        return timedelta(minutes=self.checkin_door_minutes)

    @property
    def badge_door(self) -> timedelta:
        return timedelta(seconds=self.badge_door_seconds)

    @property
    def offer_time(self) -> timedelta:
        return timedelta(seconds=self.offer_seconds)

    @property
    def undeclared_absence(self) -> timedelta:
        return timedelta(minutes=self.undeclared_absence_minutes)

    @property
    def manager_time(self) -> timedelta:
        return timedelta(seconds=self.manager_seconds)

    @property
    def leave_quiet(self) -> timedelta:
        return timedelta(minutes=self.leave_quiet_minutes)

    @property
    def greeting_time(self) -> timedelta:
        return timedelta(minutes=self.greeting_minutes)

    @property
    def kiosk_face(self) -> timedelta:
        return timedelta(seconds=self.kiosk_face_seconds)

    @property
    def not_me(self) -> timedelta:
        return timedelta(minutes=self.not_me_minutes)

    @property
    def alert_time(self) -> timedelta:
        return timedelta(minutes=self.alert_minutes)

    @property
    def review_time(self) -> timedelta:
        return timedelta(hours=self.review_hours)
