"""The camera driver: what it looks at, for whom, what it says about itself, and what it keeps (nothing)."""

import gc
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from iotcore import Broker

from contracts.events import Data, DoorCrossing
from contracts.reasons import reason
from edge_agent.devices.base import DeviceError
from edge_agent.vision.camera import Pace
from edge_agent.vision.engines.opencv import OpencvEngine
from edge_agent.vision.ports import EngineError, RecordingOverError, SourceError
from tests.edge_agent.devices.hosts import RememberingHost
from tests.edge_agent.support import AgentProcess, FakeGateway
from tests.edge_agent.vision.camera_stage import FACE, PEOPLE, QUICK, Stage, Watching
from tests.edge_agent.vision.sources.http_camera import USER, HttpCamera
from tests.edge_agent.vision.sources.pictures import jpeg, room
from tests.support import portraits
from tests.support.processes import until


# ---- whom it looks for -------------------------------------------------------------------------------------------
def test_a_recognising_camera_feeds_the_pipeline_only_while_somebody_may_be_recognised() -> None:
    with Stage().running() as stage:
        stage.wait(lambda: stage.pipelines and len(stage.pipelines[0].seen) > 3, "pictures in the pipeline")
        stage.sink.active = False
        stage.wait(lambda: stage.pipelines[0].closed == 1, "the tracks to be forgotten")
        seen, detected, number = len(stage.pipelines[0].seen), stage.engine.detected, stage.source.number
        stage.wait(lambda: stage.source.number > number + 10, "ten more pictures")
        assert (len(stage.pipelines[0].seen), stage.engine.detected) == (seen, detected)
        stage.sink.active = True
        stage.wait(lambda: len(stage.pipelines) == 2 and stage.pipelines[1].seen, "a new pipeline")
        assert not stage.hub.ready("cam")
    assert stage.pipelines[1].closed == 1


def test_an_enrolling_camera_looks_for_faces_only_while_somebody_watches() -> None:
    with Stage(faces="enrol").running() as stage:
        stage.wait(lambda: stage.hub.ready("cam"), "the camera to be ready")
        stage.wait(lambda: stage.source.number > 2, "the first look at which way is up to be over")
        detected, number = stage.engine.detected, stage.source.number
        stage.wait(lambda: stage.source.number > number + 10, "ten more pictures")
        assert stage.engine.detected == detected
        watcher = Watching()
        stage.hub.watch("cam", watcher)
        stage.wait(lambda: watcher.looks > 5, "five looks")
        assert watcher.faces == (FACE,)
        stage.hub.release("cam")
        number = stage.source.number
        stage.wait(lambda: stage.source.number > number + 2, "the last look")
        looks = watcher.looks
        stage.wait(lambda: stage.source.number > number + 10, "more pictures")
        assert watcher.looks == looks
    assert not stage.pipelines and not stage.hub.ready("cam")


def test_a_camera_for_both_shows_the_watcher_what_the_pipeline_found() -> None:
    with Stage(faces="both").running() as stage:
        stage.wait(lambda: stage.hub.ready("cam"), "the camera to be ready")
        detected, watcher = stage.engine.detected, Watching()
        stage.hub.watch("cam", watcher)
        stage.wait(lambda: watcher.looks > 5, "five looks")
        assert watcher.faces == (FACE,) and stage.engine.detected == detected


def test_a_camera_without_faces_counts_people_and_detects_nothing() -> None:
    with Stage(faces="off", people=PEOPLE).running() as stage:
        stage.wait(lambda: stage.people and stage.people[0].seen > 5, "people to be counted")
        stage.wait_state("ok")
    assert stage.engine.detected == 0 and not stage.pipelines and stage.people[0].closed == 1
    with pytest.raises(KeyError):
        stage.hub.watch("cam", Watching())


def test_pictures_are_turned_as_configured() -> None:
    with Stage(rotate=90).running() as stage:
        stage.wait(lambda: stage.pipelines and stage.pipelines[0].widths, "a picture in the pipeline")
    assert set(stage.pipelines[0].widths) == {240}


