"""Two rotas that were written apart give the same turns."""

from collections import Counter

from tests.gateway.oracle_days import DAYS, SEEDS
from tests.gateway.rota.days import random_day
from tests.gateway.rota.oracle import Oracle
from tests.gateway.rota.played import Played


def test_both_decide_alike_on_random_days() -> None:
    rules: Counter[str] = Counter()
    for seed in SEEDS:
        day = random_day(seed)
        ours = Played(day).play()
        assert ours == Oracle(day).play(), f"day {seed}"
        rules.update(line.rule for line in ours)
    print(f"{DAYS} random days from {SEEDS[0]}, {rules.total()} decisions alike: {dict(rules)}")
    assert set(rules) >= {
        "rota.next",
        "rota.make_up",
        "rota.owner",
        "rota.assist",
        "rota.asked_for",
        "rota.outside_hours",
        "rota.all_free",
        "rota.manager",
        "rota.reception",
        "rota.wait",
    }
