"""The pipeline with the real models on synthetic scenes: who is offered, when, and that nothing stays behind."""

import gc
import itertools
import weakref
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import cv2
import numpy as np
import pytest

from edge_agent.vision.engines.opencv import OpencvEngine
from edge_agent.vision.faces.pipeline import FacePipeline, PipelineSettings
from edge_agent.vision.faces.quality import QualitySettings
from edge_agent.vision.ports import EngineError, Face, Frame, Probe, Scale
from tests.support.scenes import FACES, STRANGERS, Actor, Where, compose, frames, standing, walking

NOON = datetime(2026, 5, 1, 4, tzinfo=UTC)
START = 1000.0


@dataclass
class Sink:
    active: bool = True
    probes: list[Probe] = field(default_factory=list)
    over: list[int] = field(default_factory=list)

    def offer(self, probe: Probe) -> None:
        assert probe.track not in self.over
        self.probes.append(probe)

    def ended(self, camera: str, track: int) -> None:
        assert camera == "cam-door"
        self.over.append(track)

    @property
    def tracks(self) -> dict[int, list[Probe]]:
        found: dict[int, list[Probe]] = defaultdict(list)
        for probe in self.probes:
            found[probe.track].append(probe)
        return found


class Clock:
    """Stands at the moment the picture was taken, plus what the test lets pass."""

    def __init__(self) -> None:
        self.seconds = START

    def __call__(self) -> float:
        return self.seconds

    def wall(self) -> datetime:
        return NOON + timedelta(seconds=self.seconds - START)


class Counting:
    """The real engine, or none; counts its calls and fails when told to."""

    id = "counting"
    model = "0" * 64
    dimensions = 128
    scale = Scale(0.55, 0.36, 0.42, 0.045, 0.6, 0.05, 0.01)

    def __init__(self, engine: OpencvEngine) -> None:
        self._engine = engine
        self.embeds = self.detects = 0
        self.broken_detects: set[int] = set()
        self.broken_embeds: set[int] = set()

    def detect(self, image: "np.ndarray") -> list[Face]:  # type: ignore[type-arg]
        self.detects += 1
        if self.detects in self.broken_detects:
            raise cv2.error("an unlucky picture")
        return self._engine.detect(image)

    def embed(self, image: "np.ndarray", face: Face) -> "np.ndarray":  # type: ignore[type-arg]
        self.embeds += 1
        if self.embeds in self.broken_embeds:
            raise cv2.error("an unlucky face")
        return self._engine.embed(image, face)


def pipeline(
    engine: object, sink: Sink, clock: Clock | None = None, settings: PipelineSettings | None = None
) -> FacePipeline:
    clock = clock or Clock()
    return FacePipeline("cam-door", engine, sink, settings, ids=itertools.count(1), now=clock.wall, monotonic=clock)  # type: ignore[arg-type]


def run(running: FacePipeline, pictures: Iterable[Frame], clock: Clock | None = None) -> None:
    for frame in pictures:
        if clock:
            clock.seconds = frame.taken
        running.process(frame)


def like(engine: OpencvEngine, probe: Probe, names: Sequence[str]) -> str:
    """Which of the portraits this probe resembles most."""
    scores = {}
    for name in names:
        image = compose([Actor(name, standing(400, 300, 150))], 0, 800, 600)
        scores[name] = float(engine.embed(image, engine.detect(image)[0]) @ probe.vector)
    return max(scores, key=scores.__getitem__)


@pytest.mark.parametrize("fps", [5, 30])
def test_a_person_who_walks_in_is_offered_three_times_within_a_second(engine: OpencvEngine, fps: int) -> None:
    sink, clock = Sink(), Clock()
    actor = Actor("person_a_2", walking((200, 300, 90), (600, 320, 130), 2.0))
    run(pipeline(engine, sink, clock), frames([actor], fps=fps, seconds=1.0), clock)
    assert {probe.track for probe in sink.probes} == {1}
    assert sink.probes[0].at - NOON <= timedelta(seconds=2 / fps)
    assert sink.probes[2].at - NOON < timedelta(seconds=1)
    assert all(abs(float(np.linalg.norm(probe.vector)) - 1) < 1e-5 for probe in sink.probes)
    assert all(0 < probe.quality <= 1 for probe in sink.probes)


