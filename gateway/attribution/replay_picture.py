"""A picture of a replay: which rule decided, which would, and how often; off the diagonal is what would change."""

from collections.abc import Mapping
from xml.etree import ElementTree

CELL, LABEL, TOP, MARGIN, FONT = 88, 180, 200, 110, 14
"""Units of the picture. `MARGIN` keeps the last slanted heading inside."""
SAME, CHANGED = "#5b6b7b", "#c2410c"
LEAST = {SAME: 0.12, CHANGED: 0.3}
"""How strongly the rarest is drawn: a single verdict that would change must be seen."""


def svg(moved: Mapping[tuple[str, str], int], title: str) -> str:
    """SVG 1.1, one file. `moved`: how many verdicts by the first rule would be by the second."""
    was, now = (sorted({pair[side] for pair in moved}) for side in (0, 1))
    root = _canvas(LABEL + CELL * len(now) + MARGIN, TOP + CELL * len(was) + FONT)
    _text(root, 12, 28, title, anchor="start", weight="bold")
    _text(root, 12, 50, "by row: the rule that decided; by column: the rule that would", anchor="start")
    for column, rule in enumerate(now):
        x = LABEL + CELL * column + CELL // 2
        _text(root, x, TOP - 12, rule, anchor="start", transform=f"rotate(-45 {x} {TOP - 12})")
    most = max(moved.values(), default=1)
    for row, rule in enumerate(was):
        _text(root, LABEL - 12, TOP + CELL * row + CELL // 2, rule, anchor="end")
        for column, other in enumerate(now):
            if count := moved.get((rule, other), 0):
                _cell(root, column, row, count, count / most, SAME if rule == other else CHANGED)
    return ElementTree.tostring(root, encoding="unicode") + "\n"


def _canvas(width: int, height: int) -> ElementTree.Element:
    wide = max(width, 460)
    about = {
        "xmlns": "http://www.w3.org/2000/svg",
        "width": str(wide),
        "height": str(height),
        "viewBox": f"0 0 {wide} {height}",
        "font-family": "sans-serif",
        "font-size": str(FONT),
    }
    root = ElementTree.Element("svg", about)
    ElementTree.SubElement(root, "rect", {"width": "100%", "height": "100%", "fill": "#ffffff"})
    return root


def _cell(root: ElementTree.Element, column: int, row: int, count: int, part: float, colour: str) -> None:
    x, y = LABEL + CELL * column, TOP + CELL * row
    place = {"x": str(x + 2), "y": str(y + 2), "width": str(CELL - 4), "height": str(CELL - 4)}
    strength = LEAST[colour] + (0.55 - LEAST[colour]) * part
    ElementTree.SubElement(root, "rect", {**place, "fill": colour, "fill-opacity": f"{strength:.2f}"})
    _text(root, x + CELL // 2, y + CELL // 2 + FONT // 2, str(count), anchor="middle")


def _text(
    root: ElementTree.Element, x: int, y: int, said: str, *, anchor: str, weight: str = "normal", **more: str
) -> None:
    place = {"x": str(x), "y": str(y), "text-anchor": anchor, "font-weight": weight, "fill": "#111827"}
    ElementTree.SubElement(root, "text", {**place, **more}).text = said
