"""Plausible floors and overviews for the screens' tests, at a fixed moment unless told otherwise."""

from datetime import UTC, datetime, timedelta
from typing import Any

from contracts.central_api import DayFigures, FootfallPoint, OfficeOverview, OfficeView, Overview
from contracts.floor_api import (
    DeviceView,
    Floor,
    HourCount,
    LinkView,
    NodeView,
)
from contracts.gateway_api import CustomerView, TicketView, VisitView
from contracts.ids import uuid7
from contracts.rota_api import RotaEntry

NOON = datetime(2026, 11, 22, 4, 30, tzinfo=UTC)
"""Sunday 12:30 in Shanghai."""


def visit(minutes: float, *, now: datetime = NOON, number: int = 7, **fields: Any) -> VisitView:
    """A party that checked in `minutes` before `now`."""
    opened = now - timedelta(minutes=minutes)
    return VisitView(
        **{
            "visit_id": uuid7(),
            "kind": "first",
            "state": "waiting",
            "party_size": 2,
            "purpose": "view_home",
            "opened_at": opened,
            "ticket": TicketView(ticket_id=uuid7(), number=number, state="waiting", issued_at=opened),
            "customer": CustomerView(
                edition="1", customer_id=uuid7(), name="陈**", phone="138****2345", visit_count=1, first_seen=opened
            ),
        }
        | fields
    )


def served(name: str, minutes: float, *, now: datetime = NOON, **fields: Any) -> VisitView:
    accepted = now - timedelta(minutes=minutes)
    return visit(minutes + 2, now=now, state="serving", consultant_name=name, accepted_at=accepted, **fields)


def consultant(name: str, state: str, **fields: Any) -> RotaEntry:
    return RotaEntry(**{"consultant_id": uuid7(), "name": name, "state": state, "place": None} | fields)


def floor(*, now: datetime = NOON, **fields: Any) -> Floor:
    """A calm floor: nobody waits, one consultant is free, everything is up."""
    node = NodeView(
        node="lobby",
        online=True,
        lag=0,
        unsafe=0,
        last_seen=now,
        devices=[DeviceView(device="door-main", driver="modbus_counter", state="ok", node="lobby")],
    )
    hours = [HourCount(hour=h, count_in=10 * (h in (9, 10, 11, 12)), count_out=0, visits=3) for h in range(24)]
    return Floor(
        **{
            "office": "yunqi",
            "as_of": now,
            "time_zone": "Asia/Shanghai",
            "count_in": 40,
            "count_out": 28,
            "occupancy": 12,
            "registered_people": 36,
            "capture_rate": 0.9,
            "first_visits": 11,
            "return_visits": 4,
            "waiting": [],
            "serving": [],
            "wait_now_seconds": None,
            "wait_median_seconds": 95,
            "usual_in_by_now": 38.0,
            "hours": hours,
            "rota": [consultant("李明", "free", place=1)],
            "nodes": [node],
            "link": LinkView(configured=True, online=True, pending=0, last_ack_at=now),
            "dead_letters_today": 0,
        }
        | fields
    )


def day(date: str, **fields: Any) -> DayFigures:
    return DayFigures(**{"date": date, "count_in": 100, "visits": 30} | fields)


def office(name: str = "yunqi", *, now: datetime = NOON, **fields: Any) -> OfficeOverview:
    view = OfficeView(office=name, name=f"案场 {name}", city="杭州", created_at=now, last_heard_at=now, lag_seconds=1.0)
    return OfficeOverview(
        **{
            "office": view,
            "today": day("2026-11-22", count_in=120, contracts=1, contract_fen=250_000_000),
            "usual_in_by_now": 100.0,
            "occupancy": 12,
            "waiting_now": 1,
            "serving_now": 2,
            "hours": [FootfallPoint(at=now.replace(minute=0), count_in=30, count_out=20)],
            "days": [day("2026-11-21", intents=4, subscriptions=2), day("2026-11-22")],
        }
        | fields
    )


def overview(*offices: OfficeOverview, now: datetime = NOON) -> Overview:
    return Overview(as_of=now, offices=list(offices) or [office("yunqi", now=now), office("jinsha", now=now)])