def test_the_time_of_a_probe_is_when_the_picture_was_taken(engine: OpencvEngine) -> None:
    """The picture waited 0.4 s before it was its turn."""
    sink, clock = Sink(), Clock()
    running = pipeline(engine, sink, clock)
    for frame in frames([Actor("obama", standing(400, 300, 120))], fps=10, seconds=0.2):
        clock.seconds = frame.taken + 0.4
        running.process(frame)
    assert [probe.at for probe in sink.probes] == [NOON + timedelta(seconds=0.1)]


def test_who_stands_still_is_not_embedded_again_and_again(engine: OpencvEngine) -> None:
    sink, clock = Sink(), Clock()
    run(pipeline(engine, sink, clock), frames([Actor("obama", standing(400, 300, 120))], fps=5, seconds=8), clock)
    assert len(sink.probes) == 5  # three at once, then one for each three seconds of patience


def test_who_comes_nearer_is_embedded_again_because_the_look_is_better(engine: OpencvEngine) -> None:
    settings = PipelineSettings(patience=1000.0)
    sink, clock = Sink(), Clock()
    actor = Actor("obama", walking((300, 300, 64), (500, 330, 140), 6.0))
    run(pipeline(engine, sink, clock, settings), frames([actor], fps=10, seconds=6.0), clock)
    later = sink.probes[3:]
    assert later
    assert all(b.quality >= a.quality + settings.better_by for a, b in itertools.pairwise([sink.probes[2], *later]))
    assert all(b.at - a.at >= timedelta(seconds=settings.better_gap) for a, b in itertools.pairwise(later))


def test_a_track_has_its_share_of_looks_and_no_more(engine: OpencvEngine) -> None:
    settings = PipelineSettings(looks_most=4, patience=0.5)
    sink, clock = Sink(), Clock()
    running = pipeline(engine, sink, clock, settings)
    run(running, frames([Actor("obama", standing(400, 300, 120))], fps=5, seconds=5), clock)
    assert len(sink.probes) == 4


def test_without_an_active_sink_nothing_is_embedded(engine: OpencvEngine) -> None:
    """No lease, no consent: faces are still found (an enrolment may look), but no vector comes into being."""
    counting, sink = Counting(engine), Sink(active=False)
    running = pipeline(counting, sink)
    seen = [running.process(frame) for frame in frames([Actor("obama", standing(400, 300, 120))], fps=5, seconds=2)]
    assert [len(faces) for faces in seen] == [1] * 10
    assert counting.embeds == 0
    sink.active = True
    run(running, [Frame(compose([Actor("obama", standing(400, 300, 120))], 0), START + 2, 11)])
    assert counting.embeds == 1


@pytest.mark.parametrize(
    ("where", "settings"),
    [
        (standing(400, 300, 45), PipelineSettings()),
        (standing(400, 300, 90), PipelineSettings(quality=QualitySettings(size_least=120))),
        (standing(8, 300, 120), PipelineSettings()),
    ],
    ids=["too small", "smaller than this camera wants", "cut by the edge"],
)
def test_a_bad_look_is_never_embedded(engine: OpencvEngine, where: Where, settings: PipelineSettings) -> None:
    counting, sink = Counting(engine), Sink()
    running = pipeline(counting, sink, settings=settings)
    found = [running.process(frame) for frame in frames([Actor("obama", where)], fps=5, seconds=1)]
    assert any(found)
    assert counting.embeds == 0


