"""How much of the time of both models the face pipeline adds; twenty faces; how soon somebody new is offered.

Scenes are licensed portraits on a synthetic wall, 1280 × 720, faces looked for at 640 pixels. One thread.
"""

import itertools
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import cv2
import pytest

from edge_agent.vision.engines.opencv import OpencvEngine
from edge_agent.vision.faces.pipeline import FacePipeline
from edge_agent.vision.ports import Face, Frame, Probe
from tests.bench.conftest import Report, percentile
from tests.support import portraits
from tests.support.scenes import FACES, Actor, frames, standing, walking

pytestmark = [pytest.mark.bench, pytest.mark.timeout(600)]


@dataclass
class Sink:
    active: bool = True
    probes: list[tuple[float, Probe]] = field(default_factory=list)

    def offer(self, probe: Probe) -> None:
        self.probes.append((time.perf_counter(), probe))

    def ended(self, camera: str, track: int) -> None: ...


class Recording:
    """The engine, and what it was asked: the same calls are then made without the pipeline."""

    def __init__(self, engine: OpencvEngine) -> None:
        self.id, self.model, self.dimensions, self.scale = engine.id, engine.model, engine.dimensions, engine.scale
        self._engine = engine
        self.embedded: list[Face] = []

    def detect(self, image: object) -> list[Face]:
        return self._engine.detect(image)  # type: ignore[arg-type]

    def embed(self, image: object, face: Face) -> object:
        self.embedded.append(face)
        return self._engine.embed(image, face)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def engine() -> OpencvEngine:
    cv2.setNumThreads(1)
    return OpencvEngine(portraits.models(), 640)


def few() -> list[Actor]:
    """Three who walk through, coming nearer."""
    return [
        Actor("obama", walking((200, 300, 70), (700, 340, 130), 6.0)),
        Actor("person_b_1", walking((1100, 300, 110), (500, 300, 75), 6.0, begin=1.0)),
        Actor("person_a_2", walking((640, 250, 65), (660, 420, 170), 6.0, begin=2.0)),
    ]


def twenty() -> list[Actor]:
    names = itertools.islice(itertools.cycle(FACES), 20)
    return [Actor(name, standing(130 + 250 * (n % 5), 100 + 175 * (n // 5), 90)) for n, name in enumerate(names)]


def rates(engine: OpencvEngine, pictures: list[Frame]) -> tuple[float, float, int, int]:
    """Median seconds of a picture's run through the pipeline and through the same calls of the models alone."""
    recording, sink = Recording(engine), Sink()
    # A clock that stands: every run then embeds the same faces, however busy the machine is.
    pipeline = FacePipeline("bench", recording, sink, monotonic=lambda: pictures[0].taken)  # type: ignore[arg-type]
    asked: list[list[Face]] = []
    for frame in pictures:
        recording.embedded = []
        pipeline.process(frame)
        asked.append(recording.embedded)
    pipeline.close()
    whole, alone = [], []
    for _ in range(3):
        pipeline = FacePipeline("bench", engine, sink, monotonic=lambda: pictures[0].taken)
        whole_run, alone_run = 0.0, 0.0
        for frame, faces in zip(pictures, asked, strict=True):
            whole_run += timed(pipeline.process, frame)
            alone_run += timed(models_alone, engine, frame, faces)
        pipeline.close()
        whole.append(whole_run)
        alone.append(alone_run)
    count = len(pictures)
    return statistics.median(whole) / count, statistics.median(alone) / count, count, sum(map(len, asked))


def models_alone(engine: OpencvEngine, frame: Frame, faces: list[Face]) -> None:
    engine.detect(frame.image)
    for face in faces:
        engine.embed(frame.image, face)


def timed(work: Callable[..., object], *about: object) -> float:
    began = time.perf_counter()
    work(*about)
    return time.perf_counter() - began


@pytest.mark.parametrize(
    ("what", "actors", "seconds"), [("three people walking", few, 8.0), ("20 faces in view", twenty, 5.0)]
)
def test_pipeline_against_the_two_models_alone(
    engine: OpencvEngine, report: Report, what: str, actors: Callable[[], list[Actor]], seconds: float
) -> None:
    whole, alone, count, embedded = rates(engine, list(frames(actors(), fps=10, seconds=seconds)))
    report.add(
        f"face pipeline, {what} ({count} pictures, {embedded} looks embedded)",
        f"{1 / whole:.1f} pictures/s, the two models alone {1 / alone:.1f}/s: {alone / whole:.1%}",
        "≥ 90 %",
    )


@pytest.mark.parametrize("fps", [5, 15, 30])
def test_a_new_person_is_offered_soon(engine: OpencvEngine, report: Report, fps: int) -> None:
    """A camera in real time; pictures that come while one is worked on are dropped, as the camera's driver does."""
    first, third = [], []
    names = list(FACES)[::2]
    for name in names:
        pictures = list(frames([Actor(name, standing(500, 330, 120))], fps=fps, seconds=1.2, start=0.0))
        sink = Sink()
        pipeline = FacePipeline("bench", engine, sink)
        began = time.perf_counter()
        for n, frame in enumerate(pictures):
            due = began + n / fps
            if n + 1 < len(pictures) and time.perf_counter() > due + 1 / fps:
                continue
            if (ahead := due - time.perf_counter()) > 0:
                time.sleep(ahead)
            pipeline.process(frame)
        pipeline.close()
        offered = [(at - began) * 1000 for at, _ in sink.probes]
        first += offered[:1]
        third += offered[2:3]
    report.add(
        f"first picture of a person → probe, {fps} pictures/s (n={len(first)} of {len(names)})",
        f"first p50 {percentile(first, 0.5):.0f} ms, third p50 {percentile(third, 0.5):.0f} ms, "
        f"p95 {percentile(third, 0.95):.0f} ms (n={len(third)})",
        "third ≤ 1000 ms",
    )


def test_twenty_at_once_are_all_offered_soon(engine: OpencvEngine, report: Report) -> None:
    """All appear in the same picture of a camera of 15 pictures a second, in real time."""
    fps, seconds = 15, 6.0
    pictures = list(frames(twenty(), fps=fps, seconds=seconds))
    sink = Sink()
    pipeline = FacePipeline("bench", engine, sink)
    began = time.perf_counter()
    longest, done = 0.0, 0
    while (elapsed := time.perf_counter() - began) < seconds and (n := int(elapsed * fps)) < len(pictures):
        frame = Frame(pictures[n].image, time.monotonic(), n + 1)
        longest = max(longest, timed(lambda frame=frame: pipeline.process(frame)))  # type: ignore[misc]
        done += 1
        next_picture = began + (n + 1) / fps - time.perf_counter()
        time.sleep(max(next_picture, 0))
    pipeline.close()
    reached: dict[int, list[float]] = {}
    for at, probe in sink.probes:
        reached.setdefault(probe.track, []).append(at - began)
    third = [offered[2] for offered in reached.values() if len(offered) > 2]
    report.add(
        f"20 faces at once, 15 pictures/s: {len(third)} offered three times",
        f"half of them after {percentile(third, 0.5):.1f} s, the last after {max(third):.1f} s; "
        f"{done / seconds:.1f} pictures/s meanwhile, longest {longest * 1000:.0f} ms",
        "no picture above 500 ms",
    )
