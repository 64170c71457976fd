"""The rules of consent as tables, their first and last instants included."""

from datetime import UTC, datetime, timedelta

import pytest

from contracts.faces_api import FaceAnswer
from gateway.consents import domain
from gateway.consents.domain import Asking, Claim, Enrolment
from tests.gateway.people import uid

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("has_number", "proven", "enrolled", "refused", "camera", "expected"),
    [
        (True, False, False, False, True, "ask"),
        (True, False, False, False, False, "unavailable"),
        (True, False, False, True, True, "unavailable"),
        (True, False, True, False, True, "unavailable"),
        (True, True, True, False, True, "enrolled"),
        (True, True, True, False, False, "enrolled"),
        (True, True, False, True, True, "unavailable"),
        (True, True, False, False, True, "ask"),
        (False, False, False, False, True, "unavailable"),
    ],
)
def test_who_may_be_asked(
    has_number: bool, proven: bool, enrolled: bool, refused: bool, camera: bool, expected: FaceAnswer
) -> None:
    assert domain.face_answer(Asking(has_number, proven, enrolled, refused, camera)) == expected


@pytest.mark.parametrize(
    ("ago", "asking"),
    [
        (timedelta(0), True),
        (timedelta(minutes=10), True),
        (timedelta(minutes=10) + INSTANT, False),
    ],
)
def test_a_visitor_is_asked_for_ten_minutes_the_last_instant_included(ago: timedelta, asking: bool) -> None:
    assert domain.still_asking(NOW - ago, NOW, 10) is asking


@pytest.mark.parametrize(("late", "over"), [(-INSTANT, False), (timedelta(0), True), (INSTANT, True)])
def test_a_consent_is_over_from_the_instant_it_was_promised_to_end(late: timedelta, over: bool) -> None:
    until = domain.kept_until(NOW, 90)
    assert until == NOW + timedelta(days=90)
    assert domain.is_over(until, until + late) is over


@pytest.mark.parametrize(("ago", "over"), [(timedelta(minutes=10), False), (timedelta(minutes=10) + INSTANT, True)])
def test_a_consent_waits_ten_minutes_for_its_template(ago: timedelta, over: bool) -> None:
    assert domain.never_enrolled(NOW - ago, NOW, 10) is over


@pytest.mark.parametrize(
    ("remembered", "claims", "chosen"),
    [
        (None, [], None),
        (None, ["a"], "a"),
        (None, ["a", "b"], None),
        ("a", ["a"], "a"),
        ("a", ["a", "b"], "a"),
        ("b", ["a", "b"], "b"),
        ("a", ["b"], "b"),
        ("a", ["b", "c"], None),
        ("a", [], None),
    ],
)
def test_the_vault_is_remembered_and_changes_only_when_it_is_clear(
    remembered: str | None, claims: list[str], chosen: str | None
) -> None:
    found = domain.choose_vault(remembered, [Claim(node, f"key of {node}") for node in claims])
    assert (None if found is None else found.node) == chosen


@pytest.mark.parametrize(
    ("cause", "ended", "before_until", "counts"),
    [
        ("ended", True, timedelta(days=50), True),
        ("unknown", True, timedelta(days=50), True),
        ("moved", True, timedelta(days=50), True),
        ("ended", False, timedelta(0), True),
        ("ended", False, timedelta(minutes=10), True),
        ("ended", False, timedelta(minutes=10) + INSTANT, False),
        ("unknown", False, timedelta(0), False),
        ("moved", False, timedelta(0), False),
        ("replaced", False, timedelta(0), False),
    ],
)
def test_what_a_node_says_of_a_living_consent_confirms_nothing_but_its_own_end(
    cause: str, ended: bool, before_until: timedelta, counts: bool
) -> None:
    assert domain.counts_as_forgotten(cause, ended=ended, until=NOW, at=NOW - before_until) is counts


@pytest.mark.parametrize(
    ("state", "late", "seen", "reason"),
    [
        ("asked", timedelta(0), "asked", ""),
        ("asked", INSTANT, "failed", "no_answer"),
        ("running", timedelta(0), "running", ""),
        ("running", INSTANT, "failed", "timeout"),
        ("done", timedelta(days=1), "done", ""),
        ("cancelled", timedelta(days=1), "cancelled", ""),
    ],
)
def test_a_node_that_falls_silent_has_failed(state: str, late: timedelta, seen: str, reason: str) -> None:
    enrolment = Enrolment(uid("c"), state, NOW, "http://127.0.0.1:1/preview/x", 0, 3, "")  # type: ignore[arg-type]
    view = domain.enrolment_view(enrolment, NOW + late)
    assert (view.state, view.reason) == (seen, reason)
    assert (view.preview_url is not None) == (seen == "running")
