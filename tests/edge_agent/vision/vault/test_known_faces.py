"""A face that is in the gallery already: one person, one reference (domain.md: nobody is two customers by face)."""

import json
import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.events import FaceEnrolment
from contracts.ids import uuid7
from edge_agent.logs import JsonFormatter
from edge_agent.vision.vault.decide import known_as
from edge_agent.vision.vault.gallery import Near
from edge_agent.vision.vault.vault import AlreadyKnownError
from tests.edge_agent.vision.vault.support import SCALE, Bench, Engine, Vector, aside, entry, face, files_with, glance

HALF = Engine(scale=replace(SCALE, threshold_one=0.5))
"""With one person in the gallery the threshold is exactly 0.5."""
JUST_BELOW = float(np.nextafter(np.float32(0.5), np.float32(0)))


def enrol(bench: Bench, *vectors: Vector) -> tuple[str, str]:
    consent, person = bench.grant()
    bench.vault.enrol(consent, person, [(vector, 0.9) for vector in vectors])
    return consent, person


def test_a_face_known_under_another_reference_is_refused_and_nothing_of_it_kept(bench: Bench) -> None:
    _, first = bench.enrol(face(1))
    consent, person = bench.grant()
    again = glance(face(1), 7)
    with pytest.raises(AlreadyKnownError) as refused:
        bench.vault.enrol(consent, person, [(again, 0.9)])

    assert refused.value.other_ref == first
    assert (bench.vault.count(consent), bench.vault.status().people) == (0, 1)
    assert files_with(bench.folder, again.tobytes()[:16]) == []


def test_one_look_of_three_that_is_somebody_else_is_enough(bench: Bench) -> None:
    _, first = bench.enrol(face(1))
    with pytest.raises(AlreadyKnownError) as refused:
        enrol(bench, face(2), glance(face(1), 7), face(3))
    assert refused.value.other_ref == first


@pytest.mark.parametrize(("cosine", "refused"), [(0.5, True), (JUST_BELOW, False)], ids=["at", "just below"])
def test_the_threshold_is_that_of_recognition_to_the_last_bit(bench: Bench, cosine: float, refused: bool) -> None:
    bench.vault.use_engine(HALF)
    known, similar = aside(cosine)
    enrol(bench, known)
    if refused:
        with pytest.raises(AlreadyKnownError):
            enrol(bench, similar)
    else:
        enrol(bench, similar)
    assert bench.vault.status().people == (1 if refused else 2)


def test_a_larger_gallery_asks_for_more_as_in_recognition(bench: Bench) -> None:
    """0.5 at one person, 0.54 at ten: a cosine of 0.52 is somebody else then."""
    bench.vault.use_engine(HALF)
    known, similar = aside(0.52)
    enrol(bench, known)
    with pytest.raises(AlreadyKnownError):
        enrol(bench, similar)
    for seed in range(100, 109):
        enrol(bench, face(seed))
    enrol(bench, similar)
    assert bench.vault.status().people == 11


def test_the_same_reference_enrols_again(bench: Bench) -> None:
    consent, person = bench.enrol(face(1))
    bench.vault.enrol(consent, person, [(glance(face(1), 7), 0.9)])
    renewed = uuid7()
    bench.copy.apply([entry(renewed, person)], lambda _: 0, None)
    bench.vault.enrol(renewed, person, [(glance(face(1), 8), 0.9)])
    assert (bench.vault.status().people, bench.vault.count(renewed)) == (1, 1)


def test_who_is_nearest_to_their_own_templates_renews_beside_somebody_similar(bench: Bench) -> None:
    """The gallery shrank since both were enrolled, and its threshold with it."""
    bench.vault.use_engine(Engine(scale=replace(SCALE, threshold_one=0.6)))
    own, similar = aside(0.55)
    consent, person = enrol(bench, own)
    enrol(bench, similar)
    bench.vault.use_engine(HALF)
    bench.vault.enrol(consent, person, [(own, 0.9)])
    assert bench.vault.count(consent) == 1


def test_a_refused_renewal_leaves_what_was_held(bench: Bench) -> None:
    consent, _person = bench.enrol(face(1))
    _, other = bench.enrol(face(2))
    with pytest.raises(AlreadyKnownError) as refused:
        bench.vault.enrol(consent, _person, [(glance(face(2), 7), 0.9)])
    assert refused.value.other_ref == other
    assert bench.vault.count(consent) == 3


def test_a_consent_that_ended_hides_nobody_and_stands_in_nobody_s_way(bench: Bench) -> None:
    """A renewal is a new reference; the old one's templates may still wait for their deletion."""
    ended, before = bench.enrol(face(1))
    bench.copy.apply([entry(ended, before, granted=False)], bench.vault.count, None)
    consent, _ = enrol(bench, glance(face(1), 7))
    assert bench.vault.count(consent) == 1

    with pytest.raises(AlreadyKnownError):
        enrol(bench, face(1))


def test_the_refusal_is_logged_by_reference_only(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    _, first = bench.enrol(face(1))
    consent, second = bench.grant()
    with caplog.at_level(logging.WARNING), pytest.raises(AlreadyKnownError):
        bench.vault.enrol(consent, second, [(face(1), 0.9)])

    (record,) = [r for r in caplog.records if "another reference" in r.getMessage()]
    line = json.loads(JsonFormatter().format(record))
    assert (line["person_ref"], line["other_ref"]) == (second, first)


def test_what_was_refused_is_not_there_after_a_restart(bench: Bench, tmp_path: Path) -> None:
    bench.enrol(face(1))
    consent, _ = bench.grant()
    with pytest.raises(AlreadyKnownError):
        bench.vault.enrol(consent, bench.copy.get(consent).person_ref, [(face(1), 0.9)])  # type: ignore[union-attr]
    bench.restart()
    assert consent not in bench.vault.held()


def event(**change: object) -> dict[str, object]:
    fields: dict[str, object] = {"consent_id": uuid7(), "person_ref": uuid7(), "outcome": "done", "shots": 3}
    return fields | {"seconds": 2.0} | change


def test_the_event_names_another_reference_exactly_when_it_was_known() -> None:
    other = uuid7()
    assert FaceEnrolment.model_validate(event(outcome="already_known", other_ref=other)).other_ref == other
    for wrong in (
        event(outcome="already_known"),
        event(outcome="done", other_ref=other),
        event(outcome="already_known", other_ref=other, person_ref=other),
    ):
        with pytest.raises(ValueError, match="already_known"):
            FaceEnrolment.model_validate(wrong)


NEAR = st.builds(Near, st.sampled_from("abcd"), st.sampled_from("12"), st.sampled_from([0.5, 0.6, 0.7]))


@given(looks=st.lists(NEAR, max_size=5), own=st.sampled_from("abcd"), data=st.data())
def test_known_as_is_never_oneself_and_no_matter_of_order(looks: list[Near], own: str, data: st.DataObject) -> None:
    answer = known_as(looks, own)
    assert answer == known_as(data.draw(st.permutations(looks)), own)
    others = {near.person_ref: near.score for near in sorted(looks, key=lambda n: n.score) if near.person_ref != own}
    assert (answer is None) == (not others)
    assert answer is None or others[answer] == max(others.values())
