"""Footfall of one office over time: in above, out below the axis."""

from datetime import tzinfo

from contracts.central_api import FootfallSeries
from kiosk_ui.charts.base import Options, Translate, category_axis, frame, legend, value_axis
from kiosk_ui.charts.palette import Palette

_STAMP = {"minute": "%H:%M", "hour": "%m/%d %H:00", "day": "%m/%d"}


def footfall_series(series: FootfallSeries, *, zone: tzinfo, t: Translate, palette: Palette) -> Options:
    """Bars of people in (up) and out (down), labelled in the office's time zone; a slider when there are many."""
    stamps = [point.at.astimezone(zone).strftime(_STAMP[series.step]) for point in series.points]
    going_in, going_out = t("charts.people_in"), t("charts.people_out")
    options = frame(palette, label_size=12)
    values = value_axis(palette, name=t("charts.unit.people"), label_size=12)
    del values["min"]
    options |= {
        "legend": legend(palette, [going_in, going_out], label_size=12),
        "xAxis": category_axis(palette, stamps, label_size=11),
        "yAxis": values,
        "series": [
            _bars(going_in, [point.count_in for point in series.points], palette.accent),
            _bars(going_out, [-point.count_out for point in series.points], palette.reference),
        ],
    }
    return options


def _bars(name: str, values: list[int], color: str) -> Options:
    return {
        "name": name,
        "type": "bar",
        "stack": "people",
        "barMaxWidth": 22,
        "data": values,
        "itemStyle": {"color": color},
    }
