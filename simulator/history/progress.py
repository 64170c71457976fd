"""How far the invented past has been told, in a small file that others may read at any time."""

import json
from pathlib import Path


class Progress:
    """One line per door (`central/yunqi`, `gateway/yunqi`): events told, and whether it has caught up."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._doors: dict[str, dict[str, int | bool]] = {}

    def expect(self, door: str) -> None:
        self.tell(door, 0, caught_up=False)

    def tell(self, door: str, told: int, *, caught_up: bool) -> None:
        self._doors[door] = {"told": told, "caught_up": caught_up}
        scratch = self._path.with_suffix(".new")
        scratch.write_text(json.dumps(self._doors), encoding="utf-8")
        scratch.replace(self._path)


def read_progress(path: Path) -> dict[str, dict[str, int | bool]]:
    """Empty while nothing was told."""
    try:
        found: dict[str, dict[str, int | bool]] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return found
