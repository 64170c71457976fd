"""The floor board, complete, from one snapshot of the database."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

from sqlmodel import Session

from contracts.checkin_api import AskableConsultant
from contracts.facts import NOT_A_VISIT
from contracts.floor_api import Floor
from contracts.gateway_api import RuleNote
from gateway.alerts import store as alerts
from gateway.alerts import views as alert_views
from gateway.backup import alarms as backups
from gateway.consents import overview as faces
from gateway.context import Context
from gateway.database import Database
from gateway.deadletters import store as deadletters
from gateway.floor import capture, domain
from gateway.floor.hours import crossings
from gateway.footfall import store as footfall
from gateway.localtime import day_bounds, local_day
from gateway.nodes.service import node_views
from gateway.policy import PolicyConfig
from gateway.policy import store as policies
from gateway.readings import service as site_readings
from gateway.reviews import store as reviews
from gateway.rota import decisions
from gateway.rota import service as rota
from gateway.rota.model import Step
from gateway.uplink.store import link_view
from gateway.visits import store as visits
from gateway.visits.capture import of_day as of_the_day
from gateway.visits.tables import VisitRow
from gateway.visits.views import Views


@dataclass(frozen=True, slots=True)
class Usual:
    """What earlier weeks showed on this weekday, as known at `minute`; None when no week was measured."""

    minute: datetime
    by_hour: dict[int, float] | None
    by_now: float | None


_USUAL: WeakKeyDictionary[Database, Usual] = WeakKeyDictionary()


def read(context: Context) -> Floor:
    now = context.clock()
    zone = context.timezone
    with context.database.read() as session:
        _, policy = policies.current(session)
        views = Views.read(session, context)
        today = crossings(session, now, zone)
        usual = _usual(context, session, now, policy)
        of_day = [v for v in visits.of_day(session, local_day(now, zone)) if v.close_reason not in NOT_A_VISIT]
        waiting = views.line.waiting
        arrived = Counter(v.arrived_at.astimezone(zone).hour for v in of_day)
        count_in = sum(hour.count_in for hour in today.values())
        captured = capture.hours(session, context, now, {hour: sums.count_in for hour, sums in today.items()})
        total = of_the_day(captured)
        readings = site_readings.views(session, now)
        return Floor(
            office=context.config.office,
            as_of=now,
            time_zone=context.config.time_zone,
            count_in=count_in,
            count_out=sum(hour.count_out for hour in today.values()),
            occupancy=domain.occupancy(today.values()),
            registered_people=total.registered,
            capture_rate=total.rate,
            net_in=total.net,
            unregistered_people=total.unregistered,
            first_visits=sum(v.kind == "first" for v in of_day),
            return_visits=sum(v.kind == "return" for v in of_day),
            waiting=views.visits(waiting),
            serving=views.visits(views.line.serving),
            wait_now_seconds=round((now - waiting[0].waiting_since).total_seconds()) if waiting else None,
            wait_median_seconds=domain.median_seconds(_waits(of_day)),
            usual_in_by_now=usual.by_now,
            hours=domain.hours_of_day(today, usual.by_hour, arrived),
            rota=rota.entries(session, context),
            nodes=node_views(session, context),
            link=link_view(session, context),
            dead_letters_today=deadletters.count_since(session, day_bounds(now, zone)[0]),
            readings=readings,
            alarms=capture.alarms(captured, now.astimezone(zone).hour, policy)
            + _alarms(session, waiting)
            + faces.floor_alarms(session, context, now)
            + backups.floor_alarms(context.backup)
            + site_readings.floor_alarms(readings),
            unseen=alert_views.told(session, context, alerts.unseen(session, now)),
        )


def _usual(context: Context, session: Session, now: datetime, policy: PolicyConfig) -> Usual:
    """People in on the same weekday of earlier weeks, read once a minute: the past hardly changes."""
    minute = now.replace(second=0, microsecond=0)
    known = _USUAL.get(context.database)
    if known is None or known.minute != minute:
        days = [7 * week for week in range(1, policy.usual_weeks + 1)]
        past = {ago: crossings(session, now, context.timezone, days_ago=ago) for ago in days}
        by_now = [_in_by(session, minute, context.timezone, ago) for ago, hours in past.items() if hours]
        known = Usual(minute, domain.usual_by_hour(list(past.values())), domain.mean_by_now(by_now))
        _USUAL[context.database] = known
    return known


def _in_by(session: Session, minute: datetime, zone: ZoneInfo, days_ago: int) -> int:
    """People in from midnight to before the same local time, some days ago."""
    midnight, _ = day_bounds(minute, zone, days_ago=days_ago)
    until = datetime.combine(midnight.astimezone(zone).date(), minute.astimezone(zone).time(), zone)
    return footfall.total(session, midnight, until)[0]


def _alarms(session: Session, waiting: Sequence[VisitRow]) -> list[RuleNote]:
    """Parties that nobody answered, and questions."""
    still = [visit for visit in waiting if visit.state == "waiting"]
    steps = decisions.escalated(session)
    alarms = [_unanswered(visit, steps[visit.visit_id]) for visit in still if visit.visit_id in steps]
    questions = reviews.count_open(session)
    return [*alarms, _questions(questions)] if questions else alarms


def _waits(of_day: Sequence[VisitRow]) -> list[timedelta]:
    """How long each party waited to be received; who came back and found another consultant, the second time."""
    return [
        v.accepted_at - (v.waiting_since if v.waiting_since <= v.accepted_at else v.opened_at)
        for v in of_day
        if v.accepted_at
    ]


def askable(session: Session, context: Context) -> list[AskableConsultant]:
    """Whom a visitor may ask for by name: who has signed in today and not left, by name."""
    here = [each for each in rota.entries(session, context) if each.state != "signed_out"]
    return [AskableConsultant(person_id=e.consultant_id, name=e.name) for e in sorted(here, key=lambda e: e.name)]


def _questions(number: int) -> RuleNote:
    """Evidence about who a visitor is contradicts itself, and the reception is asked."""
    return RuleNote(rule="review", outcome="won", reason="conflicting_evidence", facts={"open": number})


def _unanswered(visit: VisitRow, step: Step) -> RuleNote:
    """All free consultants were asked at once and none took it: the manager's turn, then the reception's."""
    facts = {
        "visit_id": visit.visit_id,
        "waiting_since": visit.waiting_since.isoformat(),
        "step": step.rule.removeprefix("rota."),
        "since": step.at.isoformat(),
    }
    return RuleNote(rule="unanswered", outcome="won", reason="nobody_accepted", facts=facts)
