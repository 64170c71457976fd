"""Two attributions that were written apart decide alike."""

from collections import Counter
from typing import get_args, get_type_hints

from gateway.attribution.domain import judge
from gateway.attribution.sources import Brought
from tests.gateway.attribution.days import random_day
from tests.gateway.attribution.oracle import Oracle
from tests.gateway.attribution.world import SHANGHAI
from tests.gateway.oracle_days import DAYS, SEEDS


def test_both_decide_alike_on_random_days() -> None:
    rules: Counter[str] = Counter()
    for seed in SEEDS:
        for number, (evidence, policy) in enumerate(random_day(seed)):
            said = judge(evidence, policy, SHANGHAI)
            assert _as_ruled(said) == Oracle(evidence, policy, SHANGHAI).rule(), f"day {seed}, visit {number}"
            rules.update((said.rule, f"owner: {said.owner_rule}"))
            rules["conflict"] += bool(said.conflict)
            rules["split"] += len(said.shares) > 1
            rules["assisted"] += said.same_day_shares != said.shares
    print(f"{DAYS} random days from {SEEDS[0]}, {dict(rules)}")
    reached = (
        "non_customer",
        "appeal_upheld",
        "source_in_force",
        "live_ownership",
        "recent_visit",
        "referral",
        "registration",
        "walk_in",
    )
    reached = get_args(get_type_hints(Brought)["rule"])
