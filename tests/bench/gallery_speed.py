"""Measures the gallery in a process of its own, with numpy set up as in the agent. Prints JSON: milliseconds, seconds.

`raw` is the matrix product alone on the same data: what no exact search can beat.
"""

import json
import time
from collections.abc import Callable

from edge_agent.vision.vault.gallery import Gallery  # first: it decides how numpy starts

import numpy as np  # isort: skip

PEOPLE, DIMENSIONS, LOOKS = 50_000, 128, 400


def unit_rows(count: int, seed: int) -> "np.ndarray":  # type: ignore[type-arg]
    rows = np.random.default_rng(seed).standard_normal((count, DIMENSIONS)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def milliseconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def main() -> None:
    gallery, rows = Gallery(DIMENSIONS), unit_rows(PEOPLE, 1)
    began = time.perf_counter()
    for n, row in enumerate(rows):
        gallery.add(f"person-{n}", f"consent-{n}", row)
    filled = time.perf_counter() - began
    probes = unit_rows(LOOKS, 2)
    probes[::10] = rows[: len(probes[::10])]
    match, raw = [], []
    for n, probe in enumerate(probes):
        raw.append(milliseconds(lambda probe=probe: rows @ probe))
        match.append(milliseconds(lambda probe=probe: gallery.match(probe)))
        found = gallery.match(probe)
        if n % 10 == 0 and (found is None or found.person_ref != f"person-{n // 10}"):
            raise SystemExit("the gallery did not find somebody who is there")

    def change(n: int) -> None:
        gallery.remove(f"consent-{n}")
        gallery.add(f"person-{n}", f"consent-{n}", rows[n])

    changes = [milliseconds(lambda n=n: change(n)) for n in range(200)]
    print(json.dumps({"match": match, "raw": raw, "change": changes, "filled": filled}))


if __name__ == "__main__":
    main()
