"""How soon after a registration people arrive: each agent against all others, by medians of the logarithm.

A median hardly moves with a few wild delays, and its interval needs no assumption about how delays are spread: order
statistics and the binomial distribution (David and Nagaraja, Order Statistics, 3rd ed., section 7.1).
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from gateway.fraud.domain import MINUTE, Facts, Registered, Signal

SHORTEST = timedelta(seconds=1)
"""A delay is taken to be at least this long: it has a logarithm then."""

DIGITS = 9
"""Logarithms are inexact: a ratio is compared as rounded, so that exactly the threshold is at it."""


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of `n` values, and an interval that holds the true median at the confidence asked for."""

    n: int
    middle: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class _Case:
    claim: Registered
    at: datetime
    delay: float
    """Natural logarithm of minutes."""


def fast_agents(facts: Facts) -> Iterator[Signal]:
    """An agent whose median delay is at most a set part of all others', and surely shorter than theirs at all.

    Nothing is said of fewer than a set number of cases on either side.
    """
    policy = facts.policy
    cases = list(_cases(facts))
    for agent_id in sorted({case.claim.agent_id for case in cases}):
        theirs = [case for case in cases if case.claim.agent_id == agent_id]
        rest = [case.delay for case in cases if case.claim.agent_id != agent_id]
        if min(len(theirs), len(rest)) < policy.fraud_fast_cases:
            continue
        own, others = (_spread(delays, policy.fraud_confidence) for delays in ([c.delay for c in theirs], rest))
        if own is None or others is None:
            continue
        logs = (own.middle - others.middle, own.low - others.high, own.high - others.low)
        ratio, low, high = (round(math.exp(each), DIGITS) for each in logs)
        if ratio <= policy.fraud_fast_ratio and high < 1:
            figures = {
                "n": own.n,
                "median_minutes": math.exp(own.middle),
                "others_n": others.n,
                "others_median_minutes": math.exp(others.middle),
                "ratio": ratio,
                "ratio_low": low,
                "ratio_high": high,
                "confidence": policy.fraud_confidence,
                "at_most": policy.fraud_fast_ratio,
                "at_least": policy.fraud_fast_cases,
            }
            ids = tuple(sorted({case.claim.registration_id for case in theirs}))
            channels = tuple(sorted({case.claim.channel_id for case in theirs}))
            yield Signal(
                "agent_faster_than_others", max(c.at for c in theirs), figures, ids, channels, agent_id=agent_id
            )


def spread(values: Sequence[float], confidence: float) -> Spread | None:
    """None when there are too few values for an interval of that confidence."""
    ordered, rank = sorted(values), _rank(len(values), confidence)
    return None if rank is None else Spread(len(ordered), median(ordered), ordered[rank], ordered[-1 - rank])


def _spread(values: Sequence[float], confidence: float) -> Spread | None:
    """Each median at half the error, so that their difference holds at the confidence asked for (Bonferroni)."""
    return spread(values, (1 + confidence) / 2)


def _rank(n: int, confidence: float) -> int | None:
    """How many values may be left out at either end: the most that keeps the binomial tails below the error."""
    tail, rank = 0.0, None
    for out in range((n + 1) // 2):
        tail += math.exp(math.lgamma(n + 1) - math.lgamma(out + 1) - math.lgamma(n - out + 1) - n * math.log(2))
        if 2 * tail > 1 - confidence:
            break
        rank = out
    return rank


def _cases(facts: Facts) -> Iterator[_Case]:
    """Of each agent and arrival the oldest registration that it is the first arrival after, under its protection."""
    protection = timedelta(days=facts.policy.protection_to_visit_days)
    known: set[tuple[str, str]] = set()
    for claim in facts.claims:
        for person in claim.people if len(claim.people) == 1 else ():
            first = next((v for v in facts.visits_of.get(person, ()) if v.at >= claim.at), None)
            if first is None or first.at - claim.at > protection or not facts.within(first.at):
                continue
            if (claim.agent_id, first.visit_id) not in known:
                known.add((claim.agent_id, first.visit_id))
                yield _Case(claim, first.at, math.log(max(first.at - claim.at, SHORTEST) / MINUTE))
