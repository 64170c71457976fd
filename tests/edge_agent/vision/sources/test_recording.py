"""A file in place of a camera: order, pace, loop, end, and what is wrong with it."""

import time
from pathlib import Path
from threading import Timer

import cv2
import pytest

from edge_agent.vision.config import FileSource
from edge_agent.vision.ports import RecordingOverError, SourceError
from edge_agent.vision.sources.factory import build
from tests.edge_agent.vision.sources.pictures import jpeg, room, shade, wait_frame

SHADES = [40, 80, 120, 160, 200]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number, value in enumerate(SHADES):
        (tmp_path / f"{number}.jpg").write_bytes(jpeg(room(value, 320, 240)))
    (tmp_path / "notes.txt").write_text("not a picture")
    return tmp_path


@pytest.fixture
def video(tmp_path: Path) -> Path:
    path = tmp_path / "walk.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 25, (320, 240))
    for value in SHADES:
        writer.write(room(value, 320, 240))
    writer.release()
    return path


def config(path: Path, *, loop: bool = False, fps: float | None = 200) -> FileSource:
    return FileSource(kind="file", path=path, loop=loop, fps=fps)


@pytest.mark.parametrize("kind", ["folder", "video"])
def test_every_picture_comes_once_in_order_and_then_the_recording_is_over(
    kind: str, request: pytest.FixtureRequest
) -> None:
    source = build(config(request.getfixturevalue(kind)))
    source.open()
    frames = [wait_frame(source) for _ in SHADES]
    assert [frame.number for frame in frames] == [1, 2, 3, 4, 5]
    assert all(abs(shade(frame.image) - value) < 4 for frame, value in zip(frames, SHADES, strict=True))
    with pytest.raises(RecordingOverError, match="is over"):
        wait_frame(source)
    source.close()


@pytest.mark.parametrize("kind", ["folder", "video"])
def test_a_loop_begins_again(kind: str, request: pytest.FixtureRequest) -> None:
    source = build(config(request.getfixturevalue(kind), loop=True))
    source.open()
    frames = [wait_frame(source) for _ in range(12)]
    source.close()
    assert frames[-1].number == 12
    assert all(abs(shade(frame.image) - SHADES[at % 5]) < 4 for at, frame in enumerate(frames))


def test_pictures_come_no_faster_than_their_pace_and_waiting_ends_with_the_timeout(folder: Path) -> None:
    source = build(config(folder, fps=10))
    source.open()
    began = time.monotonic()
    assert source.read(0.5) is not None
    assert source.read(0.01) is None
    for _ in range(3):
        wait_frame(source)
    assert time.monotonic() - began >= 0.3
    source.close()


def test_a_video_has_its_own_pace(video: Path) -> None:
    source = build(config(video, fps=None))
    began = time.monotonic()
    source.open()
    for _ in SHADES:
        wait_frame(source)
    source.close()
    assert time.monotonic() - began >= 4 / 25


def test_close_ends_a_wait(folder: Path) -> None:
    source = build(config(folder, fps=0.05))
    source.open()
    assert source.read(1) is not None
    began, timer = time.monotonic(), Timer(0.1, source.close)
    timer.start()
    with pytest.raises(SourceError, match="closed"):
        source.read(15)
    assert time.monotonic() - began < 5
    timer.join()


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"gone\.mp4 is missing"):
        build(config(tmp_path / "gone.mp4")).open()


def test_a_corrupt_video_is_named(tmp_path: Path) -> None:
    path = tmp_path / "bad.mp4"
    path.write_bytes(b"\x00\x01 no video" * 500)
    with pytest.raises(SourceError, match=r"bad\.mp4 is not a video"):
        build(config(path)).open()


def test_a_corrupt_picture_is_named(folder: Path) -> None:
    (folder / "1.jpg").write_bytes(b"\xff\xd8\xff garbage")
    source = build(config(folder))
    source.open()
    wait_frame(source)
    with pytest.raises(SourceError, match=r"1\.jpg is not a picture"):
        wait_frame(source)


def test_an_empty_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"holds no \.jpg"):
        build(config(tmp_path)).open()


def test_a_recording_can_be_opened_again_from_its_beginning(folder: Path) -> None:
    source = build(config(folder))
    for _ in range(2):
        source.open()
        frame = wait_frame(source)
        assert frame.number == 1 and abs(shade(frame.image) - SHADES[0]) < 4
        source.close()