def test_twenty_faces_each_get_their_looks(engine: OpencvEngine) -> None:
    """Within 3 s at 5 pictures a second, though no picture embeds more than its share."""
    names = list(itertools.islice(itertools.cycle(FACES), 20))
    actors = [Actor(name, standing(130 + 250 * (n % 5), 100 + 175 * (n // 5), 90)) for n, name in enumerate(names)]
    counting, sink, clock = Counting(engine), Sink(), Clock()
    running = pipeline(counting, sink, clock)
    most = PipelineSettings().embeds_most
    for frame in frames(actors, fps=5, seconds=3):
        clock.seconds, before = frame.taken, counting.embeds
        assert len(running.process(frame)) == 20
        assert counting.embeds - before <= most
    assert sorted(sink.tracks) == list(range(1, 21))
    assert all(len(probes) >= 3 for probes in sink.tracks.values())


def test_late_pictures_embed_only_the_most_promising(engine: OpencvEngine) -> None:
    """Every call of the clock costs 60 ms: the next picture is always due, so each embeds the least allowed."""
    widths = (70, 130, 95, 115)
    actors = [Actor("obama", standing(160 + 300 * n, 300, width)) for n, width in enumerate(widths)]
    counting, sink = Counting(engine), Sink()
    ticking = itertools.count(START, 0.06)
    running = FacePipeline("cam-door", counting, sink, ids=itertools.count(1), monotonic=lambda: next(ticking))  # type: ignore[arg-type]
    run(running, frames(actors, fps=10, seconds=0.2))
    assert counting.embeds == PipelineSettings().embeds_least
    run(running, frames(actors, fps=10, seconds=0.3))
    largest_first = [probe.track for probe in sink.probes[:2]]
    assert largest_first == [1, 2]  # the engine gives the largest first, so they got the first ids


def test_two_who_cross_are_never_mixed_up(engine: OpencvEngine) -> None:
    """Each track offers one person only, though one hides the other on the way."""
    actors = [
        Actor("person_b_1", walking((1000, 300, 85), (250, 300, 85), 4.0)),
        Actor("obama", walking((250, 310, 110), (1000, 310, 110), 4.0)),
    ]
    sink, clock = Sink(), Clock()
    settings = PipelineSettings(patience=0.4, better_gap=0.4)
    run(pipeline(engine, sink, clock, settings), frames(actors, fps=10, seconds=4.0), clock)
    people = {
        track: {like(engine, p, ["person_b_1", "obama"]) for p in probes} for track, probes in sink.tracks.items()
    }
    assert all(len(names) == 1 for names in people.values())
    assert set().union(*people.values()) == {"person_b_1", "obama"}
    assert len(people) == 2


def test_a_person_who_steps_into_anothers_place_gets_an_id_of_their_own(engine: OpencvEngine) -> None:
    """Same place, same size, half a second apart: motion cannot tell, the embeddings do."""
    place = standing(400, 300, 120)
    first = Actor("obama", lambda t: place(t) if t < 2 else None)
    second = Actor("person_b_1", lambda t: place(t) if t >= 2.5 else None)
    sink, clock = Sink(), Clock()
    settings = PipelineSettings(patience=1.0)
    run(pipeline(engine, sink, clock, settings), frames([first, second], fps=10, seconds=5), clock)
    people = [{like(engine, p, STRANGERS) for p in probes} for probes in sink.tracks.values()]
    assert people == [{"obama"}, {"person_b_1"}]
    assert sink.over == [1]


def test_one_unlucky_picture_does_not_stop_the_stream(engine: OpencvEngine, caplog: pytest.LogCaptureFixture) -> None:
    counting, sink, clock = Counting(engine), Sink(), Clock()
    counting.broken_detects, counting.broken_embeds = {4}, {1}
    running = pipeline(counting, sink, clock)
    run(running, frames([Actor("obama", standing(400, 300, 120))], fps=10, seconds=1.5), clock)
    assert set(sink.tracks) == {1}
    assert len(sink.probes) == 3
    assert "the model failed to embed (error)" in caplog.text
    assert "unlucky" not in caplog.text


@pytest.mark.parametrize("step", ["detect", "embed"])
def test_an_engine_that_only_fails_is_said(engine: OpencvEngine, step: str) -> None:
    counting, sink, clock = Counting(engine), Sink(), Clock()
    broken = counting.broken_detects if step == "detect" else counting.broken_embeds
    broken.update(range(1, 1000))
    running = pipeline(counting, sink, clock, PipelineSettings(faults_most=5))
    with pytest.raises(EngineError, match=f"failed to {step} 5 times in a row") as raised:
        run(running, frames([Actor("obama", standing(400, 300, 120))], fps=10, seconds=3), clock)
    assert "unlucky" not in str(raised.value)


def test_what_is_no_face_is_ignored() -> None:
    """A detector may answer with numbers that are none."""
    place = ((1.0, 1.0),) * 5
    nan = float("nan")
    odd = [
        Face((10, 10, 80, 100), place, 0.9),
        Face((nan, 10, 80, 100), ((nan, 1.0),) * 5, 0.9),
        Face((10, 10, 0, 0), ((1.0, 1.0), (9.0, 1.0), (5.0, 5.0), (1.0, 9.0), (9.0, 9.0)), 0.9),
        Face((10, 10, 80, 100), (), 0.9),
    ]

    class Odd(Counting):
        def __init__(self) -> None:
            self.embeds = 0

        def detect(self, image: object) -> list[Face]:
            return odd

    running = pipeline(Odd(), Sink())
    blank = np.zeros((200, 200, 3), np.uint8)
    assert [running.process(Frame(blank, START + n, n + 1)) for n in range(3)] == [(), (), ()]


def test_a_track_ends_when_the_person_has_left_and_when_the_camera_closes(engine: OpencvEngine) -> None:
    sink, clock = Sink(), Clock()
    running = pipeline(engine, sink, clock)
    gone = Actor("obama", lambda t: (400, 300, 120) if t < 1 else None)
    stays = Actor("person_b_1", standing(900, 300, 110))
    run(running, frames([gone, stays], fps=5, seconds=4), clock)
    assert sink.over == [1]
    running.close()
    assert sink.over == [1, 2]
    running.close()
    assert sink.over == [1, 2]


def test_a_camera_that_is_opened_anew_begins_with_new_tracks(engine: OpencvEngine) -> None:
    sink, clock = Sink(), Clock()
    running = pipeline(engine, sink, clock)
    actor = [Actor("obama", standing(400, 300, 120))]
    run(running, frames(actor, fps=5, seconds=1), clock)
    run(running, frames(actor, fps=5, seconds=1, start=START + 1.2), clock)
    assert sink.over == [1]
    assert set(sink.tracks) == {1, 2}


def test_ids_are_never_given_twice_in_a_process(engine: OpencvEngine) -> None:
    sink = Sink()
    for _ in range(2):
        running = FacePipeline("cam-door", engine, sink)
        run(running, frames([Actor("obama", standing(400, 300, 120))], fps=5, seconds=1))
        running.close()
    assert len(set(sink.over)) == len(sink.over) == 2


def test_a_4k_picture_gives_faces_in_its_own_pixels(engine: OpencvEngine) -> None:
    sink, clock = Sink(), Clock()
    running = pipeline(engine, sink, clock)
    seen = [
        running.process(frame)
        for frame in frames([Actor("obama", standing(2600, 1200, 420))], fps=10, seconds=0.4, width=3840, height=2160)
    ]
    (face,) = seen[-1]
    assert abs(face.box[0] + face.box[2] / 2 - 2600) < 40
    assert abs(face.box[2] - 420) < 60
    assert sink.probes


def test_nothing_of_a_person_is_kept_after_the_camera_closes(engine: OpencvEngine) -> None:
    """Every picture and every vector is watched: the pictures go at once, the vectors with their track."""

    class Forgetful(Sink):
        def __init__(self) -> None:
            super().__init__()
            self.vectors: list[weakref.ref[object]] = []

        def offer(self, probe: Probe) -> None:
            self.vectors.append(weakref.ref(probe.vector))

    sink, clock, pictures = Forgetful(), Clock(), []
    running = pipeline(engine, sink, clock)
    for n in range(12):
        image = compose([Actor("obama", standing(400, 300, 120))], n / 10)
        pictures.append(weakref.ref(image))
        running.process(Frame(image, START + n / 10, n + 1))
        del image
    gc.collect()
    assert [reference() for reference in pictures] == [None] * 12
    assert sum(reference() is not None for reference in sink.vectors) == 1
    running.close()
    gc.collect()
    assert [reference() for reference in sink.vectors] == [None] * 3


def test_switched_off_in_between_it_forgets_at_once(engine: OpencvEngine) -> None:
    vectors: list[weakref.ref[object]] = []

    class Forgetful(Sink):
        def offer(self, probe: Probe) -> None:
            vectors.append(weakref.ref(probe.vector))

    sink, clock = Forgetful(), Clock()
    running = pipeline(engine, sink, clock)
    actor = [Actor("obama", standing(400, 300, 120))]
    run(running, frames(actor, fps=5, seconds=1), clock)
    sink.active = False
    run(running, [Frame(compose(actor, 1), START + 1, 6)], clock)
    gc.collect()
    assert [reference() for reference in vectors] == [None] * 3
