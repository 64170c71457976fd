"""Random days of a sales office as plain data, for whoever plays them: times are seconds after 07:00 local time.

An event is `(second, kind, who or visit, more)`. Kinds: sign_in, sign_out, away (reason, minutes), back, sleep and wake
(the tablet), arrive (source, owner, asked_for, needs), accept, decline, finish.
"""

import random
from dataclasses import dataclass, field
from typing import Any

OPENS, CLOSES = 5400, 41400
"""08:30 and 18:30."""
REASONS = ("lunch", "company", "short_break", "leave", "rest", "private")
STARTS = (OPENS - 200, OPENS - 5, OPENS + 3600, CLOSES - 300, CLOSES - 40)
GAPS = (1, 2, 5, 9, 15, 29, 30, 31, 45, 60, 90, 119, 120, 121, 240, 599, 600, 601)


@dataclass(frozen=True)
class Event:
    at: int
    kind: str
    who: str
    more: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Day:
    """Who works there, with what they speak; who only started today; and what happens."""

    skills: dict[str, frozenset[str]]
    starters: frozenset[str]
    events: tuple[Event, ...]


@dataclass(frozen=True)
class Line:
    """One decision that was kept: for which visit, by which rule, to whom, and whether it used a turn."""

    at: int
    visit: str
    rule: str
    chosen: tuple[str, ...]
    uses_turn: bool


def random_day(seed: int) -> Day:
    dice = random.Random(seed)
    names = "abcdefg"[: dice.randint(2, 7)]
    skills = {n: frozenset({"language:en"} if dice.random() < 0.3 else ()) for n in names}
    starters = frozenset(n for n in names if dice.random() < 0.07)
    now = dice.choice(STARTS) - dice.randint(0, 60)
    events = []
    for name in dice.sample(names, len(names)):
        if dice.random() < 0.9:
            now += dice.randint(1, 5)
            events.append(Event(now, "sign_in", name))
    for number in range(dice.randint(8, 30)):
        now += dice.choice(GAPS)
        events.append(_event(dice, now, names, number))
    return Day(skills, starters, tuple(events))


def _event(dice: random.Random, now: int, names: str, number: int) -> Event:
    kinds = ("arrive", "accept", "decline", "finish", "away", "back", "sleep", "wake", "sign_in", "sign_out")
    kind = dice.choices(kinds, weights=(26, 30, 4, 22, 7, 7, 4, 4, 2, 1))[0]
    if kind == "arrive":
        return Event(now, kind, f"v{number}", _arrival(dice, names))
    more = {"reason": dice.choice(REASONS), "minutes": dice.choice((None, 1, 9, 10, 11, 30))} if kind == "away" else {}
    return Event(now, kind, dice.choice(names), more)


def _arrival(dice: random.Random, names: str) -> dict[str, Any]:
    return {
        "source": dice.choice(("walk_in", "walk_in", "walk_in", "channel", "referral")),
        "owner": dice.choice(names) if dice.random() < 0.2 else None,
        "asked_for": dice.choice(names) if dice.random() < 0.1 else None,
        "needs": ("language:en",) if dice.random() < 0.15 else (),
    }
