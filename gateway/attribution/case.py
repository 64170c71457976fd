"""The evidence of a visit as its policy lets it be read: whose family counts, and which project's claims."""

from collections.abc import Iterable
from dataclasses import dataclass

from gateway.attribution.evidence import (
    Came,
    Departed,
    Evidence,
    Marked,
    Member,
    OwnerClaim,
    Received,
    Referral,
    Registration,
    Ruled,
    Signal,
    Standing,
)
from gateway.attribution.marked import in_force, of_customers
from gateway.attribution.ownership import Ownership, customer_of, ownership_at, reading_order
from gateway.attribution.rules import Rules


@dataclass(frozen=True, slots=True)
class Case:
    """`earlier`: the party's signals of other visits, in scope. `acquainted`: whether the office knew one of them.

    `known`: the ownership at the arrival, ended or not. `received`: how this very visit was received, in order.
    `ruled_source` and `ruled_owner`: the newest ruling on this visit that says something of either. `marked`: those who
    came were no customers.
    """

    evidence: Evidence
    rules: Rules
    earlier: tuple[Signal, ...]
    visits: tuple[Came, ...]
    received: tuple[Received, ...]
    acquainted: bool
    known: Ownership | None
    registrations: tuple[Registration, ...]
    referrals: tuple[Referral, ...]
    standing: tuple[Standing, ...]
    ruled_source: Ruled | None
    ruled_owner: Ruled | None
    marked: Marked | None

    @property
    def owned(self) -> bool:
        """Whether an ownership from before this visit holds at the arrival."""
        return self.known is not None and not self.known.ended


def read(evidence: Evidence, rules: Rules) -> Case:
    family = family_of(evidence.party, rules)
    arrived = evidence.arrived_at
    marked = in_force(evidence.marked, evidence.signals)
    signals = of_customers(evidence.signals, marked)
    others = [s for s in signals if _of_family(s, family) and not _of_visit(s, evidence.visit_id)]
    claims = [s for s in signals if isinstance(s, OwnerClaim)]
    in_scope = (s for s in others if rules.same_scope(getattr(s, "project", ""), evidence.project))
    earlier = (*(s for s in in_scope if s.at <= arrived), *claims)
    rulings = [s for s in signals if isinstance(s, Ruled) and s.visit_id == evidence.visit_id]
    mine = [s for s in signals if isinstance(s, Received) and s.visit_id == evidence.visit_id]
    return Case(
        evidence=evidence,
        rules=rules,
        earlier=earlier,
        visits=tuple(sorted((s for s in earlier if isinstance(s, Came)), key=reading_order)),
        received=tuple(sorted(mine, key=reading_order)),
        acquainted=any(customer_of(s) is not None and s.at < arrived for s in others),
        known=ownership_at(earlier, arrived, rules),
        registrations=tuple(r for r in evidence.registrations if r.customer_id in family),
        referrals=tuple(r for r in evidence.referrals if r.customer_id in family),
        standing=tuple(
            s
            for s in evidence.standing
            if s.customer_id in family
            and s.visit_id not in (evidence.visit_id, *marked)
            and s.at <= arrived
            and rules.same_scope(s.project, evidence.project)
        ),
        ruled_source=_newest(r for r in rulings if r.source is not None),
        ruled_owner=_newest(r for r in rulings if r.owner_id is not None),
        marked=marked.get(evidence.visit_id),
    )


def _newest(rulings: Iterable[Ruled]) -> Ruled | None:
    return max(rulings, key=lambda r: (r.ruled_at, r.ruling_id), default=None)


def family_of(party: Iterable[Member], rules: Rules) -> frozenset[str]:
    """Spouses, parents and children are one buying party; siblings as the policy says."""
    return frozenset(
        member.customer_id for member in party if rules.policy.siblings_are_family or member.relation != "sibling"
    )


def _of_family(signal: Signal, family: frozenset[str]) -> bool:
    return isinstance(signal, Departed) or customer_of(signal) in family


def _of_visit(signal: Signal, visit_id: str) -> bool:
    return isinstance(signal, Came | Received | Ruled) and signal.visit_id == visit_id
