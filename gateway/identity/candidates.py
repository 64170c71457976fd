"""Who else it may be, pure: one person's marks against other people's, ranked, with reasons.

An ID number is one person's. A name, its sound and the ends of a number only ask, and nothing here ever merges
(domain.md, Ownership and duplicates: «the same name with another phone is not a match; it is a candidate for review»).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from contracts.identity_api import AlikeBy

STRONG: tuple[AlikeBy, ...] = ("id_number",)
WEAK: tuple[AlikeBy, ...] = ("name", "masked_phone", "sounds_alike")

Marks = Mapping[AlikeBy, frozenset[str]]
"""What is known of a person: keyed indexes, compared for equality only. Of merged files everything together."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """`other_id_number`: both have one and they differ, which speaks against their being one person."""

    customer_id: str
    reasons: tuple[AlikeBy, ...]
    other_id_number: bool = False
    rule: str | None = field(init=False)
    """Why the reception is asked; None where it is not."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "rule", _rule(self.reasons, self.other_id_number))


def may_ask(seen: Marks) -> bool:
    """Whether anybody who shares these marks could be asked about: the ends of a number alone ask about nobody."""
    return any(seen.get(kind) for kind in ("id_number", "name", "sounds_alike"))


def find(seen: Marks, people: Mapping[str, Marks]) -> tuple[Candidate, ...]:
    """Whoever shares something, strongest first. `people` by the id of the file that speaks for each."""
    found = (_compare(seen, customer_id, known) for customer_id, known in people.items())
    return tuple(sorted((each for each in found if each is not None), key=_order))


def to_ask(found: Iterable[Candidate], most: int) -> tuple[Candidate, ...]:
    """About whom the reception is asked, of the ranked: every shared ID number, and at most `most` that are alike."""
    asked = [each for each in found if each.rule is not None]
    strong = [each for each in asked if each.reasons[0] in STRONG]
    weak = [each for each in asked if each.reasons[0] not in STRONG]
    return (*strong, *weak[:most])


def _order(candidate: Candidate) -> tuple[int, int, str]:
    """Strong reasons before weak ones, in the order of the kinds; then more of them; then by id."""
    best = min((*STRONG, *WEAK).index(reason) for reason in candidate.reasons)
    return best, -len(candidate.reasons), candidate.customer_id


def _compare(seen: Marks, customer_id: str, known: Marks) -> Candidate | None:
    def shared(kind: AlikeBy) -> bool:
        return bool(seen.get(kind, frozenset()) & known.get(kind, frozenset()))

    reasons = tuple(kind for kind in (*STRONG, *WEAK) if shared(kind))
    if "name" in reasons:
        reasons = tuple(kind for kind in reasons if kind != "sounds_alike")
    if not reasons:
        return None
    differs = bool(seen.get("id_number") and known.get("id_number")) and "id_number" not in reasons
    return Candidate(customer_id, reasons, differs)


def _rule(reasons: tuple[AlikeBy, ...], other_id_number: bool) -> str | None:
    """The ends of a number, or a sound, are shared by too many people to ask for that alone."""
    if "id_number" in reasons:
        return "identity.one_id_number"
    if other_id_number:
        return None
    if "name" in reasons:
        return "identity.same_name"
    return "identity.sounds_alike_same_ends" if len(reasons) > 1 else None
