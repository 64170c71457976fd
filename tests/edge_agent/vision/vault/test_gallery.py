"""The gallery against a slow oracle, through random adding and removing."""

import random

import numpy as np
import pytest

from edge_agent.vision.vault.gallery import NOBODY, Gallery
from tests.edge_agent.vision.vault.support import DIMENSIONS, Vector, face, glance


class Oracle:
    """What a gallery is: a list that is searched from end to end."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, str, Vector]] = []

    def match(self, vector: Vector) -> tuple[str, float, float] | None:
        of_person: dict[str, float] = {}
        for person, _, row in self.rows:
            of_person[person] = max(of_person.get(person, -2.0), float(np.dot(row, vector)))
        ranked = sorted(of_person.items(), key=lambda item: -item[1])
        if not ranked:
            return None
        return ranked[0][0], ranked[0][1], ranked[1][1] if len(ranked) > 1 else NOBODY


@pytest.mark.parametrize("seed", range(8))
def test_it_agrees_with_a_slow_search(seed: int) -> None:
    dice = random.Random(seed)
    gallery, oracle = Gallery(DIMENSIONS), Oracle()
    for step in range(400):
        action = dice.random()
        if action < 0.55 or not oracle.rows:
            person = f"person-{dice.randrange(40)}"
            consent = f"{person}/{dice.randrange(2)}"
            vector = glance(face(int(person[7:])), seed * 1000 + step, 0.1)
            gallery.add(person, consent, vector)
            oracle.rows.append((person, consent, vector))
        elif action < 0.7:
            consent = dice.choice(oracle.rows)[1]
            gone = [row for row in oracle.rows if row[1] == consent]
            oracle.rows = [row for row in oracle.rows if row[1] != consent]
            assert gallery.remove(consent) == len(gone)
        probe = glance(face(dice.randrange(45)), step, 0.1)
        found, expected = gallery.match(probe), oracle.match(probe)
        assert (found is None) == (expected is None)
        if found is not None and expected is not None:
            assert found.person_ref == expected[0]
            assert found.score == pytest.approx(expected[1], abs=1e-5)
            assert found.second == pytest.approx(expected[2], abs=1e-5)
            assert (found.person_ref, found.consent_id) in {(p, c) for p, c, _ in oracle.rows}
        assert gallery.templates == len(oracle.rows)
        assert gallery.people == len({person for person, _, _ in oracle.rows})


def test_the_second_best_is_another_person_not_another_template() -> None:
    gallery = Gallery(DIMENSIONS)
    for seed in range(3):
        gallery.add("a", "consent-a", glance(face(1), seed, 0.01))
    gallery.add("b", "consent-b", face(2))

    match = gallery.match(face(1))

    assert match is not None
    assert match.person_ref == "a"
    assert match.second < 0.5 < match.score


def test_one_person_alone_has_nobody_beside() -> None:
    gallery = Gallery(DIMENSIONS)
    gallery.add("a", "consent-a", face(1))

    match = gallery.match(face(1))

    assert match is not None
    assert match.second == NOBODY


def test_removed_vectors_are_zeroed_in_memory() -> None:
    gallery = Gallery(DIMENSIONS)
    for seed in range(1000):
        gallery.add(f"p{seed}", f"c{seed}", face(seed))
    for seed in range(1000):
        gallery.remove(f"c{seed}")

    assert gallery.match(face(1)) is None
    assert not gallery._matrix.any()


@pytest.mark.parametrize(
    "vector",
    [face(1) * 1.1, face(1, 64), np.full(DIMENSIONS, np.nan, np.float32), np.zeros(DIMENSIONS, np.float32)],
    ids=["too long", "other length", "nan", "zero"],
)
def test_what_is_no_unit_vector_is_refused_without_being_quoted(vector: Vector) -> None:
    gallery = Gallery(DIMENSIONS)
    for use in (lambda: gallery.add("a", "c", vector), lambda: gallery.match(vector)):
        with pytest.raises(ValueError, match="a face vector") as caught:
            use()
        assert "0." not in str(caught.value)
    assert gallery.templates == 0
