"""How much of the customer files one person or device may look up here: by the policy in force."""

from collections.abc import Sequence
from datetime import datetime

from contracts import lookup_limits
from contracts.lookup_limits import Past
from gateway.policy import PolicyConfig

__all__ = ["Past", "wait_seconds"]


def wait_seconds(past: Sequence[Past], now: datetime, policy: PolicyConfig) -> int:
    """0: search on. Otherwise the whole seconds until there is room again."""
    return lookup_limits.wait_seconds(
        past, now, in_a_minute=policy.lookups_per_minute, files_in_an_hour=policy.lookup_files_per_hour
    )
