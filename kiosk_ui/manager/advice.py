"""From a floor to sentences a manager can act on: what is wrong, and what to do next. Pure.

An `Advice` names a text `advice.<code>` and its figures; the wording belongs to the catalogue.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Literal

from contracts.floor_api import Floor
from contracts.gateway_api import RuleNote
from contracts.reasons import Reason
from contracts.rota_api import RotaEntry
from kiosk_ui.manager.figures import late_parties, served_seconds, waited_seconds
from kiosk_ui.targets import Targets

Urgency = Literal["act", "watch", "info"]
_FACES = "faces"
_BACKUP = "backup"
_QUESTIONS = "review"
_READING = "reading"
_KNOWN_ALARMS = {"unregistered", "sensor", "unanswered", _FACES, _BACKUP}
_ORDER: dict[Urgency, int] = {"act": 0, "watch": 1, "info": 2}


@dataclass(frozen=True, slots=True)
class Advice:
    """`code` says what is so (`advice.<code>`), `action` what to do (`action.<action>`); both filled from `facts`."""

    urgency: Urgency
    code: str
    action: str
    facts: dict[str, object] = field(default_factory=dict)


def advise(floor: Floor, targets: Targets, now: datetime, zone: tzinfo) -> list[Advice]:
    """Most urgent first. An empty list means that nothing asks for the manager."""
    found = [
        *_waiting(floor, targets, now, zone),
        *_alarms(floor, targets, now, zone),
        *_devices(floor),
        *_link(floor),
        *_dead_letters(floor),
    ]
    return sorted(found, key=lambda advice: _ORDER[advice.urgency])


def _waiting(floor: Floor, targets: Targets, now: datetime, zone: tzinfo) -> Iterator[Advice]:
    late = late_parties(floor, targets, now)
    if late:
        facts: dict[str, object] = {
            "parties": len(late),
            "target": targets.wait_seconds // 60,
            "longest": waited_seconds(late[0], now) // 60,
        }
        action, more = _who_can_help(floor, targets, now, zone)
        yield Advice("act", "waiting_late", action, facts | more)
    elif floor.waiting and not _in_state(floor, "free", "offered"):
        action, more = _who_can_help(floor, targets, now, zone)
        yield Advice("watch", "waiting_none_free", action, {"parties": len(floor.waiting)} | more)


def _who_can_help(floor: Floor, targets: Targets, now: datetime, zone: tzinfo) -> tuple[str, dict[str, object]]:
    """The nearest pair of hands: someone free, whose absence ends first, who has served long."""
    free = sorted(_in_state(floor, "free"), key=lambda entry: entry.place or 99)
    if free:
        return "assign", {"name": free[0].name}
    away = sorted(
        (entry for entry in _in_state(floor, "away") if entry.away_reason in ("lunch", "short_break", "company")),
        key=lambda entry: entry.away_until or now,
    )
    if away:
        until = away[0].away_until
        facts: dict[str, object] = {"name": away[0].name, "reason": f"away.{away[0].away_reason}"}
        if until is None:
            return "call_back", facts
        return "call_back_until", facts | {"until": until.astimezone(zone).strftime("%H:%M")}
    serving = sorted(
        (visit for visit in floor.serving if visit.accepted_at and visit.consultant_name),
        key=lambda visit: visit.accepted_at or now,
    )
    if serving:
        minutes = served_seconds(serving[0], now) // 60
        if minutes >= targets.serving_long_minutes:
            return "hand_over", {"name": serving[0].consultant_name, "minutes": minutes}
    return ("receive", {}) if serving or _in_state(floor, "offered") else ("sign_in", {})


def _in_state(floor: Floor, *states: str) -> list[RotaEntry]:
    return [entry for entry in floor.rota if entry.state in states]


def _alarms(floor: Floor, targets: Targets, now: datetime, zone: tzinfo) -> Iterator[Advice]:
    yield from _counter_alarms(floor, "unregistered", now.astimezone(zone).hour)
    yield from _counter_alarms(floor, "sensor", now.astimezone(zone).hour)
    yield from _unanswered(floor, targets, now, zone)
    for alarm in floor.alarms:
        if alarm.rule == _FACES:
            yield Advice("watch", "alarm_faces", "faces", {"reason": f"faces.{alarm.reason}"})
        elif alarm.rule == _BACKUP:
            yield Advice("watch", "alarm_backup", "backup", {"reason": f"backup.{alarm.reason}"})
        elif alarm.rule == _QUESTIONS:
            yield Advice("watch", "alarm_questions", "questions", {"count": alarm.facts.get("open", 1)})
        elif alarm.rule == _READING:
            yield _beyond_its_limit(alarm)
        elif alarm.rule not in _KNOWN_ALARMS:
            yield Advice("watch", "alarm_other", "look", {"rule": alarm.rule, "reason": alarm.reason})
    yield from _capture(floor, targets)


def _beyond_its_limit(alarm: RuleNote) -> Advice:
    """Brochures are refilled, batteries changed; about anything else in the air somebody opens a window."""
    action = {"pieces": "refill", "weight": "refill", "battery": "battery"}.get(str(alarm.facts["quantity"]), "air")
    return Advice("watch", f"reading_{alarm.reason}", action, dict(alarm.facts))


def _counter_alarms(floor: Floor, rule: str, hour_now: int) -> Iterator[Advice]:
    """One sentence for all hours of a rule, with the figures of the last; only a fresh one asks for an act."""
    hours = sorted((a for a in floor.alarms if a.rule == rule), key=lambda a: int(a.facts.get("hour", -1)))
    if not hours:
        return
    last = hours[-1].facts
    hour = int(last.get("hour", hour_now))
    facts: dict[str, object] = {
        "hour": f"{hour:02d}:00",
        "counted": last.get("counted", floor.count_in),
        "registered": last.get("registered", floor.registered_people),
        "hours": len(hours),
    }
    code = f"alarm_{rule}" if len(hours) == 1 else f"alarm_{rule}_hours"
    yield Advice("act" if hour >= hour_now - 1 else "watch", code, rule, facts)


def _unanswered(floor: Floor, targets: Targets, now: datetime, zone: tzinfo) -> Iterator[Advice]:
    """Everyone free was asked and nobody came: the manager's turn."""
    nobody_came = {str(alarm.facts.get("visit_id")) for alarm in floor.alarms if alarm.rule == "unanswered"}
    parties = [visit for visit in floor.waiting if visit.visit_id in nobody_came]
    if parties:
        numbers = ", ".join(f"{visit.ticket.number:03d}" for visit in parties if visit.ticket)
        action, facts = _who_can_help(floor, targets, now, zone)
        yield Advice("act", "alarm_unanswered", action, {"numbers": numbers or "—"} | facts)


