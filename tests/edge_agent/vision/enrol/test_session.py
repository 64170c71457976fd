"""Three good shots of one person, or a reason why not."""

from collections.abc import Iterator

import numpy as np
import pytest

from contracts.ids import uuid7
from edge_agent.vision.config import EnrolConfig
from edge_agent.vision.enrol.session import EnrolSession, KeepError, KnownError
from edge_agent.vision.faces.quality import Reason
from edge_agent.vision.ports import Face
from tests.edge_agent.vision.enrol.stage import ANOTHER, CAMERA, PERSON, Stage, face
from tests.support.processes import until


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture
def session(stage: Stage) -> Iterator[EnrolSession]:
    made = stage.session()
    made.start()
    yield made
    made.cancel()
    made.join()


def test_who_stands_still_is_enrolled_within_two_seconds_of_pictures(stage: Stage, session: EnrolSession) -> None:
    stage.stand_still(session, 20)
    told = stage.wait_end(session)
    assert (told.outcome, told.shots, told.reason) == ("done", 3, "")
    assert (told.engine, told.model) == (stage.engine.id, stage.engine.model)
    assert [shot.quality for shot in stage.kept[0]] == [0.8] * 3
    assert session.state().state == "done"
    until(lambda: stage.hub.watcher(CAMERA) is None, seconds=5, what="the camera to be released")


def test_shots_lie_apart_in_time(stage: Stage, session: EnrolSession) -> None:
    taken = []
    for _ in range(9):
        stage.stand_still(session, 1)
        taken.append(session.state().shots)
    assert taken == [
        0,
        1,
        1,
        1,
        1,
        2,
        2,
        2,
        2,
    ]  # eighths of a second; the first shows no motion


@pytest.mark.parametrize(
    ("faces", "hint"),
    [
        ((), "no_face"),
        ((face(), face(100)), "several_faces"),
        ((face(size=60),), "closer"),
        ((face(300, 20, 660),), "farther"),
    ],
)
def test_what_the_person_should_do_about_where_they_stand(
    stage: Stage, session: EnrolSession, faces: tuple[Face, ...], hint: str
) -> None:
    for _ in range(6):
        stage.show(session, *faces)
    assert (session.state().hint, session.state().shots) == (hint, 0)


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        (("too_small",), "closer"),
        (("cut",), "farther"),
        (("turned", "blurred"), "straight"),
        (("blurred",), "still"),
        (("dark",), "light"),
        (("bright",), "light"),
    ],
)
def test_what_the_person_should_do_about_the_picture(
    stage: Stage, session: EnrolSession, wrong: tuple[Reason, ...], hint: str
) -> None:
    stage.wrong = wrong
    stage.stand_still(session, 6)
    assert (session.state().hint, session.state().shots) == (hint, 0)


def test_someone_in_motion_is_asked_to_keep_still(stage: Stage, session: EnrolSession) -> None:
    for step in range(6):
        stage.show(session, face(200 + 60 * step))
    assert (session.state().hint, session.state().shots) == ("still", 0)


def test_a_passer_by_far_behind_does_not_disturb(stage: Stage, session: EnrolSession) -> None:
    for _ in range(20):
        stage.show(session, face(), face(50, 50, 60))
    assert stage.wait_end(session).outcome == "done"


def test_when_two_people_swap_places_it_begins_again_with_the_second(stage: Stage, session: EnrolSession) -> None:
    stage.stand_still(session, 6)
    assert session.state().shots == 2
    stage.engine.vector = ANOTHER
    stage.stand_still(session, 4)
    assert session.state().shots == 1
    stage.stand_still(session, 12)
    assert stage.wait_end(session).outcome == "done"
    assert all(np.array_equal(shot.vector, ANOTHER) for shot in stage.kept[0])


def test_who_alternates_with_another_is_never_enrolled(stage: Stage, session: EnrolSession) -> None:
    for turn in range(8):
        stage.engine.vector = PERSON if turn % 2 else ANOTHER
        stage.stand_still(session, 4)
    assert session.state().state == "looking" and not stage.kept


def test_cancelling_ends_it_at_once_and_keeps_nothing(stage: Stage, session: EnrolSession) -> None:
    stage.stand_still(session, 6)
    session.cancel()
    told = stage.wait_end(session)
    assert (told.outcome, told.reason, told.shots) == ("cancelled", "cancelled", 2)
    stage.stand_still(session, 20)
    assert not stage.kept and session.next_view(0, 0) is None


def test_a_silent_cancel_is_not_told(stage: Stage, session: EnrolSession) -> None:
    session.cancel(silently=True)
    session.join()
    assert session.state().state == "cancelled" and not stage.told


def test_what_is_being_stored_is_stored(stage: Stage, session: EnrolSession) -> None:
    stage.storing.clear()
    stage.stand_still(session, 12)
    assert session.state().state == "storing"
    session.cancel()
    stage.storing.set()
    assert stage.wait_end(session).outcome == "done"


@pytest.mark.parametrize(("faces", "reason"), [((), "no_face"), ((face(), face(100)), "several_faces")])
def test_out_of_time(stage: Stage, faces: tuple[Face, ...], reason: str) -> None:
    session = stage.session(seconds=0.5)
    session.start()
    stage.show(session, *faces)
    assert stage.wait_end(session).reason == reason


def test_out_of_time_with_a_face_that_was_never_good_enough(stage: Stage) -> None:
    stage.wrong = ("blurred",)
    session = stage.session(seconds=0.5)
    session.start()
    stage.stand_still(session, 3)
    assert stage.wait_end(session).reason == "timeout"


def test_a_camera_that_gives_no_more_pictures(stage: Stage) -> None:
    stage.rules = EnrolConfig(lost_seconds=1)
    session = stage.session()
    session.start()
    stage.stand_still(session, 3)
    told = stage.wait_end(session)
    assert (told.outcome, told.reason) == ("failed", "camera")


def test_an_engine_that_fails_ends_the_enrolment_and_spares_the_camera(stage: Stage, session: EnrolSession) -> None:
    stage.engine.fault = RuntimeError("broken")
    stage.stand_still(session, 3)
    assert stage.wait_end(session).reason == "camera"


def test_a_consent_that_ends_meanwhile(stage: Stage, session: EnrolSession) -> None:
    stage.stand_still(session, 6)
    stage.permitted = False
    told = stage.wait_end(session)
    assert (told.outcome, told.reason) == ("failed", "consent") and not stage.kept


def test_a_vault_that_refuses(stage: Stage, session: EnrolSession) -> None:
    stage.refusal = KeepError("the disk is full")
    stage.stand_still(session, 20)
    told = stage.wait_end(session)
    assert (told.outcome, told.reason) == ("failed", "vault") and session.state().state == "failed"


def test_a_face_the_vault_knows_as_somebody_else(stage: Stage, session: EnrolSession) -> None:
    other_ref = uuid7()
    stage.refusal = KnownError(other_ref)
    stage.stand_still(session, 20)
    told = stage.wait_end(session)
    assert (told.outcome, told.other_ref, told.reason) == ("already_known", other_ref, "")
    assert session.state().state == "failed"


def test_another_node_s_vault_tells_the_outcome_itself(stage: Stage, session: EnrolSession) -> None:
    stage.committed = False
    stage.stand_still(session, 20)
    session.join()
    assert session.state().state == "done" and stage.kept and not stage.told


def test_one_camera_serves_one_enrolment_at_a_time(stage: Stage, session: EnrolSession) -> None:
    with pytest.raises(ValueError, match="in use"):
        stage.session().start()