def test_without_an_engine_it_says_why_and_still_counts_people() -> None:
    stage = Stage(people=PEOPLE)
    stage.services.engine, stage.services.no_engine = None, reason("faces_engine")
    with stage.running():
        stage.wait_state("degraded", "no faces: the face engine cannot be used")
        stage.wait(lambda: stage.people and stage.people[0].seen > 3, "people to be counted")
        stage.services.engine = stage.engine  # type: ignore[assignment]
        stage.wait_state("ok")


# ---- people ------------------------------------------------------------------------------------------------------
def test_crossings_are_reported_in_steps_and_none_is_lost_at_the_end() -> None:
    began = time.monotonic()
    with Stage(faces="off", people=PEOPLE).running() as stage:
        stage.wait(lambda: stage.people and stage.people[0].seen > 40, "forty pictures")
    took = time.monotonic() - began
    crossings = [data for data in stage.host.reported if isinstance(data, DoorCrossing)]
    seen = stage.people[0].seen
    assert sum(data.count_in for data in crossings) == seen
    assert sum(data.count_out for data in crossings) == seen * 2
    assert {data.line for data in crossings} == {1, 2}
    assert len(crossings) <= 2 * (took / QUICK.report + 2)


class ForgetfulHost(RememberingHost):
    """Its outbox fails a few times."""

    failures = 3

    def report(self, data: Data) -> "Future[int]":
        if self.failures:
            self.failures -= 1
            failed: Future[int] = Future()
            failed.set_exception(DeviceError("outbox", error="SQLITE_FULL"))
            return failed
        return super().report(data)


def test_crossings_survive_an_outbox_that_fails() -> None:
    stage = Stage(faces="off", people=PEOPLE)
    stage.host = ForgetfulHost()
    with stage.running():
        stage.wait(lambda: stage.host.reported, "the camera to go on")
    crossings = [data for data in stage.host.reported if isinstance(data, DoorCrossing)]
    assert stage.host.failures == 0
    assert sum(data.count_in for data in crossings) == sum(counter.seen for counter in stage.people)


def test_a_model_that_cannot_be_used_stops_the_counting_but_not_the_faces() -> None:
    stage = Stage(people=PEOPLE)
    stage.people_error = EngineError("none.onnx is missing")
    with stage.running():
        stage.wait_state("degraded", "people are not counted: the person detector cannot be used")
        stage.wait(lambda: stage.pipelines and len(stage.pipelines[0].seen) > 3, "faces to be looked for")
        stage.people_error = None
        stage.wait_state("ok")
        assert stage.people


# ---- trouble -----------------------------------------------------------------------------------------------------
def test_a_lost_camera_is_told_and_comes_back_by_itself() -> None:
    with Stage(faces="both").running() as stage:
        stage.wait_state("ok")
        stage.source.fault = SourceError("camera_gone", camera="/dev/video0")
        stage.wait(lambda: "unplugged?" in " ".join(stage.faults[-1:]), "the fault")
        stage.wait(lambda: not stage.hub.ready("cam"), "not ready")
        stage.host.states.clear()
        stage.source.fault = None
        stage.wait_state("ok")
        assert stage.hub.ready("cam")
    assert stage.source.closed == stage.source.opened
    assert all(pipeline.closed == 1 for pipeline in stage.pipelines)


def test_a_recording_that_is_over_is_offline_and_not_begun_again() -> None:
    with Stage().running() as stage:
        stage.wait_state("ok")
        stage.source.fault = RecordingOverError("recording_over", file="walk.mp4")
        stage.wait_state("offline", "is over")
        stage.source.fault = None
        assert stage.stop() < 2
        assert stage.source.opened == 1


def test_an_engine_that_fails_is_told_as_such() -> None:
    with Stage().running() as stage:
        stage.wait(lambda: stage.pipelines, "a pipeline")
        stage.pipelines[-1].error = EngineError("25 pictures in a row failed")
        stage.wait(lambda: stage.faults, "the fault")
        assert stage.faults[0].startswith("no faces: the face engine cannot be used")
        stage.wait(lambda: len(stage.pipelines) > 1 and stage.pipelines[-1].seen, "the camera to go on")


