"""The camera connector with a stand-in for `rpicam-vid`: its options, its pictures, its last words, its end."""

import os
import sys
import time
from pathlib import Path

import pytest

from edge_agent.vision.config import CsiSource
from edge_agent.vision.ports import Source
from edge_agent.vision.sources.csi import command
from edge_agent.vision.sources.factory import build
from edge_agent.vision.sources.live import Patience
from tests.edge_agent.vision.sources.pictures import jpeg, room, shade, wait_fault, wait_frame
from tests.support.processes import until

STAND_IN = """#!{python}
import os, pathlib, sys, time
here = pathlib.Path(__file__).parent
(here / "pid").write_text(str(os.getpid()))
(here / "options").write_text(" ".join(sys.argv[1:]))
if (here / "fault").exists():
    sys.exit((here / "fault").read_text())
while True:
    sys.stderr.write("#1 (15.00 fps) exp 33251.00 ag 8.00 dg 1.00\\n" * 50)
    sys.stdout.buffer.write((here / "picture.jpg").read_bytes())
    sys.stdout.buffer.flush()
    time.sleep(0.02)
"""


@pytest.fixture
def bin_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    program = tmp_path / "rpicam-vid"
    program.write_text(STAND_IN.format(python=sys.executable))
    program.chmod(0o755)
    (tmp_path / "picture.jpg").write_bytes(jpeg(room(70, 320, 240)))
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def opened() -> Source:
    source = build(CsiSource(kind="csi", camera=1, width=320, height=240, fps=15), Patience(first=5, next=2))
    source.open()
    return source


def running(folder: Path) -> bool:
    try:
        os.kill(int((folder / "pid").read_text()), 0)
    except ProcessLookupError:
        return False
    return True


def test_pictures_arrive_however_much_the_program_says_and_it_ends_with_the_source(bin_folder: Path) -> None:
    source = opened()
    frame = wait_frame(source, lambda frame: frame.number > 40)  # far more words than a pipe holds
    assert frame.image.shape == (240, 320, 3) and abs(shade(frame.image) - 70) < 4
    assert running(bin_folder)
    began = time.monotonic()
    source.close()
    assert time.monotonic() - began < 2
    until(lambda: not running(bin_folder), seconds=2, what="the end of the program")


def test_the_program_is_asked_for_motion_jpeg_without_preview_or_end(bin_folder: Path) -> None:
    source = opened()
    wait_frame(source)
    source.close()
    options = (bin_folder / "options").read_text()
    assert options == (
        "--camera 1 --nopreview --timeout 0 --flush --width 320 --height 240 --framerate 15 "
        "--codec mjpeg --quality 85 --output -"
    )
    assert command(CsiSource(kind="csi"), "p")[:3] == ["p", "--camera", "0"]


def test_a_connector_without_a_camera_is_told(bin_folder: Path) -> None:
    (bin_folder / "fault").write_text("ERROR: *** no cameras available ***")
    assert "no camera is there" in wait_fault(opened())


def test_a_killed_program_is_noticed_and_started_again(bin_folder: Path) -> None:
    source = opened()
    wait_frame(source)
    os.kill(int((bin_folder / "pid").read_text()), 9)
    assert "connector 1" in wait_fault(source, 5)
    source.open()
    wait_frame(source)
    source.close()


def test_a_system_without_the_program_is_told_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "apt-get install rpicam-apps" in wait_fault(opened())
