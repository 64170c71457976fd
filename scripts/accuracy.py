"""Measure the default face engine on the licensed portraits; write docs/accuracy.md and its charts (`make accuracy`).

Everything is measured here and now except the section of published figures. The same machine gives the same page.
"""

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import accuracy_page  # noqa: E402 - scripts are run from anywhere
import cv2  # noqa: E402
import numpy as np  # noqa: E402
from accuracy_conditions import CONDITIONS, DISTANCES, FRAME, Portrait, at_width, morph  # noqa: E402

from edge_agent.vision.config import FacesConfig  # noqa: E402
from edge_agent.vision.engines import factory  # noqa: E402
from edge_agent.vision.engines.selfcheck import selfcheck  # noqa: E402
from edge_agent.vision.ports import FaceEngine  # noqa: E402
from edge_agent.vision.vault.decide import threshold  # noqa: E402
from tests.support.portraits import MODELS, PARTIAL, PEOPLE, PORTRAITS  # noqa: E402

GALLERIES = (1, 100, 1_000, 10_000)
SHARES = (0.2, 0.3, 0.4, 0.5)


@dataclass(frozen=True)
class Known:
    person: str
    name: str
    portrait: Portrait
    vector: Any
    alone: bool


@dataclass
class Outcome:
    """What became of a set of changed pictures, compared with the unchanged others."""

    name: str
    shown: int = 0
    found: int = 0
    same: list[float] = field(default_factory=list)
    different: list[float] = field(default_factory=list)

    def row(self) -> "accuracy_page.Row":
        return accuracy_page.Row(
            self.name,
            self.shown,
            self.found,
            median(self.same) if self.same else None,
            min(self.same) if self.same else None,
            max(self.different) if self.different else None,
        )

    def missed(self, limit: float, possible: int) -> tuple[int, int]:
        """Comparisons of one person with himself that fail, a face not found included; and how many there were."""
        return possible - sum(value >= limit for value in self.same), possible


def look(engine: FaceEngine, image: Any) -> Any | None:
    """Vector of the face nearest to the middle of the frame; None when there is none."""
    faces = engine.detect(image)
    if not faces:
        return None
    height, width = image.shape[:2]

    def off_centre(box: tuple[float, float, float, float]) -> float:
        return abs(box[0] + box[2] / 2 - width / 2) + abs(box[1] + box[3] / 2 - height / 2)

    return engine.embed(image, min(faces, key=lambda face: off_centre(face.box)))


def known_people(engine: FaceEngine) -> list[Known]:
    known = []
    for person in PEOPLE:
        for name in person.pictures:
            image = cv2.imread(str(PORTRAITS / name))
            faces = engine.detect(image)
            portrait = Portrait(image, faces[0].box, faces[0].landmarks)
            vector = engine.embed(image, faces[0])
            known.append(Known(person.name, name, portrait, vector, len(faces) == 1))
    return known


def outcome(engine: FaceEngine, known: list[Known], name: str, change: Callable[[Portrait], Any]) -> Outcome:
    result = Outcome(name)
    for probe in known:
        result.shown += 1
        vector = look(engine, change(probe.portrait))
        if vector is None:
            continue
        result.found += 1
        for other in known:
            if other.name != probe.name:
                values = result.same if other.person == probe.person else result.different
                values.append(float(vector @ other.vector))
    return result


def lookalikes(engine: FaceEngine, known: list[Known]) -> list["accuracy_page.Morph"]:
    """Every two of six people mixed; how alike each mixture is to both, and what thresholds make of it."""
    first = {each.person: each for each in reversed(known)}
    rows = []
    for share in SHARES:
        minor, major, found, shown = [], [], 0, 0
        for one, other in combinations(first.values(), 2):
            for base, added in ((one, other), (other, one)):
                shown += 1
                vector = look(engine, morph(base.portrait, added.portrait, share))
                if vector is None:
                    continue
                found += 1
                major.append(float(vector @ base.vector))
                minor.append(float(vector @ added.vector))
        rows.append(accuracy_page.Morph(share, shown, found, major, minor))
    return rows


def partial(engine: FaceEngine, known: list[Known]) -> Outcome:
    result = Outcome("half a face, cut at the border")
    for name in PARTIAL:
        image = cv2.imread(str(PORTRAITS / name))
        vector = look(engine, image)
        result.shown += 1
        if vector is None:
            continue
        result.found += 1
        for other in known:
            if other.name != "obama.jpg":  # the picture it was cut from
                (result.same if other.person == "obama" else result.different).append(float(vector @ other.vector))
    return result


def empty_pictures(engine: FaceEngine) -> tuple[int, int]:
    """Faces found where there are none: noise, gradients and shapes."""
    random = np.random.default_rng(7)
    found = 0
    for number in range(100):
        coarse = random.integers(0, 256, (2 + number % 23, 3 + number % 31, 3), dtype=np.uint8)
        picture = cv2.resize(coarse, (FRAME[1], FRAME[0]), interpolation=cv2.INTER_CUBIC if number % 2 else 0)
        found += bool(engine.detect(picture))
    return found, 100


def measure(engine: FaceEngine) -> "accuracy_page.Measured":
    known = known_people(engine)
    pairs = list(combinations(known, 2))
    same = [float(a.vector @ b.vector) for a, b in pairs if a.person == b.person]
    different = [float(a.vector @ b.vector) for a, b in pairs if a.person != b.person]
    nearest = most_alike(pairs)
    distances = [outcome(engine, known, f"{width}", lambda p, w=width: at_width(p, w)) for width in DISTANCES]
    conditions = {
        title: [outcome(engine, known, each.name, each.apply) for each in group] for title, group in CONDITIONS.items()
    }
    conditions["covered"].append(partial(engine, known))
    return accuracy_page.Measured(
        people=len(PEOPLE),
        pictures=len(known),
        alone=sum(each.alone for each in known),
        same=same,
        different=different,
        person_pairs=nearest,
        limits={gallery: threshold(engine.scale, gallery) for gallery in GALLERIES},
        distances=[each.row() for each in distances],
        conditions={title: rows(group) for title, group in conditions.items()},
        misses=misses(distances, conditions, engine),
        morphs=lookalikes(engine, known),
        empty=empty_pictures(engine),
        check=selfcheck(engine),
    )


def rows(outcomes: Iterable[Outcome]) -> list["accuracy_page.Row"]:
    return [each.row() for each in outcomes]


def most_alike(pairs: list[tuple[Known, Known]]) -> dict[tuple[str, str], float]:
    """Two different people → their most alike photographs."""
    found: dict[tuple[str, str], float] = {}
    for one, other in pairs:
        if one.person != other.person:
            key = (one.person, other.person)
            found[key] = max(found.get(key, -1.0), float(one.vector @ other.vector))
    return found


def misses(
    distances: list[Outcome], conditions: dict[str, list[Outcome]], engine: FaceEngine
) -> dict[str, dict[int, tuple[int, int]]]:
    """Name of a condition → gallery → comparisons that fail, of how many."""
    mates = 16  # directed pairs: each of a person's pictures against that person's others
    every = [*distances, *(each for group in conditions.values() for each in group)]
    return {
        each.name: {
            gallery: each.missed(threshold(engine.scale, gallery), 6 if each.shown == len(PARTIAL) else mates)
            for gallery in GALLERIES
        }
        for each in every
    }


def main() -> int:
    engine = factory.build(FacesConfig(models=MODELS, copy=Path("copy"), key_file=Path("keys/key")))
    accuracy_page.write(measure(engine), engine, ROOT / "docs")
    print("docs/accuracy.md and its charts are written.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
