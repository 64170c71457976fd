"""Visits of people who were no customers, pure: nothing of such a visit is evidence, and nobody is paid for it.

Agents, couriers, cleaners, inspectors and scouts are `non_customer` (domain.md, Visits): they did not come as anybody's
customer, and who showed them in owns nobody. A manager's ruling on the visit, if later than the mark, counts instead.
"""

from collections.abc import Iterable, Mapping, Sequence

from gateway.attribution.evidence import Came, Marked, OwnerClaim, Received, Ruled, Signal


def in_force(marks: Iterable[Marked], signals: Sequence[Signal]) -> Mapping[str, Marked]:
    """By visit."""
    ruled = [s for s in signals if isinstance(s, Ruled)]
    return {
        mark.visit_id: mark
        for mark in marks
        if not any(ruling.visit_id == mark.visit_id and ruling.ruled_at > mark.at for ruling in ruled)
    }


def of_customers(signals: Iterable[Signal], marked: Mapping[str, Marked]) -> list[Signal]:
    """What was seen and said of visits that are not marked, and whatever is about no visit."""
    return [s for s in signals if not (isinstance(s, Came | Received | OwnerClaim | Ruled) and s.visit_id in marked)]
