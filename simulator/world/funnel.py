"""Steps of the funnel that follow a visit: intent 认筹, subscription 认购, contract 签约, payment 回款."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from contracts.facts import SaleRecorded

SaleKind = Literal["intent", "subscription", "contract", "payment"]
YUAN = 100
INTENT_YUAN, SUBSCRIPTION_YUAN = 20_000, 80_000


@dataclass(frozen=True, slots=True)
class Deal:
    kind: SaleKind
    at: datetime
    amount_fen: int
    unit_ref: str

    def recorded(self, fact_id: str, customer_id: str, consultant_id: str, visit_id: str | None) -> SaleRecorded:
        return SaleRecorded(
            fact_id=fact_id,
            kind=self.kind,
            customer_id=customer_id,
            consultant_id=consultant_id,
            visit_id=visit_id if self.kind == "intent" else None,
            unit_ref=self.unit_ref,
            amount_fen=self.amount_fen,
            at=self.at,
        )


def unit_ref(chance: random.Random) -> str:
    """Building, floor and door as sales offices write them: `3-1201`."""
    return f"{chance.randint(1, 8)}-{chance.randint(2, 26):02d}{chance.randint(1, 4):02d}"


def contract_fen(chance: random.Random) -> int:
    """The price of a flat, in whole thousands of yuan."""
    return chance.randint(1_800, 6_200) * 1_000 * YUAN


def steps(chance: random.Random, left: datetime, visits: int) -> list[Deal]:
    """What follows a visit that ended at `left`; who comes again buys more often."""
    unit, price = unit_ref(chance), contract_fen(chance)
    found: list[Deal] = []
    at = left
    ladder: tuple[tuple[SaleKind, float, int, int], ...] = (
        ("intent", 0.07 if visits == 1 else 0.22, INTENT_YUAN * YUAN, 0),
        ("subscription", 0.55, SUBSCRIPTION_YUAN * YUAN, 2),
        ("contract", 0.75, price, 5),
        ("payment", 0.8, price * 3 // 10, 4),
    )
    for kind, likelihood, amount, days in ladder:
        if chance.random() >= likelihood:
            break
        at += timedelta(days=chance.randint(1, days) if days else 0, minutes=-chance.randint(1, 10))
        found.append(Deal(kind, at, amount, unit))
    return found
