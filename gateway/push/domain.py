"""What is pushed to whom, and when not: pure."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

from contracts.alerts_api import AlertKind
from contracts.gateway_api import Language
from gateway.outbound.domain import wait_after

State = Literal["pending", "sent", "dead", "quiet"]
Outcome = Literal["again", "dead"]


class Note(BaseModel):
    """All that a push says: what kind of thing happened, the number on the ticket, and where to sign in to see it."""

    model_config = ConfigDict(frozen=True)

    kind: AlertKind
    ticket_number: int | None
    link: str
    at: datetime
    language: Language


class Preferences(BaseModel):
    """What one person wants on their telephone. Quiet from `quiet_from` until `quiet_until`, the end not included."""

    model_config = ConfigDict(frozen=True)

    channels: tuple[str, ...] | None = None
    """None: every channel of the office."""
    muted: tuple[AlertKind, ...] = ()
    quiet_from: time | None = None
    quiet_until: time | None = None


def is_quiet(preferences: Preferences, now: datetime, zone: ZoneInfo) -> bool:
    """Whether now lies in the person's quiet hours, over midnight too. From and until the same: none."""
    begin, end = preferences.quiet_from, preferences.quiet_until
    if begin is None or end is None or begin == end:
        return False
    local = now.astimezone(zone).time()
    return begin <= local < end if begin < end else local >= begin or local < end


def wants(preferences: Preferences, channel: str, kind: AlertKind) -> bool:
    chosen = preferences.channels is None or channel in preferences.channels
    return chosen and kind not in preferences.muted


def first_state(all_quiet: Iterable[bool]) -> State:
    """Of a group: quiet only when everybody concerned is. Kept for the morning it would be late, so it never goes."""
    quiet = list(all_quiet)
    return "quiet" if quiet and all(quiet) else "pending"


def after_failure(
    attempts: int, most: int, now: datetime, expires_at: datetime, chance: float, retry_after: float | None
) -> tuple[Outcome, datetime]:
    """Again when there is an attempt left and the alert still stands then; otherwise it is a dead letter."""
    wait = wait_after(attempts, chance)
    if retry_after is not None:
        wait = max(wait, timedelta(seconds=retry_after))
    again_at = now + wait
    return ("again" if attempts < most and again_at < expires_at else "dead"), again_at


TITLES: dict[Language, dict[AlertKind, str]] = {
    "zh-CN": {
        "offer": "请接待新到访",
        "greeting": "您的客户到店",
        "vip_return": "贵宾回访",
        "owner_absent": "归属顾问不在的客户到访",
        "silent_return": "沉默客户回访",
        "unanswered": "到访无人接待",
        "ruling": "经理已裁定申诉",
    },
    "en": {
        "offer": "New visitor to receive",
        "greeting": "A customer of yours is here",
        "vip_return": "A VIP is back",
        "owner_absent": "Customer of an absent owner",
        "silent_return": "A silent lead is back",
        "unanswered": "Nobody receives a visitor",
        "ruling": "A manager ruled on an appeal",
    },
}


def sentence(note: Note) -> str:
    """`【案场】贵宾回访，12 号` in one line."""
    title = TITLES[note.language][note.kind]
    if note.language == "zh-CN":
        return f"【案场】{title}" + ("" if note.ticket_number is None else f"，{note.ticket_number} 号")
    return f"[Sales office] {title}" + ("" if note.ticket_number is None else f", ticket {note.ticket_number}")
