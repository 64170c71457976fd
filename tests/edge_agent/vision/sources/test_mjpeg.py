"""Motion JPEG over HTTP, from a real server that behaves badly."""

import time
from pathlib import Path
from threading import Timer

import pytest
from pydantic import ValidationError

from edge_agent.vision.config import NetworkSource
from edge_agent.vision.ports import LoginRefusedError, Source, SourceError
from edge_agent.vision.sources.factory import build
from edge_agent.vision.sources.live import Patience
from tests.edge_agent.vision.sources.http_camera import USER, HttpCamera
from tests.edge_agent.vision.sources.pictures import jpeg, room, shade, wait_fault, wait_frame

PASSWORD = "s3cret:@/%&=ü"
QUICK = Patience(first=3, next=1, end=1)


def opened(url: str, password_file: Path | str = "", patience: Patience = QUICK) -> Source:
    source = build(NetworkSource(kind="mjpeg", url=url, password_file=str(password_file)), patience)
    source.open()
    return source


def test_pictures_arrive_and_a_slow_reader_skips_instead_of_lagging() -> None:
    with HttpCamera() as camera:
        camera.fps = 50
        source = opened(camera.url())
        first = wait_frame(source)
        time.sleep(0.5)  # a slow pipeline
        later = wait_frame(source)
        assert later.number - first.number >= 5
        assert time.monotonic() - later.taken < 0.4
        source.close()


def test_garbage_between_pictures_costs_nothing() -> None:
    with HttpCamera() as camera:
        camera.between = b"\r\n--x\r\nContent-Length: 7\r\n\r\n\xff\xd8 \x00 garbage \xff\xd9" * 3
        source = opened(camera.url())
        numbers = [wait_frame(source).number for _ in range(5)]
        assert numbers == sorted(set(numbers))
        source.close()


def test_a_stalled_camera_is_noticed() -> None:
    with HttpCamera() as camera:
        source = opened(camera.url())
        wait_frame(source)
        camera.stalled = True
        assert wait_fault(source, 5) == "no picture from 127.0.0.1 for 1 s"
        source.close()


def test_a_camera_that_hangs_up_is_noticed_and_found_again() -> None:
    with HttpCamera() as camera:
        source, port = opened(camera.url()), camera.port
        wait_frame(source)
    assert "broke off" in wait_fault(source)
    source.open()
    assert wait_fault(source) == f"127.0.0.1:{port} cannot be reached: connection refused"
    with HttpCamera(port):
        source.open()
        wait_frame(source)
        source.close()


def test_close_unblocks_whoever_waits() -> None:
    with HttpCamera() as camera:
        camera.stalled = True
        source = opened(camera.url(), patience=Patience(first=60))
        timer, began = Timer(0.2, source.close), time.monotonic()
        timer.start()
        with pytest.raises(SourceError, match="closed"):
            source.read(30)
        timer.join()
        assert time.monotonic() - began < 3


@pytest.mark.parametrize("login", ["basic", "digest"])
def test_the_password_comes_from_its_file(login: str, tmp_path: Path) -> None:
    secret = tmp_path / "cam.password"
    secret.write_text(PASSWORD + "\n")
    with HttpCamera(password=PASSWORD, login=login) as camera:
        source = opened(camera.url(USER), secret)
        wait_frame(source)
        assert camera.logins == 1
        source.close()


@pytest.mark.parametrize("login", ["basic", "digest"])
def test_a_wrong_password_is_told_apart_and_never_shown(
    login: str, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("DEBUG")
    secret = tmp_path / "cam.password"
    secret.write_text("wrong-horse")
    with HttpCamera(password=PASSWORD, login=login) as camera:
        source = opened(camera.url(USER), secret)
        with pytest.raises(LoginRefusedError, match="refuses the user name or the password") as refused:
            wait_frame(source)
        source.close()
    shown = f"{refused.value!r} {caplog.text} {capfd.readouterr()}"
    assert "wrong-horse" not in shown and "hidden-in-url" not in shown and USER not in shown


def test_a_password_file_that_is_missing_is_named(tmp_path: Path) -> None:
    source = opened("http://anna@127.0.0.1:9/", tmp_path / "none")
    assert "none cannot be read" in wait_fault(source)


def test_a_web_page_is_not_taken_for_a_camera() -> None:
    with HttpCamera() as camera:
        camera.parts, camera.fps = [b"<html>" * 50_000], 100
        source = opened(camera.url())
        assert "not Motion JPEG" in wait_fault(source)
        source.close()


def test_an_error_page_is_told_with_its_number() -> None:
    with HttpCamera() as camera:
        camera.status = 503
        source = opened(camera.url())
        assert "answers 503" in wait_fault(source)
        source.close()


def test_pictures_that_cannot_be_decoded_are_skipped_and_then_reported() -> None:
    good = jpeg(room(200))
    hollow = good[: good.index(b"\xff\xda")] + b"\xff\xd9"  # well-formed, without a picture
    with HttpCamera() as camera:
        camera.parts, camera.fps = [hollow, good], 50
        source = opened(camera.url(), patience=Patience(first=5, next=2, damaged=10))
        assert abs(shade(wait_frame(source).image) - 200) < 4
        camera.parts = [hollow]
        assert "cannot be decoded" in wait_fault(source)
        source.close()


def test_a_4k_camera_is_read() -> None:
    with HttpCamera() as camera:
        camera.parts = [jpeg(room(value, 3840, 2160)) for value in (60, 180)]
        source = opened(camera.url(), patience=Patience())
        assert wait_frame(source).image.shape == (2160, 3840, 3)
        source.close()


def test_a_picture_that_is_too_large_is_refused() -> None:
    with HttpCamera() as camera:
        camera.parts = [jpeg(room(60, 8200, 64))]
        source = opened(camera.url())
        assert "8200 × 64 is refused" in wait_fault(source)
        source.close()


def test_a_password_in_the_url_is_refused_by_the_configuration() -> None:
    with pytest.raises(ValidationError, match="password does not belong here"):
        NetworkSource(kind="mjpeg", url="http://anna:pw@10.0.0.9/video")
    with pytest.raises(ValidationError, match="rtsp://address"):
        NetworkSource(kind="rtsp", url="http://10.0.0.9/video")
