"""Two attributions that were written apart decide alike."""

from collections import Counter
from typing import get_args, get_type_hints

from gateway.attribution.domain import Verdict, judge
from gateway.attribution.sources import Brought
from tests.gateway.attribution.days import random_day
from tests.gateway.attribution.oracle import Oracle, Ruled
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
    reached = get_args(get_type_hints(Brought)["rule"])
    owners = ("non_customer", "live_ownership", "last_receiver", "received", "nobody_yet")
    assert all(
        rules[rule] >= DAYS // 50 for rule in (*reached, *(f"owner: {o}" for o in owners), "conflict", "assisted")
    )
    assert rules["split"] >= DAYS // 150


def _as_ruled(said: Verdict) -> Ruled:
    return Ruled(
        source=said.source,
        rule=said.rule,
        channel=said.channel_id,
        agent=said.agent_id,
        referrer=said.referrer_id,
        claim=said.claim_id,
        conflict=sorted(said.conflict),
        owner=said.owner_id,
        owner_rule=said.owner_rule,
        deal={share.consultant_id: share.percent for share in said.shares},
        deal_today={share.consultant_id: share.percent for share in said.same_day_shares},
        open_until=said.open_until,
    )
