"""Faces that are numbers, an engine that only has a name, an outbox that is a list, clocks that are set by hand."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from contracts.events import Data
from contracts.ids import uuid7
from contracts.messages import ConsentEntry
from edge_agent.vision.config import MatchingConfig
from edge_agent.vision.ports import Probe, Scale
from edge_agent.vision.vault.consents import ConsentCopy
from edge_agent.vision.vault.keys import Keys
from edge_agent.vision.vault.lease import Lease
from edge_agent.vision.vault.vault import Vault

DIMENSIONS = 128
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SCALE = Scale(0.5, 0.3, 0.40, 0.04, 0.60, 0.05, 0.02)
Vector = NDArray[np.float32]


@dataclass
class Engine:
    id: str = "opencv"
    model: str = "a" * 64
    dimensions: int = DIMENSIONS
    scale: Scale = SCALE


@dataclass
class Wall:
    """A wall clock and a clock nobody can set."""

    now: datetime = NOON
    seconds: float = 1000.0

    def wall(self) -> datetime:
        return self.now

    def boot(self) -> float:
        return self.seconds

    def pass_(self, seconds: float) -> None:
        self.seconds += seconds
        self.now += timedelta(seconds=seconds)


@dataclass
class Reports:
    """What the outbox would take. With `durable` false nothing resolves until `commit`."""

    durable: bool = True
    events: list[Data] = field(default_factory=list)
    waiting: "list[Future[int]]" = field(default_factory=list)

    def __call__(self, data: Data) -> "Future[int]":
        future: Future[int] = Future()
        self.events.append(data)
        self.waiting.append(future)
        if self.durable:
            self.commit()
        return future

    def commit(self) -> None:
        waiting, self.waiting = self.waiting, []
        for future in waiting:
            future.set_result(1)

    def of(self, kind: type[Data]) -> list[Data]:
        return [event for event in self.events if isinstance(event, kind)]


def face(seed: int, dimensions: int = DIMENSIONS) -> Vector:
    """A person's face: a random direction; those of two people are nearly at right angles."""
    vector = np.random.default_rng(seed).standard_normal(dimensions).astype(np.float32)
    return vector / np.float32(np.linalg.norm(vector))


def glance(vector: Vector, seed: int, noise: float = 0.06) -> Vector:
    """Another picture of the same face: cosine about 0.83."""
    seen = vector + np.random.default_rng(seed).standard_normal(len(vector)).astype(np.float32) * np.float32(noise)
    return (seen / np.float32(np.linalg.norm(seen))).astype(np.float32)


def aside(cosine: float) -> tuple[Vector, Vector]:
    """Two faces whose cosine is exactly the float32 nearest to `cosine`."""
    first, second = np.zeros((2, DIMENSIONS), dtype=np.float32)
    first[0] = 1
    second[0] = cosine
    second[1] = np.sqrt(1 - cosine * cosine)
    return first, second


def probe(vector: Vector, *, track: int = 1, camera: str = "cam-door", at: datetime = NOON) -> Probe:
    return Probe(camera, track, at, vector, 0.9)


def entry(
    consent_id: str, person_ref: str, *, granted: bool = True, days: float = 90, version: int = 1
) -> ConsentEntry:
    return ConsentEntry(
        consent_id=consent_id,
        person_ref=person_ref,
        granted=granted,
        until=NOON + timedelta(days=days),
        version=version,
    )


@dataclass
class Bench:
    """A vault with its surroundings, in a folder of its own."""

    folder: Path
    clock: Wall = field(default_factory=Wall)
    reports: Reports = field(default_factory=Reports)
    rules: MatchingConfig = field(default_factory=MatchingConfig)
    engine: Engine = field(default_factory=Engine)

    def __post_init__(self) -> None:
        (self.folder / "keys").mkdir(exist_ok=True, parents=True)
        (self.folder / "data").mkdir(exist_ok=True)
        self.open()

    @property
    def path(self) -> Path:
        return self.folder / "data" / "faces.db"

    def open(self) -> None:
        self.keys = Keys.load_or_make(self.folder / "keys" / "faces.key", vault=self.path)
        self.copy = ConsentCopy(self.folder / "data" / "consents.db", self.clock.wall)
        self.lease = Lease(self.clock.boot)
        self.vault = Vault(
            self.path,
            self.keys,
            node="vault-node",
            consents=self.copy,
            lease=self.lease,
            report=self.reports,
            rules=self.rules,
            now=self.clock.wall,
            monotonic=self.clock.boot,
        )
        self.vault.use_engine(self.engine)
        self.vault.start()

    def close(self) -> None:
        self.vault.stop()
        self.copy.close()

    def restart(self) -> None:
        self.close()
        self.open()

    def grant(self, days: float = 90) -> tuple[str, str]:
        """A consent that stands in the copy: (consent_id, person_ref)."""
        consent, person = uuid7(), uuid7()
        self.copy.apply([entry(consent, person, days=days)], lambda _: 0, None)
        return consent, person

    def enrol(self, vector: Vector, shots: int = 3) -> tuple[str, str]:
        consent, person = self.grant()
        self.vault.enrol(consent, person, [(glance(vector, 900 + n, 0.03), 0.9) for n in range(shots)])
        return consent, person

    def show(self, vector: Vector, *, track: int = 1, looks: int = 3, camera: str = "cam-door") -> None:
        for n in range(looks):
            self.vault.sink.offer(probe(glance(vector, 5000 + 10 * track + n), track=track, camera=camera))


def files_with(folder: Path, needle: bytes, keep: Callable[[Path], bool] = lambda _: True) -> list[str]:
    """Every file below `folder` that holds the byte run."""
    return sorted(
        file.name for file in folder.rglob("*") if file.is_file() and keep(file) and needle in file.read_bytes()
    )