@pytest.mark.parametrize(
    ("bad", "reason"),
    [(lambda _: room(120, 320, 240), "frozen"), (lambda n: np.full((240, 320, 3), n % 9, np.uint8), "black")],
    ids=["frozen", "black"],
)
def test_a_frozen_or_black_picture_is_told_shown_to_nobody_and_recovers(bad: Callable[[int], Any], reason: str) -> None:
    with Stage(faces="both").running() as stage:
        stage.wait_state("ok")
        lively, stage.source.picture = stage.source.picture, bad
        stage.wait_state("degraded", reason)
        stage.wait(lambda: not stage.hub.ready("cam"), "not ready for an enrolment")
        assert stage.pipelines[-1].closed == 1
        seen, number = len(stage.pipelines[-1].seen), stage.source.number
        stage.wait(lambda: stage.source.number > number + 10, "ten more pictures")
        assert len(stage.pipelines[-1].seen) == seen and len(stage.pipelines) == 1
        stage.source.picture = lively
        stage.wait_state("ok")
        stage.wait(lambda: stage.hub.ready("cam"), "ready again")
        assert not stage.faults


def test_no_picture_survives_a_stopped_camera_and_the_stop_is_quick() -> None:
    with Stage(faces="both", people=PEOPLE).running() as stage:
        watcher = Watching()
        stage.wait(lambda: stage.hub.ready("cam"), "ready")
        stage.hub.watch("cam", watcher)
        stage.wait(lambda: watcher.looks > 5, "some pictures")
        assert stage.stop() < 2
    gc.collect()
    assert len(stage.source.shown) > 5 and not [picture for picture in stage.source.shown if picture() is not None]


def test_a_camera_that_hangs_does_not_hold_up_another() -> None:
    hung, well = Stage(), Stage()
    hung.source.silent = True
    with hung.running(), well.running():
        well.wait(lambda: well.pipelines and len(well.pipelines[0].seen) > 10, "pictures of the other camera")
        assert not hung.pipelines
        assert hung.stop() < 2


# ---- with real pictures ------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def engine() -> OpencvEngine:
    return OpencvEngine(portraits.models(), 320)


@pytest.mark.parametrize(("rotate", "told"), [(0, True), (180, False)])
def test_upside_down_is_told_unless_it_is_set_right(rotate: int, told: bool, engine: OpencvEngine) -> None:
    pictures = [np.ascontiguousarray(portraits.image(name)[::-1, ::-1]) for name in portraits.OBAMA.pictures]
    stage = Stage(rotate=rotate)
    stage.services.engine, stage.sink.active = engine, False  # nobody has consented yet: set up is when it matters
    stage.source.picture = lambda number: np.ascontiguousarray(pictures[number % len(pictures)][number % 3 :])
    with stage.running(Pace(read=0.05, upright=0.05)):
        stage.wait(lambda: stage.source.number > 12, "a dozen pictures", seconds=30)
    reasons = {reason for _, reason in stage.host.states}
    assert reasons == ({"", "the picture is upside down: set rotate = 180"} if told else {""})


# ---- through the agent -------------------------------------------------------------------------------------------
def test_the_agent_tells_a_refused_login_a_black_picture_and_a_lost_camera_but_never_the_password(
    tmp_path: Path, broker: Broker, gateway: FakeGateway
) -> None:
    secret = tmp_path / "cam.password"
    secret.write_text("wrong-horse")
    with HttpCamera(password="wrong-horse", login="digest") as camera:
        table = (
            '[[devices]]\nid = "cam"\ndriver = "camera"\nfaces = "off"\n'
            f'source = {{ kind = "mjpeg", url = "{camera.url(USER)}", password_file = "{secret}" }}\n'
        )
        with AgentProcess(tmp_path, broker.port, table) as agent:
            gateway.wait_state("cam", "ok")
            lively, camera.parts = camera.parts, [jpeg(np.full((480, 640, 3), level, np.uint8)) for level in (2, 9)]
            assert "black" in gateway.wait_state("cam", "degraded")
            camera.parts = lively
            gateway.wait_state("cam", "ok")
            camera.password = "changed"
            camera.hang_up.set()
            until(
                lambda: "refuses the user name" in gateway.device_state("cam")[1], seconds=15, what="the refused login"
            )
            logins = camera.logins
            assert logins <= 3
            log = agent.program.log.read_text()
    shown = log + "".join(status.model_dump_json() for status in gateway.statuses) + repr(gateway.payloads)
    assert "device state" in log
    assert "wrong-horse" not in shown and "hidden-in-url" not in shown and USER + ":" not in shown