def _capture(floor: Floor, targets: Targets) -> Iterator[Advice]:
    """The day's share, unless an hour's alarm already says so."""
    rate = floor.capture_rate
    if rate is None or floor.count_in < targets.capture_min_people or rate >= targets.capture_rate:
        return
    if not any(alarm.rule == "unregistered" for alarm in floor.alarms):
        facts: dict[str, object] = {"rate": round(rate * 100), "target": round(targets.capture_rate * 100)}
        yield Advice("watch", "capture_low", "unregistered", facts)


def _devices(floor: Floor) -> Iterator[Advice]:
    for node in floor.nodes:
        if not node.online:
            yield Advice("act", "node_offline", "check_node", {"node": node.node})
            continue
        for device in node.devices:
            if device.state != "ok":
                urgency: Urgency = "act" if device.state == "offline" else "watch"
                facts: dict[str, object] = {"device": device.device, "node": node.node, "reason": "—"}
                if device.reason:
                    facts["reason"] = Reason(code=device.reason, facts=device.facts)
                yield Advice(urgency, f"device_{device.state}", "check_device", facts)


def _link(floor: Floor) -> Iterator[Advice]:
    if floor.link.configured and not floor.link.online:
        yield Advice("watch", "link_down", "keep_working", {"pending": floor.link.pending})


def _dead_letters(floor: Floor) -> Iterator[Advice]:
    if floor.dead_letters_today:
        yield Advice("info", "dead_letters", "read_dead_letters", {"count": floor.dead_letters_today})
