"""Charts show what the figures say: incomplete is faint, missing is missing, the usual stands beside the measured."""

import json
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from contracts.central_api import FootfallPoint, FootfallSeries
from contracts.floor_api import HourCount
from kiosk_ui.charts.compare import offices_today
from kiosk_ui.charts.days import FIGURES, day_bars, office_days
from kiosk_ui.charts.footfall import footfall_series
from kiosk_ui.charts.hours import hours_today, shown_hours, spark_hours
from kiosk_ui.charts.palette import palette_of
from kiosk_ui.texts import Texts
from tests.kiosk_ui.floors import NOON, day, office

T = Texts("en")
PALETTE = palette_of("dark")


def hour(n: int, count_in: int = 0, *, visits: int = 0, usual: float | None = None) -> HourCount:
    return HourCount(hour=n, count_in=count_in, count_out=0, visits=visits, usual_in=usual)


def test_hours_shown_reach_from_8_to_20_and_further_when_people_came() -> None:
    assert [h.hour for h in shown_hours([])] == list(range(8, 21))
    assert [h.hour for h in shown_hours([hour(6, 1), hour(22, 2)])] == list(range(6, 23))


def test_hours_to_come_have_no_bar_and_the_running_hour_is_faint() -> None:
    options = hours_today([hour(n, 10) for n in range(8, 21)], now_hour=10, t=T, palette=PALETTE)
    bars = options["series"][0]["data"]
    assert [bar["value"] for bar in bars[:4]] == [10, 10, 10, None]
    assert [bar["itemStyle"]["opacity"] for bar in bars[:3]] == [1, 1, 0.5]


def test_the_usual_is_a_gap_without_history_not_a_zero() -> None:
    options = hours_today([hour(9, 5), hour(10, 5, usual=7.26)], now_hour=12, t=T, palette=PALETTE)
    usual = options["series"][1]["data"]
    assert usual[1] is None
    assert usual[2] == 7.3


def test_a_day_that_an_office_lacks_is_a_gap_in_its_line() -> None:
    days = {"A": [day("2026-11-20"), day("2026-11-21")], "B": [day("2026-11-21", count_in=7)]}
    options = office_days(days, "people_in", unit="people", palette=PALETTE)
    assert [line["data"] for line in options["series"]] == [[100, 100], [None, 7]]


def test_weekends_are_shaded_and_working_days_are_not() -> None:
    options = office_days({"A": [day("2026-11-20"), day("2026-11-21")]}, "visits", unit="", palette=PALETTE)
    assert options["xAxis"]["splitArea"]["areaStyle"]["color"] == ["transparent", PALETTE.weekend]


def test_contract_amounts_are_in_ten_thousand_yuan() -> None:
    days = [day("2026-11-20", contract_fen=1_285_000_000)]
    assert day_bars(days, "contract_wan", unit="", today="", palette=PALETTE)["series"][0]["data"][0]["value"] == 1285.0


def test_an_unknown_figure_is_refused() -> None:
    with pytest.raises(KeyError):
        office_days({}, "profit", unit="", palette=PALETTE)


def test_offices_are_ranked_and_only_those_with_history_have_a_usual_tick() -> None:
    quiet = office("quiet", today=day("2026-11-22", count_in=10), usual_in_by_now=None)
    busy = office("busy", today=day("2026-11-22", count_in=50), usual_in_by_now=80)
    options = offices_today([busy, quiet], t=T, palette=PALETTE)
    assert options["yAxis"]["data"] == ["案场 quiet", "案场 busy"]
    assert options["series"][1]["data"] == [[80, 1]]
    assert [bar["itemStyle"]["opacity"] for bar in options["series"][0]["data"]] == [1, 0.5]


def test_footfall_is_labelled_in_the_office_s_own_time_and_out_points_down() -> None:
    points = [FootfallPoint(at=NOON + timedelta(hours=n), count_in=3, count_out=2) for n in range(2)]
    series = FootfallSeries(office="yunqi", step="hour", points=points)
    options = footfall_series(series, zone=ZoneInfo("Asia/Shanghai"), t=T, palette=PALETTE)
    assert options["xAxis"]["data"] == ["11/22 12:00", "11/22 13:00"]
    assert [s["data"] for s in options["series"]] == [[3, 3], [-2, -2]]


def test_an_hour_that_the_clock_shows_twice_is_one_bar_of_both() -> None:
    options = spark_hours([(0, 1), (1, 2), (1, 3), (2, 0)], now_hour=3, palette=PALETTE, unit="")
    assert [bar["value"] for bar in options["series"][0]["data"][:3]] == [1, 5, 0]


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_every_chart_is_plain_json(theme: str) -> None:
    palette = palette_of("dark" if theme == "dark" else "light")
    charts = [
        hours_today([], now_hour=9, t=T, palette=palette),
        spark_hours([], now_hour=9, palette=palette, unit=""),
        offices_today([], t=T, palette=palette),
        *(office_days({}, figure, unit="", palette=palette) for figure in FIGURES),
    ]
    assert all(json.dumps(chart) for chart in charts)
