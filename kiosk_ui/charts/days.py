"""Small multiples: one figure of several offices by day."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from contracts.central_api import DayFigures
from kiosk_ui.charts.base import Options, category_axis, frame, rounded, value_axis
from kiosk_ui.charts.palette import Palette

FEN_PER_WAN = 1_000_000
"""Fen in 万元 (10,000 yuan)."""

Figure = Callable[[DayFigures], float]
FIGURES: Mapping[str, Figure] = {
    "people_in": lambda day: day.count_in,
    "visits": lambda day: day.visits,
    "contracts": lambda day: day.contracts,
    "contract_wan": lambda day: round(day.contract_fen / FEN_PER_WAN, 1),
}
"""The four pictures of the console, each with its own unit."""


def is_weekend(day: str) -> bool:
    return date.fromisoformat(day).weekday() >= 5


def merged_dates(days_by_office: Mapping[str, Sequence[DayFigures]]) -> list[str]:
    return sorted({day.date for days in days_by_office.values() for day in days})


def office_days(
    days_by_office: Mapping[str, Sequence[DayFigures]], figure: str, *, unit: str, palette: Palette
) -> Options:
    """One line per office (keys are the names shown); weekends shaded; a missing day is a gap, not a zero.

    Raises KeyError for a figure that is not in `FIGURES`.
    """
    read = FIGURES[figure]
    dates = merged_dates(days_by_office)
    options = frame(palette, label_size=12)
    options |= {
        "color": list(palette.series),
        "grid": {"left": 4, "right": 10, "top": 26, "bottom": 2, "containLabel": True},
        "xAxis": _dates(dates, palette),
        "yAxis": value_axis(palette, name=unit, label_size=11, splits=3),
        "series": [
            _line(name, [_value(days, day, read) for day in dates], palette.series[n % len(palette.series)])
            for n, (name, days) in enumerate(days_by_office.items())
        ],
    }
    return options


def day_bars(days: Sequence[DayFigures], figure: str, *, unit: str, today: str, palette: Palette) -> Options:
    """One office by day; `today` (YYYY-MM-DD) is drawn faint because it is not over."""
    read = FIGURES[figure]
    options = frame(palette, label_size=12)
    options |= {
        "grid": {"left": 4, "right": 4, "top": 28, "bottom": 2, "containLabel": True},
        "xAxis": _dates([day.date for day in days], palette),
        "yAxis": value_axis(palette, name=unit, label_size=11, splits=3),
        "series": [
            {
                "type": "bar",
                "name": unit,
                "barMaxWidth": 26,
                "data": [
                    {
                        "value": read(day),
                        "itemStyle": rounded(palette.accent, 4, complete=day.date != today),
                    }
                    for day in days
                ],
            }
        ],
    }
    return options


def _value(days: Sequence[DayFigures], date_: str, read: Figure) -> float | None:
    return next((read(day) for day in days if day.date == date_), None)


def _line(name: str, values: list[float | None], color: str) -> Options:
    return {
        "name": name,
        "type": "line",
        "data": values,
        "symbol": "circle",
        "symbolSize": 5,
        "lineStyle": {"width": 2.5, "color": color},
        "itemStyle": {"color": color},
    }


def _dates(dates: Sequence[str], palette: Palette) -> Options:
    """Days as MM/DD, weekends shaded: a category axis has no width to mark, but it can alternate its background."""
    axis = category_axis(palette, [day[5:].replace("-", "/") for day in dates], label_size=11)
    shade = [palette.weekend if is_weekend(day) else "transparent" for day in dates]
    axis["splitArea"] = {"show": bool(dates), "interval": 0, "areaStyle": {"color": shade}}
    return axis
