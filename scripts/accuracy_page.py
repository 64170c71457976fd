"""docs/accuracy.md and its charts, from what scripts/accuracy.py measured."""

import math
from dataclasses import dataclass
from pathlib import Path

import cv2
import matplotlib as mpl
from accuracy_conditions import NEAR
from scipy.stats import beta

from edge_agent.vision.engines.selfcheck import Checked
from edge_agent.vision.ports import FaceEngine

mpl.use("Agg")
from matplotlib import pyplot

CONFIDENCE = 0.95
METRES_TIMES_PIXELS = 1280 * 0.15 / (2 * math.tan(math.radians(70 / 2)))
"""A face 15 cm wide, 1 m away, in a picture 1280 pixels and 70° wide."""


@dataclass(frozen=True)
class Row:
    name: str
    shown: int
    found: int
    same_median: float | None
    same_least: float | None
    different_most: float | None


@dataclass(frozen=True)
class Morph:
    share: float
    shown: int
    found: int
    major: list[float]
    minor: list[float]


@dataclass(frozen=True)
class Measured:
    people: int
    pictures: int
    alone: int
    """Pictures in which exactly the one face was found."""
    same: list[float]
    different: list[float]
    person_pairs: dict[tuple[str, str], float]
    limits: dict[int, float]
    distances: list[Row]
    conditions: dict[str, list[Row]]
    misses: dict[str, dict[int, tuple[int, int]]]
    morphs: list[Morph]
    empty: tuple[int, int]
    check: Checked


def interval(events: int, trials: int) -> tuple[float, float]:
    """Clopper and Pearson's exact two-sided interval of a share (Biometrika 26, 1934)."""
    tail = (1 - CONFIDENCE) / 2
    low = float(beta.ppf(tail, events, trials - events + 1)) if events else 0.0
    high = float(beta.ppf(1 - tail, events + 1, trials - events)) if events < trials else 1.0
    return low, high


def trials_without(most: float) -> int:
    """How many trials without an event put the upper end of `interval` at the share `most`."""
    return math.ceil(math.log((1 - CONFIDENCE) / 2) / math.log1p(-most))


def share(events: int, trials: int) -> str:
    low, high = interval(events, trials)
    return f"{events} of {trials} ({100 * low:.0f} to {100 * high:.0f} %)"


def write(measured: Measured, engine: FaceEngine, docs: Path) -> None:
    _histogram(measured, docs / "pictures" / "accuracy_similarity.png")
    _distance_chart(measured, docs / "pictures" / "accuracy_distance.png")
    sections = [
        _head(measured, engine),
        _errors(measured),
        _distance(measured),
        *(_condition(measured, title, text) for title, text in _TITLES.items()),
        _lookalikes(measured),
        _reproduced(measured),
        _limits_of_the_sample(measured),
        (Path(__file__).parent / "accuracy_published.md").read_text(encoding="utf-8").strip(),
        "Written by `make accuracy`; published figures are kept in scripts/accuracy_published.md.",
    ]
    (docs / "accuracy.md").write_text("\n\n".join(sections) + "\n", encoding="utf-8")


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _number(value: float | None) -> str:
    return "—" if value is None else f"{value:.2f}"


def _head(measured: Measured, engine: FaceEngine) -> str:
    found, empty = measured.empty
    return f"""# How well faces are recognised

Recognition here prompts a person to look up; it never decides anything alone. This page says what was measured, on
how little, and what others have published. Measured: the default engine `{engine.id}` (YuNet and SFace in OpenCV
{cv2.__version__}, weights {engine.model[:12]}…), in full: found at working size, aligned, embedded, compared by cosine.

## Pictures

{measured.pictures} photographs of {measured.people} public figures under free licences (three with more than one),
fetched by `make models` with their credits (build/portraits/CREDITS.md). No visitor's face was used.
Everything below that was changed by a program is called **synthetic**. Conditions are tried on all {measured.pictures}
photographs and compared with the *other* photographs of the same person, years apart for the most part.

## Found

- Unchanged photographs with their one face found: {share(measured.alone, measured.pictures)}. In brackets, here and
  below: the exact {100 * CONFIDENCE:.0f} % interval (Clopper-Pearson).
- Synthetic pictures without a face (noise, gradients, blocks) in which one was found: {share(found, empty)}.
- Start-up self-check: two photographs of one person at least {measured.check.same:.2f} alike, two strangers at most
  {measured.check.different:.2f}."""


