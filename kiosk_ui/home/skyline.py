"""A quiet drawing of towers by a lake behind the title: drawn here, in the colours of the theme, our own work."""

from markupsafe import Markup
from nicegui import ui

_TOWERS = (
    (40, 96, 46),
    (96, 140, 38),
    (142, 82, 54),
    (212, 168, 42),
    (264, 120, 60),
    (340, 60, 44),
    (396, 190, 40),
    (446, 150, 48),
    (512, 104, 56),
    (586, 70, 62),
)
"""(left, height, width) of each tower, in the drawing's units (660 × 260)."""
_GROUND = 220


def skyline() -> None:
    ui.html(_drawing(), sanitize=False).classes("home-skyline")


def _drawing() -> str:
    towers = Markup("").join(_tower(*tower) for tower in _TOWERS)
    water = Markup("").join(
        Markup('<path d="M{x} {y}h{w}" class="water"/>').format(x=30 + 53 * n % 560, y=_GROUND + 10 + 7 * (n % 4), w=60)
        for n in range(12)
    )
    return str(
        Markup(
            '<svg viewBox="0 0 660 260" preserveAspectRatio="xMaxYMax meet" aria-hidden="true">'
            '<circle cx="322" cy="66" r="26" class="sun"/>{towers}<path d="M0 {g}h660" class="ground"/>{water}</svg>'
        ).format(towers=towers, g=_GROUND, water=water)
    )


def _tower(left: int, height: int, width: int) -> Markup:
    top = _GROUND - height
    windows = Markup("").join(
        Markup('<rect x="{x}" y="{y}" width="5" height="7" class="{kind}"/>').format(
            x=left + 8 + 12 * column,
            y=row,
            kind="lit" if (left * 7 + row * 13 + column * 29) % 11 in (0, 3) else "pane",
        )
        for row in range(top + 10, _GROUND - 10, 15)
        for column in range((width - 12) // 12)
    )
    return Markup('<rect x="{x}" y="{y}" width="{w}" height="{h}" rx="3" class="tower"/>{windows}').format(
        x=left, y=top, w=width, h=height, windows=windows
    )
