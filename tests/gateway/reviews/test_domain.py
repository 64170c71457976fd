"""Candidates are ranked by what speaks for them."""

from gateway.reviews.domain import Fact, kind_of, ranked


def face(score: float, threshold: float = 0.55) -> Fact:
    return {"code": "face", "score": score, "threshold": threshold}


NUMBER: Fact = {"code": "number", "at": "2026-11-21T02:00:00+00:00"}


def test_a_number_comes_before_any_face_and_faces_by_their_margin() -> None:
    candidates = {"a": [face(0.70)], "b": [NUMBER], "c": [face(0.72, 0.65)], "d": [face(0.56), face(0.90)]}
    assert ranked(candidates) == ["b", "d", "a", "c"]
    assert ranked(dict(reversed(candidates.items()))) == ranked(candidates)


def test_equal_ones_stand_by_their_ids() -> None:
    assert ranked({"b": [face(0.7)], "a": [face(0.7)]}) == ["a", "b"]


def test_which_kind_of_question_it_is() -> None:
    assert kind_of([[NUMBER], [face(0.7)]]) == "face_conflict"
    assert kind_of([[face(0.6)], [face(0.7)]]) == "two_faces_one_visit"
    assert kind_of([[NUMBER], [face(0.6)], [face(0.7)]]) == "two_faces_one_visit"