def _errors(measured: Measured) -> str:
    rows = []
    for gallery, limit in measured.limits.items():
        missed = sum(value < limit for value in measured.same)
        wrong = sum(value >= limit for value in measured.different)
        people = sum(value >= limit for value in measured.person_pairs.values())
        rows.append(
            [
                f"{gallery:,}",
                f"{limit:.2f}",
                share(missed, len(measured.same)),
                share(wrong, len(measured.different)),
                share(people, len(measured.person_pairs)),
            ]
        )
    table = _table(
        [
            "people in the gallery",
            "cosine needed",
            "same person missed",
            "strangers matched",
            "pairs of people matched",
        ],
        rows,
    )
    return f"""## Right and wrong on unchanged photographs

![Similarities](pictures/accuracy_similarity.png)

{table}

One look at a time. The program wants several looks of one track to agree, with a margin to the second best. Pictures of
the same two people are not independent of one another: the last column, by whole pairs of people, is the honest count.
Same person: {min(measured.same):.2f} to {max(measured.same):.2f}. Strangers: at most {max(measured.different):.2f}."""


def _misses(measured: Measured, name: str) -> list[str]:
    return [f"{missed} of {possible}" for missed, possible in measured.misses[name].values()]


def _distance(measured: Measured) -> str:
    galleries = [f"missed among {gallery:,}" for gallery in measured.limits]
    rows = [
        [
            row.name,
            f"{METRES_TIMES_PIXELS / float(row.name):.1f} m",
            f"{row.found} of {row.shown}",
            _number(row.same_median),
            _number(row.different_most),
            *_misses(measured, row.name),
        ]
        for row in measured.distances
    ]
    head = ["face, pixels", "about", "found", "same, median", "strangers, most", *galleries]
    return f"""## By distance (synthetic: photographs scaled down into a frame of 1280 × 720)

{_table(head, rows)}

![By distance](pictures/accuracy_distance.png)

Metres are those of a camera 1280 pixels and 70° wide. `min_face` (default 60 pixels) is where recognition starts;
smaller faces are found, tracked and forgotten. "Missed" counts comparisons with one other photograph, faces not found
included."""


_TITLES = {
    "blur": f"By blur (synthetic; faces {NEAR} pixels wide)",
    "light": f"By light (synthetic; faces {NEAR} pixels wide)",
    "covered": f"Masks, sunglasses, half faces (synthetic; faces {NEAR} pixels wide)",
    "turned": f"Tilted heads and a camera hung wrongly (synthetic; faces {NEAR} pixels wide)",
}

_NOTES = {
    "turned": """

It is YuNet that fails here: it places the landmarks of a tilted head as if it were level, so the face is aligned askew.
With the true landmarks SFace gave 0.95 and more at every one of these angles (tried on three portraits). A camera hung
sideways or upside down needs `rotate`; without it nobody is recognised."""
}


def _condition(measured: Measured, title: str, text: str) -> str:
    return f"## {text}\n\n{_condition_table(measured, title)}{_NOTES.get(title, '')}"


def _condition_table(measured: Measured, title: str) -> str:
    galleries = [f"missed among {gallery:,}" for gallery in measured.limits]
    rows = [
        [
            row.name,
            f"{row.found} of {row.shown}",
            _number(row.same_median),
            _number(row.same_least),
            _number(row.different_most),
            *_misses(measured, row.name),
        ]
        for row in measured.conditions[title]
    ]
    head = ["", "found", "same, median", "same, least", "strangers, most", *galleries]
    return _table(head, rows)


