"""What finding and recognising faces costs: by working size, and against face_recognition (dlib) on equal pictures."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from edge_agent.vision.config import FacesConfig
from edge_agent.vision.engines import factory
from edge_agent.vision.ports import FaceEngine
from tests.bench.conftest import Report
from tests.support import portraits
from tests.support.processes import ROOT

pytestmark = [pytest.mark.bench, pytest.mark.timeout(900)]

SIDES = (320, 480, 640, 960)
FRAME = (720, 1280)
SINGLES = ("obama.jpg", "person_a_2.jpg", "person_b_1.jpg", "biden.jpg", "impostor_2.jpg", "astronaut.png")
METRES_TIMES_PIXELS = 1280 * 0.15 / (2 * np.tan(np.radians(35)))
"""A face 15 cm wide, 1 m away, in a picture 1280 pixels and 70° wide."""
DLIB = ROOT / "build" / "bench-dlib"


@pytest.fixture(scope="module")
def one_core() -> Iterator[None]:
    allowed = os.sched_getaffinity(0)
    threads = cv2.getNumThreads()
    os.sched_setaffinity(0, {min(allowed)})
    cv2.setNumThreads(1)
    yield
    os.sched_setaffinity(0, allowed)
    cv2.setNumThreads(threads)


def engine_at(side: int) -> FaceEngine:
    return factory.build(FacesConfig(models=portraits.models(), copy=Path("c"), key_file=Path("k/k"), detect_side=side))


def lobby(name: str, face_width: float, engine: FaceEngine) -> Any:
    """A frame of 1280 × 720 in which this portrait's face is `face_width` pixels wide."""
    image = portraits.image(name)
    scale = face_width / engine.detect(image)[0].box[2]
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)[: FRAME[0], : FRAME[1]]
    frame = np.full((*FRAME, 3), 120, dtype=np.uint8)
    top, left = (FRAME[0] - small.shape[0]) // 2, (FRAME[1] - small.shape[1]) // 2
    frame[top : top + small.shape[0], left : left + small.shape[1]] = small
    return frame


def fastest(work: Callable[[], Any], rounds: int = 5) -> tuple[Any, float]:
    """The result, and the best of some rounds in milliseconds."""
    taken = []
    for _ in range(rounds):
        started = time.perf_counter()
        result = work()
        taken.append(time.perf_counter() - started)
    return result, min(taken) * 1000


@pytest.mark.usefixtures("one_core")
def test_working_sizes(report: Report) -> None:
    """The smallest face of which every portrait is found; the person walks up to the camera."""
    reference = engine_at(640)
    widths = (12, 14, 16, 18, 20, 24, 28, 32, 40, 50, 60, 80)
    frames = {width: [lobby(name, width, reference) for name in SINGLES] for width in widths}
    for side in SIDES:
        engine = engine_at(side)
        found = {width: sum(bool(engine.detect(frame)) for frame in frames[width]) for width in widths}
        sure = min(w for w in widths if all(found[wider] == len(SINGLES) for wider in widths if wider >= w))
        _, milliseconds = fastest(lambda e=engine: [e.detect(frame) for frame in frames[60]])
        report.add(
            f"faces: find at {side} pixels in a picture of 1280 × 720, one core",
            f"{milliseconds / len(SINGLES):.0f} ms; all {len(SINGLES)} portraits found from {sure} pixels on, "
            f"{METRES_TIMES_PIXELS / sure:.1f} m",
            "—",
        )


@pytest.fixture(scope="module")
def dlib_python() -> Path:
    """An environment of its own, made once from its own lock; no program and no test of behaviour uses it."""
    python = DLIB / "bin" / "python"
    lock = ROOT / "requirements" / "bench-dlib.txt"
    stamp = DLIB / "installed"
    if not stamp.is_file() or stamp.read_text() != lock.read_text():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(DLIB)], check=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
        done = subprocess.run(
            [*pip, "--require-hashes", "--no-deps", "-r", str(lock)], capture_output=True, text=True, check=False
        )
        if done.returncode:
            pytest.skip(f"face_recognition cannot be installed here: {done.stderr.strip().splitlines()[-1]}")
        stamp.write_text(lock.read_text())
    return python


@pytest.mark.usefixtures("one_core")
def test_against_face_recognition(report: Report, dlib_python: Path, tmp_path: Path) -> None:
    """Find every face and embed it, the same pictures of 640 × 480, the same core, one after the other."""
    engine = engine_at(640)
    paths = []
    for name in SINGLES:
        frame = cv2.resize(lobby(name, 130, engine)[:, 160:1120], (640, 480), interpolation=cv2.INTER_AREA)
        paths.append(str(tmp_path / f"{Path(name).stem}.png"))
        cv2.imwrite(paths[-1], frame)
    ours = [_ours(engine, cv2.imread(path)) for path in paths]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    command = [str(dlib_python), str(Path(__file__).parent / "dlib_faces.py"), *paths]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    theirs = json.loads(done.stdout)
    total = sum(find + embed for _, find, embed in ours)
    report.add("faces: both stages per picture of 640 × 480, this program", _figures(ours), "—")
    for upsamplings in ("0", "1"):
        rows = [theirs[path][upsamplings] for path in paths]
        measured = [(row["faces"], row["find_ms"], row["embed_ms"]) for row in rows]
        ratio = sum(find + embed for _, find, embed in measured) / total
        report.add(
            f"faces: the same pictures, face_recognition 1.3.0 (dlib), {upsamplings} × upsampled",
            f"{_figures(measured)}: {ratio:.1f} times as long",
            "—",
        )


def _ours(engine: FaceEngine, image: Any) -> tuple[int, float, float]:
    faces, finding = fastest(lambda: engine.detect(image))
    _, embedding = fastest(lambda: [engine.embed(image, face) for face in faces])
    return len(faces), finding, embedding


def _figures(rows: list[tuple[int, float, float]]) -> str:
    count = len(rows)
    find, embed = (sum(row[at] for row in rows) / count for at in (1, 2))
    return f"{find + embed:.0f} ms (find {find:.0f}, embed {embed:.0f}), {sum(row[0] for row in rows)} of {count} faces"
