"""Tickets, pure: how many are ahead and how long it may take."""

import math
from collections.abc import Sequence
from statistics import median


def wait_minutes(
    ahead: int, *, free: int, serving_elapsed_minutes: Sequence[float], service_minutes: Sequence[float], default: int
) -> int | None:
    """An estimate in whole minutes until a party with `ahead` others before it is received; None when nobody works.

    Each consultant is taken to need the median of today's measured visits (`default` minutes without any) from the
    start of a visit to its end; those waiting are spread over whoever becomes free first.
    """
    usual = median(service_minutes) if service_minutes else float(default)
    free_in = [0.0] * free + [max(usual - elapsed, 1.0) for elapsed in serving_elapsed_minutes]
    if not free_in:
        return None
    for _ in range(ahead):
        free_in.sort()
        free_in[0] += usual
    return math.ceil(min(free_in))
