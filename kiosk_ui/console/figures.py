"""Sums and formats of the console. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from contracts.central_api import ConsultantFigures, DayFigures, OfficeOverview, OfficeView, Overview

FEN_PER_WAN = 1_000_000
"""Fen in 万元 (10,000 yuan)."""
LEAGUE_DAYS = 14
QUIET_SECONDS = 120
"""An office that says nothing for this long is shown as silent; its gateway sends at least once a minute."""
LAG_SECONDS = 60
Health = Literal["good", "warn", "late", "idle"]


@dataclass(frozen=True, slots=True)
class Funnel:
    """The steps of the sale over some days; amounts in fen."""

    visits: int
    intents: int
    subscriptions: int
    contracts: int
    contract_fen: int
    payments_fen: int


@dataclass(frozen=True, slots=True)
class Totals:
    """All offices together, today. `compared` of them have history: `compared_in` came into those, `usual_in` is what
    usually does, None without any."""

    offices: int
    count_in: int
    compared: int
    compared_in: int
    usual_in: float | None
    occupancy: int
    waiting: int
    serving: int
    visits: int
    contracts: int
    contract_fen: int
    payments_fen: int


def named(overview: Overview, language: str) -> Overview:
    """With the offices and cities as they are called in English, where that is read and they have such a name."""
    if language != "en":
        return overview
    offices = [one.model_copy(update={"office": in_english(one.office)}) for one in overview.offices]
    return overview.model_copy(update={"offices": offices})


def in_english(office: OfficeView) -> OfficeView:
    names = {"name": office.name_en or office.name, "city": office.city_en or office.city}
    return office.model_copy(update=names)


def wan(fen: int) -> str:
    """万元 with one decimal and thousands separated: 12,345,600,000 fen → 12,345.6."""
    return f"{fen / FEN_PER_WAN:,.1f}"


def days_back(now: datetime, days: int) -> tuple[datetime, datetime]:
    return now - timedelta(days=days), now


def funnel_of(days: Sequence[DayFigures]) -> Funnel:
    return Funnel(
        visits=sum(day.visits for day in days),
        intents=sum(day.intents for day in days),
        subscriptions=sum(day.subscriptions for day in days),
        contracts=sum(day.contracts for day in days),
        contract_fen=sum(day.contract_fen for day in days),
        payments_fen=sum(day.payments_fen for day in days),
    )


def with_today(office: OfficeOverview) -> list[DayFigures]:
    """The days by date, today's running figures in their place."""
    days = {day.date: day for day in office.days}
    days[office.today.date] = office.today
    return [days[date] for date in sorted(days)]


def totals(overview: Overview) -> Totals:
    offices = overview.offices
    known = [
        (office.today.count_in, office.usual_in_by_now) for office in offices if office.usual_in_by_now is not None
    ]
    return Totals(
        offices=len(offices),
        count_in=sum(office.today.count_in for office in offices),
        compared=len(known),
        compared_in=sum(count for count, _ in known),
        usual_in=sum(usual for _, usual in known) if known else None,
        occupancy=sum(office.occupancy for office in offices),
        waiting=sum(office.waiting_now for office in offices),
        serving=sum(office.serving_now for office in offices),
        visits=sum(office.today.visits for office in offices),
        contracts=sum(office.today.contracts for office in offices),
        contract_fen=sum(office.today.contract_fen for office in offices),
        payments_fen=sum(office.today.payments_fen for office in offices),
    )


def office_health(office: OfficeOverview, now: datetime) -> Health:
    """Silent offices are `late`, those whose events lag are `warn`, those never heard `idle`."""
    heard = office.office.last_heard_at
    if heard is None:
        return "idle"
    if (now - heard).total_seconds() > QUIET_SECONDS:
        return "late"
    return "warn" if (office.office.lag_seconds or 0) > LAG_SECONDS else "good"


def ranked(league: Sequence[ConsultantFigures]) -> list[ConsultantFigures]:
    """By contract amount, then contracts, then parties received."""
    return sorted(league, key=lambda c: (-c.contract_fen, -c.contracts, -c.received, c.name))


def step_share(step: int, previous: int) -> float | None:
    """Conversion from the step before; None when there was nothing to convert."""
    return step / previous if previous else None
