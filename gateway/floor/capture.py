"""The capture rate of a day, hour by hour, from the doors and from the signals of the visits."""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from sqlmodel import Session

from contracts.floor_api import CaptureDay, CaptureHour, CaptureView
from contracts.gateway_api import RuleNote
from gateway.context import Context
from gateway.floor.hours import crossings
from gateway.policy import PolicyConfig
from gateway.policy import store as policies
from gateway.visits import capture, people
from gateway.visits.capture import Capture


def hours(session: Session, context: Context, at: datetime, counted_in: dict[int, int]) -> list[Capture]:
    """All 24 hours of the local day that `at` is in."""
    day = at.astimezone(context.timezone).date().isoformat()
    return capture.by_hour(counted_in, people.of_day(session, day), context.timezone)


def alarms(of_day: Sequence[Capture], until_hour: int, policy: PolicyConfig) -> list[RuleNote]:
    """Of each hour before `until_hour`: one that is not over says nothing yet."""
    found = (capture.alarm(of_day[hour], policy, hour=hour) for hour in range(until_hour))
    return [alarm for alarm in found if alarm is not None]


def read(context: Context, day: date) -> CaptureDay:
    zone, now = context.timezone, context.clock().astimezone(context.timezone)
    noon = datetime.combine(day, time(12), zone)
    with context.database.read() as session:
        _, policy = policies.current(session)
        counted = {hour: sums.count_in for hour, sums in crossings(session, noon, zone).items()}
        of_day = hours(session, context, noon, counted)
    over = 24 if noon.date() < now.date() else now.hour if noon.date() == now.date() else 0
    return CaptureDay(
        day=noon.date().isoformat(),
        total=CaptureView.model_validate(_figures(capture.of_day(of_day), policy, None)),
        hours=[
            CaptureHour.model_validate(_figures(one, policy if hour < over else None, hour))
            for hour, one in enumerate(of_day)
        ],
    )


def _figures(one: Capture, policy: PolicyConfig | None, hour: int | None) -> dict[str, Any]:
    return {
        "counted": one.counted,
        "staff": one.staff,
        "non_customers": one.non_customers,
        "re_entries": one.re_entries,
        "net": one.net,
        "registered": one.registered,
        "unregistered": one.unregistered,
        "rate": one.rate,
        "alarm": None if policy is None else capture.alarm(one, policy, hour=hour),
    } | ({} if hour is None else {"hour": hour})
