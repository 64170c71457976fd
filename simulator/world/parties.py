"""Parties that come to a sales office: how many in which hour, how large, how long they stay."""

import math
import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from contracts.gateway_api import Purpose

OPENS, CLOSES = 9, 18
HOUR_WEIGHTS = {9: 0.5, 10: 1.1, 11: 1.0, 12: 0.5, 13: 0.7, 14: 1.2, 15: 1.4, 16: 1.1, 17: 0.6}
"""Share of an hour's usual arrivals; the mean over the opening hours is 0.9."""
WEEKDAY_WEIGHTS = (0.75, 0.7, 0.75, 0.8, 0.95, 1.6, 1.5)
_SIZES, _SIZE_WEIGHTS = (1, 2, 3, 4, 5), (28, 42, 17, 9, 4)
_PURPOSES: tuple[Purpose, ...] = ("view_home", "appointment", "other")
_PURPOSE_WEIGHTS = (85, 10, 5)


@dataclass(frozen=True, slots=True)
class Party:
    """`at` is when they walk through the door, UTC; `stay` how long they are served."""

    at: datetime
    size: int
    purpose: Purpose
    returning: bool
    stay: timedelta


def party(chance: random.Random, at: datetime) -> Party:
    return Party(
        at=at,
        size=chance.choices(_SIZES, _SIZE_WEIGHTS)[0],
        purpose=chance.choices(_PURPOSES, _PURPOSE_WEIGHTS)[0],
        returning=chance.random() < 0.3,
        stay=timedelta(minutes=min(110.0, chance.lognormvariate(math.log(38), 0.45))),
    )


def day_of_parties(chance: random.Random, day: date, zone: ZoneInfo, parties_per_day: float) -> list[Party]:
    """The parties of one local day in the order of their arrival. `parties_per_day` is the mean over a week."""
    total = sum(HOUR_WEIGHTS.values())
    found = []
    for hour, weight in HOUR_WEIGHTS.items():
        mean = parties_per_day * WEEKDAY_WEIGHTS[day.weekday()] * weight / total
        opens = datetime.combine(day, time(hour), zone).astimezone(UTC)
        found += [opens + timedelta(seconds=chance.uniform(0, 3600)) for _ in range(poisson(chance, mean))]
    return [party(chance, at) for at in sorted(found)]


def poisson(chance: random.Random, mean: float) -> int:
    """A Poisson number (Knuth's product of uniforms; means here stay below 100)."""
    limit, product, count = math.exp(-mean), chance.random(), 0
    while product > limit:
        product *= chance.random()
        count += 1
    return count


def busyness(local: datetime) -> float:
    """Share of the usual arrival rate at a local time of the running simulation; 0.3 outside the opening hours."""
    return HOUR_WEIGHTS.get(local.hour, 0.3)