def _lookalikes(measured: Measured) -> str:
    rows = []
    for each in measured.morphs:
        counts = [share(sum(v >= limit for v in each.minor), each.shown) for limit in measured.limits.values()]
        rows.append(
            [f"{100 * each.share:.0f} %", _number(max(each.minor)), _number(sum(each.minor) / len(each.minor)), *counts]
        )
    galleries = [f"matched among {gallery:,}" for gallery in measured.limits]
    return f"""## Look-alikes (synthetic: two people laid over one another)

{_table(["share of the other person", "alike, most", "alike, mean", *galleries], rows)}

A stranger who is partly somebody else, against that somebody: a stand-in for siblings and doubles, of whom there are no
licensed photographs. At one half the picture *is* both people, and both may be matched: there the margin to the second
best refuses, as long as both are in the gallery. Real twins are not told apart by this or any engine of its kind."""


def _reproduced(measured: Measured) -> str:
    return f"""## A photograph of a photograph (synthetic)

{_condition_table(measured, "reproduced")}

It is recognised. There is **no liveness detection** and no claim of any: whoever holds up a picture of a consenting
customer is greeted as that customer. That is why recognition decides nothing, opens no door and only prompts a person
to look, and why a kiosk should show a recognised visitor no more than a stranger may read."""


def _limits_of_the_sample(measured: Measured) -> str:
    pairs = len(measured.person_pairs)
    people = sum(1 for _ in range(measured.people))
    return f"""## What this sample cannot show

- **False matches.** {people} people make {pairs} pairs. With none of them matched, the true rate may still be up to
  {100 * interval(0, pairs)[1]:.0f} % (the same exact {100 * CONFIDENCE:.0f} % interval). To bring that bound down to one in a million takes
  {trials_without(1e-6) / 1e6:.1f} million independent pairs without a match. The thresholds rest on published figures
  and on distance from what was seen, not on this sample.
- **Missed people.** {len(measured.same)} comparisons of three people, up to {100 * interval(0, len(measured.same))[1]:.0f} % even with none missed.
- **Who they are.** None is of East Asian origin, none is a child or very old, all sat for a photographer. An office's
  visitors differ; published figures below say in which direction.
- **The camera.** Synthetic distance, blur and light are not a lens in a lobby at dusk. Whoever sets up an office should
  walk past the camera with a few consenting colleagues and read the scores in the events."""  # noqa: E501 - a page


def _histogram(measured: Measured, path: Path) -> None:
    figure, axes = pyplot.subplots(figsize=(7, 2.8), dpi=110)
    bins = [n / 40 - 0.2 for n in range(49)]
    axes.hist(measured.different, bins, color="#b5651d", label=f"strangers, {len(measured.different)} comparisons")
    axes.hist(measured.same, bins, color="#2a6f97", label=f"same person, {len(measured.same)} comparisons")
    for gallery, limit in measured.limits.items():
        axes.axvline(limit, color="#444", linewidth=0.8, linestyle="--")
        axes.text(limit, axes.get_ylim()[1] * 0.97, f"{gallery:,} ", ha="right", va="top", fontsize=7, rotation=90)
    axes.set_xlabel("cosine similarity; dashed: needed with so many people in the gallery", fontsize=8)
    axes.tick_params(labelsize=8)
    axes.legend(fontsize=8, frameon=False)
    _save(figure, path)


def _distance_chart(measured: Measured, path: Path) -> None:
    figure, axes = pyplot.subplots(figsize=(7, 2.8), dpi=110)
    widths = [float(row.name) for row in measured.distances]
    for label, colour, values in (
        ("same person, median", "#2a6f97", [row.same_median for row in measured.distances]),
        ("same person, least", "#8ab6d6", [row.same_least for row in measured.distances]),
        ("strangers, most", "#b5651d", [row.different_most for row in measured.distances]),
    ):
        seen = [(width, value) for width, value in zip(widths, values, strict=True) if value is not None]
        axes.plot(*zip(*seen, strict=True), marker="o", markersize=3, color=colour, label=label)
    for limit in measured.limits.values():
        axes.axhline(limit, color="#444", linewidth=0.6, linestyle="--")
    axes.set_xlabel("width of the face, pixels; dashed: cosine needed with 1 to 10,000 people", fontsize=8)
    axes.tick_params(labelsize=8)
    axes.legend(fontsize=8, loc="center right")
    _save(figure, path)


def _save(figure: "pyplot.Figure", path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    figure.tight_layout()
    figure.savefig(path, metadata={"Software": None})
    pyplot.close(figure)
