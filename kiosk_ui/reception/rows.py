"""A list that changes under a hand: only rows that differ are drawn anew, so focus and finger stay where they are."""

from collections.abc import Callable, Iterable

from nicegui.element import Element


class Rows:
    def __init__(self, box: Element) -> None:
        self._box = box
        self._kept: dict[str, tuple[object, Element]] = {}

    def show(self, rows: Iterable[tuple[str, object, Callable[[], Element]]]) -> None:
        """Each row: its key, what it shows, and how it is drawn. In this order, and nothing else."""
        wanted = list(rows)
        for gone in self._kept.keys() - {key for key, _, _ in wanted}:
            self._kept.pop(gone)[1].delete()
        for place, (key, shows, draw) in enumerate(wanted):
            self._put(place, key, shows, draw)

    def _put(self, place: int, key: str, shows: object, draw: Callable[[], Element]) -> None:
        kept = self._kept.get(key)
        if kept is None or kept[0] != shows:
            if kept is not None:
                kept[1].delete()
            with self._box:
                kept = shows, draw()
            self._kept[key] = kept
        if self._box.default_slot.children[place] is not kept[1]:
            kept[1].move(target_index=place)
