"""The colours charts draw with, taken from the design system: a chart cannot read CSS variables."""

from dataclasses import dataclass
from typing import Literal

from kiosk_ui.design import tokens

ChartTheme = Literal["dark", "light"]


@dataclass(frozen=True, slots=True)
class Palette:
    """`ink` text, `muted` axis labels, `line` grid, `surface` card, `accent` the measured value, `reference` what it is
    compared with, `weekend` the background of a day off, `series` one colour per office."""

    ink: str
    muted: str
    line: str
    surface: str
    accent: str
    reference: str
    weekend: str
    series: tuple[str, ...]


def palette_of(theme: ChartTheme) -> Palette:
    colours = tokens.DARK if theme == "dark" else tokens.LIGHT
    return Palette(
        ink=colours["ink"],
        muted=colours["ink-2"],
        line=colours["line"],
        surface=colours["surface"],
        accent=colours["chart-1"],
        reference=colours["chart-2"],
        weekend=colours["surface-2"],
        series=tuple(colours[name] for name in ("chart-1", "chart-2", "chart-4", "chart-3", "bad", "chart-muted")),
    )
