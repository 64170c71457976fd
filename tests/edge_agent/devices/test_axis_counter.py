"""AXIS People Counter, asked over real HTTP: totals, authorisation, and answers that are none."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_agent.devices.axis_counter import AxisConfig, AxisCounter, parse
from edge_agent.devices.base import DeviceError
from edge_agent.devices.lenient import COUNT_MAX, PayloadError
from tests.edge_agent.devices import cases, fixture
from tests.edge_agent.devices.axis_camera import PATH, AxisCamera
from tests.edge_agent.devices.hosts import RememberingHost
from tests.edge_agent.devices.mutations import mutated
from tests.support.authority import DAY, Authority
from tests.support.processes import until

ANSWER = cases("axis_counter")[0]["payload"]


@pytest.mark.parametrize("case", cases("axis_counter"), ids=lambda case: case["name"])
def test_answers_are_read(case: dict[str, Any]) -> None:
    reading = parse(json.dumps(case["payload"]).encode())
    assert [reading.total_in, reading.total_out] == case["totals"] and reading.day == case["day"]


@pytest.mark.parametrize("payload", fixture("axis_counter")["unusable"])
def test_what_cannot_be_used_says_why(payload: str) -> None:
    with pytest.raises(PayloadError, match="unreadable report"):
        parse(payload.encode())


@settings(max_examples=60)
@given(mutated([json.dumps(case["payload"]).encode() for case in cases("axis_counter")]) | st.binary(max_size=80))
def test_no_answer_breaks_it(answer: bytes) -> None:
    try:
        reading = parse(answer)
    except PayloadError:
        return
    assert 0 <= reading.total_in <= COUNT_MAX and 0 <= reading.total_out <= COUNT_MAX


@pytest.fixture
def camera() -> Iterator[AxisCamera]:
    with AxisCamera() as axis:
        axis.answer = ANSWER
        yield axis


class Polling:
    """The driver at work; `fault` is what it gave up with."""

    def __init__(self, camera: AxisCamera, **settings: Any) -> None:
        self.host, self.fault = RememberingHost(), ""
        config = {"id": "d", "driver": "axis_counter", "url": camera.url, "poll_seconds": 0.05, "timeout_seconds": 0.3}
        self._device = AxisCounter(AxisConfig.model_validate({**config, **settings}))
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        try:
            self._device.run(self.host)
        except DeviceError as error:
            self.fault = str(error)

    def gave_up(self) -> str:
        return until(lambda: self.fault, seconds=10, what="the driver to give up")


def test_the_vendors_example_and_the_next_totals_are_counted(camera: AxisCamera) -> None:
    polling = Polling(camera, line=3)
    until(lambda: polling.host.totals, seconds=5, what="a reading")
    camera.answer = {**ANSWER, "in": 13}
    until(lambda: polling.host.totals[-1] == (3, 13, 318), seconds=5, what="the next")
    polling.host.stopping.set()
    assert polling.host.totals[0] == (3, 12, 318) and set(polling.host.days) == {""}


def test_its_own_day_goes_with_totals_that_begin_anew_each_night(camera: AxisCamera) -> None:
    polling = Polling(camera, resets_daily=True)
    until(lambda: polling.host.totals, seconds=5, what="a reading")
    polling.host.stopping.set()
    assert polling.host.days[0] == "2017-05-03"


def test_digest_authorisation_with_a_password_that_changes(tmp_path: Path) -> None:
    secret = tmp_path / "axis.password"
    secret.write_text("first\n")
    with AxisCamera(password="first") as camera:
        camera.answer = ANSWER
        polling = Polling(camera, username="viewer", password_file=str(secret))
        until(lambda: polling.host.totals, seconds=5, what="a reading")
        secret.write_text("second\n")
        camera.password = "second"
        before = len(polling.host.totals)
        until(lambda: len(polling.host.totals) > before, seconds=5, what="the new password")
        polling.host.stopping.set()
    assert "Basic" not in camera.offered, "the password never travels as it is"


def test_a_wrong_password_says_so(tmp_path: Path) -> None:
    secret = tmp_path / "axis.password"
    secret.write_text("wrong\n")
    with AxisCamera(password="right") as camera:
        fault = Polling(camera, username="viewer", password_file=str(secret)).gave_up()
    assert "401: check user or password" in fault and "wrong" not in fault


def test_https_is_taken_from_the_camera_whose_certificate_is_known_and_from_no_other(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    authority.sign(10 * DAY)
    with AxisCamera(certificate=tmp_path) as camera:
        camera.answer = ANSWER
        trusting = Polling(camera, ca_file=str(authority.file))
        until(lambda: trusting.host.totals, seconds=5, what="a reading")
        trusting.host.stopping.set()
        assert "certificate" in Polling(camera).gave_up().lower()


@pytest.mark.parametrize(
    ("mood", "reason"),
    [
        ("redirect", "answers 302"),
        ("error", "answers 500"),
        ("huge", "more than 65536 bytes"),
        ("slow", "longer than"),
        ("slow headers", "longer than"),
    ],
)
def test_answers_that_are_none_are_faults_after_three_and_never_followed(
    camera: AxisCamera, mood: str, reason: str
) -> None:
    camera.mood = mood
    polling = Polling(camera)
    assert reason in polling.gave_up()
    assert polling.host.totals == [] and polling.host.discarded == 3 and camera.asked == 3


def test_one_unreadable_answer_is_no_fault(camera: AxisCamera) -> None:
    camera.answer = []
    polling = Polling(camera)
    until(lambda: polling.host.discarded, seconds=5, what="the rubbish")
    camera.answer = ANSWER
    until(lambda: polling.host.totals, seconds=5, what="a reading")
    polling.host.stopping.set()
    assert not polling.fault


def test_nobody_there_is_told(tmp_path: Path) -> None:
    with AxisCamera() as camera:
        pass
    assert "no answer" in Polling(camera).gave_up()
    missing = Polling(camera, username="viewer", password_file=str(tmp_path / "none")).gave_up()
    assert "password file" in missing and "cannot be read" in missing


@pytest.mark.parametrize(
    "settings_",
    [{"url": "ftp://10.0.0.9/x"}, {"url": f"http://user:word@10.0.0.9{PATH}"}, {"username": "viewer"}],
    ids=["another scheme", "a password in the address", "no password"],
)
def test_settings_that_leak_or_cannot_work_are_refused(settings_: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"url|username"):
        AxisConfig.model_validate(
            {"id": "door", "driver": "axis_counter", "url": f"http://10.0.0.9{PATH}", **settings_}
        )
