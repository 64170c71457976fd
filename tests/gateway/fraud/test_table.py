"""Signals of fraud, case by case (domain.md, Attribution: shown, not deciding)."""

from typing import Any

import pytest

from gateway.fraud.domain import Arrived, Facts, Registered, after_arrival, many_channels, near_arrival, rivals_masked
from gateway.fraud.service import signals
from tests.gateway.fraud.facts import DAY, HOUR, SECOND, came, claimed, of

Fact = Arrived | Registered
MASKED = {"number": None, "ends": "p"}


# ---- registration minutes before or after the door event -----------------------------------------------------------
@pytest.mark.parametrize(
    ("case", "accepted", "minutes"),
    [
        ("at the very arrival", 0, 0),
        ("12 minutes before", -12, 12),
        ("3 minutes after: negative", 3, -3),
        ("exactly 45 minutes before: last instant in", -45, 45),
        ("a second more than 45 minutes before", -45 - SECOND, None),
        ("exactly 45 minutes after", 45, -45),
        ("a second more than 45 minutes after", 45 + SECOND, None),
    ],
)
def test_near_the_arrival(case: str, accepted: float, minutes: float | None) -> None:
    found = [s.figures["minutes_before"] for s in near_arrival(of(came(), claimed(accepted)))]
    assert found == ([] if minutes is None else [minutes]), case


@pytest.mark.parametrize(
    ("case", "facts", "count"),
    [
        ("somebody else's number", [came(), claimed(-5, number="q")], 0),
        ("a masked number that matches", [came(), claimed(-5, **MASKED)], 1),
        ("a masked number that matches two who came", [came(), came(who="q"), claimed(-5, **MASKED, who="p q")], 2),
        ("two channels", [came(), claimed(-5), claimed(-4, agent="d1")], 2),
        ("a visit that a channel brought is shown too", [came(source="channel", by="C"), claimed(-5)], 1),
        ("on the last instant before the period ends", [came(DAY - SECOND), claimed(DAY - 5)], 1),
        ("when the period has ended", [came(DAY), claimed(DAY - 5)], 0),
        ("on the first instant of the period", [came(-DAY), claimed(-DAY - 5)], 1),
        ("before the period began", [came(-DAY - SECOND), claimed(-DAY)], 0),
    ],
)
def test_near_whose_arrival(case: str, facts: list[Fact], count: int) -> None:
    assert len(list(near_arrival(of(*facts)))) == count, case


def test_near_by_the_offices_own_number() -> None:
    assert list(near_arrival(of(came(), claimed(-11), fraud_near_minutes=10))) == []


# ---- a walk-in registered after arrival ----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("case", "source", "accepted", "after"),
    [
        ("at the very instant of the arrival", "walk_in", 0, None),
        ("a second after", "walk_in", SECOND, SECOND),
        ("exactly 24 hours after: last instant in", "walk_in", DAY, DAY),
        ("a second more", "walk_in", DAY + SECOND, None),
        ("before the arrival", "walk_in", -60, None),
        ("a channel's visit", "channel", 60, None),
        ("a referral's visit", "referral", 60, None),
    ],
)
def test_walk_in_registered_after(case: str, source: Any, accepted: float, after: float | None) -> None:
    found = [s.figures["minutes_after"] for s in after_arrival(of(came(source=source), claimed(accepted)))]
    assert found == ([] if after is None else [pytest.approx(after, abs=1e-6)]), case


def test_one_registration_may_be_two_signals() -> None:
    codes = [s.code for s in signals(of(came(), claimed(10)))]
    assert sorted(codes) == ["registered_near_arrival", "walk_in_registered_after"]


# ---- one phone registered by many channels -------------------------------------------------------------------------
def by(*agents: str, first: float = -60.0, apart: float = 1.0, number: str | None = "p") -> list[Registered]:
    return [claimed(first + n * apart, agent=agent, number=number, ends="p") for n, agent in enumerate(agents)]


@pytest.mark.parametrize(
    ("case", "claims", "channels"),
    [
        ("two channels", by("c1", "d1"), None),
        ("three", by("c1", "d1", "e1"), 3),
        ("three agents of two channels", by("c1", "c2", "d1"), None),
        ("three over exactly 15 days: last instant in", by("c1", "d1", "e1", first=-15 * DAY, apart=7.5 * DAY), 3),
        ("a second more", [claimed(-15 * DAY - SECOND), *by("d1", "e1", first=-1.0)], None),
        ("masked ones do not say that it is one number", by("c1", "d1", "e1", number=None), None),
        ("two numbers", [*by("c1", "d1"), claimed(-5, agent="e1", number="q")], None),
        ("the fullest span", [*by("c1", "d1", "e1", "f1"), claimed(DAY - 1, agent="c1")], 4),
        ("complete before the period", by("c1", "d1", "e1", first=-2 * DAY), None),
    ],
)
def test_many_channels(case: str, claims: list[Registered], channels: int | None) -> None:
    found = [s.figures["channels"] for s in many_channels(of(*claims))]
    assert found == ([] if channels is None else [channels]), case


def test_many_channels_need_no_visit_and_say_their_hours() -> None:
    (signal,) = many_channels(of(*by("c1", "d1", "e1", apart=30.0)))
    assert (signal.figures["hours"], signal.figures["at_least"], signal.channel_ids) == (1, 3, ("C", "D", "E"))


# ---- a rival's masked number registered only to conflict -----------------------------------------------------------
def behind(times: int, *, hours: float = 1.0, masked: bool = True) -> list[Fact]:
    """Channel C registers, agent d1 follows with the same ends."""
    return [
        each
        for n in range(times)
        for each in (
            claimed(-600 + n, number=f"p{n}"),
            claimed(-600 + n + hours * HOUR, agent="d1", number=None if masked else f"p{n}", ends=f"p{n}"),
        )
    ]


def own(times: int) -> list[Registered]:
    """Masked registrations of d1 that nobody else had."""
    return [claimed(-30 + n, agent="d1", number=None, ends=f"own{n}") for n in range(times)]


@pytest.mark.parametrize(
    ("case", "facts", "followed"),
    [
        ("two of them", behind(2), None),
        ("three", behind(3), 3),
        ("three among six: exactly the share", [*behind(3), *own(3)], 3),
        ("three among seven", [*behind(3), *own(4)], None),
        ("exactly 48 hours behind: last instant in", behind(3, hours=48), 3),
        ("a second more", behind(3, hours=48 + SECOND / 60), None),
        ("full numbers break a tie, they make none", behind(3, masked=False), None),
        ("before the other", behind(3, hours=-1), None),
        ("one of the three was brought by them", [*behind(3), came(who="p0", source="channel", by="D")], None),
        ("brought by the other", [*behind(3), came(who="p0", source="channel", by="C")], 3),
        ("brought before it was registered", [*behind(3), came(-800, who="p0", source="channel", by="D")], 3),
    ],
)
def test_masked_behind_rivals(case: str, facts: list[Fact], followed: int | None) -> None:
    found = [(s.agent_id, s.figures["followed"]) for s in rivals_masked(of(*facts, days=3))]
    assert found == ([] if followed is None else [("d1", followed)]), case


def test_ones_own_channel_is_no_rival() -> None:
    claims = [claimed(n, agent=a, number=None, ends=f"p{n // 10}") for n in (0, 10, 20) for a in ("c1", "c2")]
    assert list(rivals_masked(of(*claims))) == []


def test_nothing_of_nothing() -> None:
    empty: Facts = of()
    assert signals(empty) == []
