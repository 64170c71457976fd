"""Questions to the reception, pure: how candidates are ranked and which kind of question it is."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from gateway.greetings.domain import ReviewKind

PAIRS: Final[frozenset[ReviewKind]] = frozenset({"one_face_two_files", "one_key_two_files", "files_alike"})
"""Whether two files are one person: about nobody's visit, and nothing that must be answered today."""
Fact = dict[str, str | float | int]
"""One piece of evidence: its `code` (`number`, `face`), and figures."""


def strength(evidence: Sequence[Fact]) -> tuple[int, float]:
    """A typed number before any face; of faces the one furthest above its threshold."""
    numbers = sum(fact["code"] == "number" for fact in evidence)
    margins = [float(fact["score"]) - float(fact["threshold"]) for fact in evidence if fact["code"] == "face"]
    return numbers, max(margins, default=-2.0)


def ranked(candidates: Mapping[str, Sequence[Fact]]) -> list[str]:
    """Customer ids, strongest first; equal ones in the order of their ids, so that it never depends on arrival."""

    def order(customer_id: str) -> tuple[int, float, str]:
        numbers, margin = strength(candidates[customer_id])
        return -numbers, -margin, customer_id

    return sorted(candidates, key=order)


def kind_of(candidates: Iterable[Sequence[Fact]]) -> ReviewKind:
    """One face against a number is a conflict; two faces for one visit are two."""
    faces = sum(any(fact["code"] == "face" for fact in evidence) for evidence in candidates)
    return "two_faces_one_visit" if faces > 1 else "face_conflict"
