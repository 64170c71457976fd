"""What every chart shares: fonts, axes, tooltip, legend."""

from collections.abc import Callable, Sequence
from typing import Any

from kiosk_ui.charts.palette import Palette

Options = dict[str, Any]
Translate = Callable[..., str]

FONT = "Noto Sans SC Variable, Noto Sans SC, system-ui, sans-serif"
LABEL_SIZE = 13


def frame(palette: Palette, *, label_size: int = LABEL_SIZE) -> Options:
    """The options common to all charts; short animation, because boards update several times a minute."""
    return {
        "animationDuration": 300,
        "animationDurationUpdate": 300,
        "textStyle": {"fontFamily": FONT, "fontSize": label_size, "color": palette.ink},
        "grid": {"left": 8, "right": 12, "top": 40, "bottom": 4, "containLabel": True},
        "tooltip": {
            "trigger": "axis",
            "backgroundColor": palette.surface,
            "borderColor": palette.line,
            "textStyle": {"color": palette.ink, "fontFamily": FONT, "fontSize": label_size},
        },
    }


def legend(palette: Palette, names: Sequence[str], *, label_size: int = LABEL_SIZE) -> Options:
    return {
        "data": list(names),
        "top": 0,
        "right": 0,
        "itemWidth": 18,
        "itemHeight": 10,
        "itemGap": 20,
        "textStyle": {"color": palette.muted, "fontFamily": FONT, "fontSize": label_size},
    }


def category_axis(
    palette: Palette, values: Sequence[str], *, label_size: int = LABEL_SIZE, interval: int | str = "auto"
) -> Options:
    return {
        "type": "category",
        "data": list(values),
        "axisTick": {"show": False},
        "axisLine": {"lineStyle": {"color": palette.line}},
        "axisLabel": {"color": palette.muted, "fontFamily": FONT, "fontSize": label_size, "interval": interval},
    }


def value_axis(palette: Palette, *, name: str = "", label_size: int = LABEL_SIZE, splits: int = 4) -> Options:
    """A value axis from 0; `name` is its unit."""
    return {
        "type": "value",
        "min": 0,
        "name": name,
        "nameTextStyle": {"color": palette.muted, "fontFamily": FONT, "fontSize": label_size, "align": "left"},
        "splitNumber": splits,
        "minInterval": 1,
        "splitLine": {"lineStyle": {"color": palette.line}},
        "axisLabel": {"color": palette.muted, "fontFamily": FONT, "fontSize": label_size},
    }


def rounded(color: str, radius: int = 4, *, complete: bool = True) -> Options:
    """A bar's style; faint while its hour or day is still running."""
    return {"color": color, "borderRadius": [radius, radius, 0, 0], "opacity": 1 if complete else 0.5}
