"""Today by hour: people in as bars, the usual of this weekday as a line, registered visits as points."""

from collections import Counter
from collections.abc import Sequence

from contracts.floor_api import HourCount
from kiosk_ui.charts.base import Options, Translate, category_axis, frame, legend, rounded, value_axis
from kiosk_ui.charts.palette import Palette

_FIRST_SHOWN, _LAST_SHOWN = 8, 20


def shown_hours(hours: Sequence[HourCount]) -> list[HourCount]:
    """The hours worth a column: 8 to 20, widened to any hour with people or usually busy; gaps are zeros."""
    by_hour = {h.hour: h for h in hours}
    busy = [h.hour for h in hours if h.count_in or h.count_out or h.visits or (h.usual_in or 0) >= 1]
    first, last = min([_FIRST_SHOWN, *busy]), max([_LAST_SHOWN, *busy])
    empty = {"count_in": 0, "count_out": 0, "visits": 0}
    return [by_hour.get(n) or HourCount(hour=n, **empty) for n in range(first, last + 1)]


def hours_today(
    hours: Sequence[HourCount], *, now_hour: int, t: Translate, palette: Palette, label_size: int = 15
) -> Options:
    """Hours after `now_hour` (0-23, office time) have no bar; the running hour is faint because it is not over."""
    shown = shown_hours(hours)
    people, usual, visits = t("charts.people_in"), t("charts.usual"), t("charts.visits")
    bars = [
        {
            "value": h.count_in,
            "itemStyle": rounded(palette.accent, 6, complete=h.hour != now_hour),
            "label": {"show": h.count_in > 0},
        }
        if h.hour <= now_hour
        else {"value": None}
        for h in shown
    ]
    options = frame(palette, label_size=label_size)
    options |= {
        "legend": legend(palette, [people, usual, visits], label_size=label_size),
        "xAxis": category_axis(palette, [f"{h.hour:02d}" for h in shown], label_size=label_size, interval=0),
        "yAxis": value_axis(palette, name=t("charts.unit.people"), label_size=label_size),
        "series": [
            {
                "name": people,
                "type": "bar",
                "data": bars,
                "barMaxWidth": 44,
                "itemStyle": rounded(palette.accent, 6),
                "label": {"show": True, "position": "top", "color": palette.ink, "fontSize": label_size},
            },
            {
                "name": usual,
                "type": "line",
                "data": [None if h.usual_in is None else round(h.usual_in, 1) for h in shown],
                "symbol": "none",
                "step": "middle",
                "lineStyle": {"color": palette.reference, "width": 2.5, "type": "dashed"},
                "itemStyle": {"color": palette.reference},
                "z": 3,
            },
            {
                "name": visits,
                "type": "scatter",
                "data": [h.visits if h.visits and h.hour <= now_hour else None for h in shown],
                "symbol": "diamond",
                "symbolSize": 12,
                "itemStyle": {"color": palette.ink, "borderColor": palette.surface, "borderWidth": 2},
                "z": 4,
            },
        ],
    }
    return options


def spark_hours(hours: Sequence[tuple[int, int]], *, now_hour: int, palette: Palette, unit: str) -> Options:
    """A small chart without axes for an office card. `hours` are (hour 0-23, people in); one that a clock set back
    shows twice is one bar.
    """
    by_hour: Counter[int] = Counter()
    for hour, people in hours:
        by_hour[hour] += people
    busy = [hour for hour, people in hours if people]
    span = range(min([_FIRST_SHOWN, *busy]), max([_LAST_SHOWN, *busy]) + 1)
    options = frame(palette, label_size=11)
    options |= {
        "grid": {"left": 0, "right": 0, "top": 4, "bottom": 16},
        "xAxis": category_axis(palette, [f"{n:02d}" for n in span], label_size=11, interval=3),
        "yAxis": {"type": "value", "show": False, "min": 0},
        "series": [
            {
                "name": unit,
                "type": "bar",
                "barCategoryGap": "22%",
                "data": [
                    {
                        "value": by_hour.get(n, 0),
                        "itemStyle": rounded(palette.accent, 3, complete=n != now_hour),
                    }
                    if n <= now_hour
                    else {"value": None}
                    for n in span
                ],
            }
        ],
    }
    return options
