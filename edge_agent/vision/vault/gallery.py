"""Exact match in memory: one contiguous matrix of unit vectors, the person of each row alongside.

An index such as HNSW gains nothing at office size and would leave vectors on disk (facts, "Faces").
"""

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from edge_agent.vision.ports import Vector

_FIRST_ROOM = 256
_UNIT_TOLERANCE = 1e-3
NOBODY = -1.0
"""The similarity of the second best person when there is only one."""


@dataclass(frozen=True, slots=True)
class Match:
    """The nearest person, and how near the next *other* person is. Cosines, -1 to 1."""

    person_ref: str
    consent_id: str
    score: float
    second: float


@dataclass(frozen=True, slots=True)
class Near:
    """How near a person's vectors of one consent come. A cosine, -1 to 1."""

    person_ref: str
    consent_id: str
    score: float


class Gallery:
    """Vectors of one engine and model. Safe from any thread; `dimensions` is the length of its vectors."""

    def __init__(self, dimensions: int) -> None:
        self.dimensions = dimensions
        self._matrix = np.zeros((_FIRST_ROOM, dimensions), dtype=np.float32)
        self._rows: list[tuple[str, str]] = []
        """(person_ref, consent_id) of each row in use; the matrix's rows beyond are zero."""
        self._of_person: dict[str, set[int]] = {}
        self._of_consent: dict[str, set[int]] = {}
        self._lock = threading.Lock()

    @property
    def people(self) -> int:
        with self._lock:
            return len(self._of_person)

    @property
    def templates(self) -> int:
        with self._lock:
            return len(self._rows)

    def add(self, person_ref: str, consent_id: str, vector: "Vector") -> None:
        """Raises ValueError for a vector that is not finite, of another length, or not of unit length."""
        checked = unit(vector, self.dimensions)
        with self._lock:
            row = len(self._rows)
            if row == len(self._matrix):
                self._grow()
            self._matrix[row] = checked
            self._rows.append((person_ref, consent_id))
            self._of_person.setdefault(person_ref, set()).add(row)
            self._of_consent.setdefault(consent_id, set()).add(row)

    def remove(self, consent_id: str) -> int:
        """Take out every vector of a consent; how many there were. Their memory is zeroed."""
        with self._lock:
            rows = sorted(self._of_consent.get(consent_id, ()), reverse=True)
            for row in rows:
                self._remove_row(row)
            return len(rows)

    def match(self, vector: "Vector") -> Match | None:
        """The nearest person; None when the gallery is empty. Raises ValueError like `add`."""
        probe = unit(vector, self.dimensions)
        with self._lock:
            if not self._rows:
                return None
            scores = self._matrix[: len(self._rows)] @ probe
            best = int(np.argmax(scores))
            score = float(scores[best])
            person_ref, consent_id = self._rows[best]
            own = self._of_person[person_ref]
            scores[list(own)] = -np.inf
            second = float(scores.max()) if len(own) < len(self._rows) else NOBODY
        return Match(person_ref, consent_id, _cosine(score), _cosine(second))

    def near(self, vector: "Vector", least: float) -> list[Near]:
        """Everybody at least as near as the cosine `least`, nearest first. Raises ValueError like `add`."""
        probe = unit(vector, self.dimensions)
        with self._lock:
            scores = (self._matrix[: len(self._rows)] @ probe).astype(np.float64)
            found: dict[tuple[str, str], float] = {}
            for row in np.flatnonzero(scores >= least):
                who = self._rows[row]
                found[who] = max(found.get(who, NOBODY), _cosine(float(scores[row])))
        return sorted((Near(*who, score) for who, score in found.items()), key=_nearest_first)

    def clear(self) -> None:
        with self._lock:
            self._matrix.fill(0)
            self._rows.clear()
            self._of_person.clear()
            self._of_consent.clear()

    def _grow(self) -> None:
        larger = np.zeros((2 * len(self._matrix), self.dimensions), dtype=np.float32)
        larger[: len(self._matrix)] = self._matrix
        self._matrix.fill(0)
        self._matrix = larger

    def _remove_row(self, row: int) -> None:
        """The last row takes the place of the removed one."""
        _discard(self._of_person, self._rows[row][0], row)
        _discard(self._of_consent, self._rows[row][1], row)
        last = len(self._rows) - 1
        if row != last:
            self._matrix[row] = self._matrix[last]
            self._rows[row] = self._rows[last]
            for rows in (self._of_person[self._rows[row][0]], self._of_consent[self._rows[row][1]]):
                rows.discard(last)
                rows.add(row)
        self._matrix[last] = 0
        self._rows.pop()


def unit(vector: "Vector", dimensions: int) -> "Vector":
    """`vector` as contiguous float32 of length one. Raises ValueError, without the vector's numbers."""
    flat = np.ascontiguousarray(vector, dtype=np.float32)
    if flat.shape != (dimensions,):
        raise ValueError(f"a face vector has shape {flat.shape}, the gallery {dimensions} dimensions")
    length = float(np.linalg.norm(flat))
    if not abs(length - 1.0) <= _UNIT_TOLERANCE:
        raise ValueError("a face vector is not of unit length")
    return flat


def _discard(index: dict[str, set[int]], key: str, row: int) -> None:
    index[key].discard(row)
    if not index[key]:
        del index[key]


def _nearest_first(near: Near) -> tuple[float, str, str]:
    return -near.score, near.person_ref, near.consent_id


def _cosine(value: float) -> float:
    return min(max(value, -1.0), 1.0)
