"""Reads the days that `drift` compares."""

from datetime import date, datetime, time, timedelta

from sqlmodel import Session, col, func, select

from contracts.nodes_api import CounterDrift, DriftPage
from gateway.context import Context
from gateway.footfall.tables import FootfallMinuteRow
from gateway.localtime import day_bounds
from gateway.nodes.drift import LEAST_DAYS, LEAST_USUAL, Counter, Day, drifts
from gateway.policy import store as policies
from gateway.visits import people

LOOKED_BACK = 28


def read(context: Context) -> DriftPage:
    """Yesterday and the days before it: one that is not over says nothing yet."""
    today = context.clock().astimezone(context.timezone).date()
    with context.database.read() as session:
        _, policy = policies.current(session)
        days = [_day(session, context, today - timedelta(days=ago)) for ago in range(LOOKED_BACK, 0, -1)]
    told = sum(day.registered >= policy.alarm_min_people for day in days)
    enough = told >= LEAST_USUAL + LEAST_DAYS
    found = drifts(days, float(policy.alarm_share), policy.alarm_min_people) if enough else []
    items = [
        CounterDrift(
            node=one.node,
            device=one.device,
            since=one.since,
            days=one.days,
            counted=one.counted,
            expected=one.expected,
            share=one.share,
        )
        for one in found
    ]
    return DriftPage(days=told, items=items)


def _day(session: Session, context: Context, day: date) -> Day:
    registered = sum(
        counted.people - counted.re_entering
        for counted in people.of_day(session, day.isoformat())
        if counted.role == "registered"
    )
    begin, end = day_bounds(datetime.combine(day, time(12), context.timezone), context.timezone)
    return Day(day, registered, _counted(session, begin, end))


def _counted(session: Session, begin: datetime, end: datetime) -> dict[Counter, int]:
    row = FootfallMinuteRow
    query = (
        select(row.node, row.device, func.sum(row.count_in))
        .where(col(row.minute) >= begin, col(row.minute) < end)
        .group_by(col(row.node), col(row.device))
    )
    return {(node, device): int(people_in or 0) for node, device, people_in in session.exec(query)}
