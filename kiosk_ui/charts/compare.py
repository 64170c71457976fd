"""Offices against one another, today: people in beside what is usual by now."""

from collections.abc import Sequence

from contracts.central_api import OfficeOverview
from kiosk_ui.charts.base import Options, Translate, category_axis, frame, legend, value_axis
from kiosk_ui.charts.palette import Palette

_NAMES_WIDTH = 120
"""Pixels kept for names: measured widths are wrong until the web font has arrived."""


def offices_today(offices: Sequence[OfficeOverview], *, t: Translate, palette: Palette) -> Options:
    """Horizontal bars, the busiest office on top; the usual value is a tick across the bar, absent without history."""
    ranked = sorted(offices, key=lambda o: o.today.count_in)
    people, usual = t("charts.people_in"), t("charts.usual_by_now")
    options = frame(palette, label_size=13)
    names = category_axis(palette, [o.office.name for o in ranked], label_size=13, interval=0)
    names["axisLabel"] |= {"color": palette.ink, "width": _NAMES_WIDTH - 12, "overflow": "truncate"}
    options |= {
        "legend": legend(palette, [people, usual], label_size=12),
        "grid": {"left": _NAMES_WIDTH, "right": 48, "top": 34, "bottom": 24},
        "xAxis": value_axis(palette, label_size=11, splits=4),
        "yAxis": names,
        "series": [
            {
                "name": people,
                "type": "bar",
                "barMaxWidth": 22,
                "data": [
                    {
                        "value": o.today.count_in,
                        "itemStyle": {"color": palette.accent, "borderRadius": [0, 5, 5, 0], "opacity": _strength(o)},
                    }
                    for o in ranked
                ],
                "itemStyle": {"color": palette.accent},
                "label": {"show": True, "position": "right", "color": palette.ink},
            },
            {
                "name": usual,
                "type": "scatter",
                "symbol": "rect",
                "symbolSize": [4, 30],
                "itemStyle": {"color": palette.reference},
                "data": [
                    [round(o.usual_in_by_now, 1), n] for n, o in enumerate(ranked) if o.usual_in_by_now is not None
                ],
                "z": 5,
            },
        ],
    }
    return options


def _strength(office: OfficeOverview) -> float:
    """Faint when clearly under the usual (below 80 %), so that the eye finds the office to ask about."""
    usual = office.usual_in_by_now
    return 0.5 if usual and office.today.count_in < 0.8 * usual else 1
