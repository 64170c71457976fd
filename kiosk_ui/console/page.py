"""The page `/console`: offices side by side, redrawn from the feed."""

from markupsafe import Markup
from nicegui import ui

from contracts.central_api import DayFigures, OfficeOverview, Overview
from contracts.values import utc_now
from kiosk_ui import design
from kiosk_ui.charts.base import Options
from kiosk_ui.charts.compare import offices_today
from kiosk_ui.charts.days import FIGURES, office_days
from kiosk_ui.charts.hours import spark_hours
from kiosk_ui.console import views
from kiosk_ui.console.feed import OverviewFeed
from kiosk_ui.console.figures import named, with_today
from kiosk_ui.console.frame import header, local_now, show, show_chart, trouble, zone_of
from kiosk_ui.console.seat import Seat
from kiosk_ui.console.views import Shown
from kiosk_ui.wall.markup import div, span, tag
from kiosk_ui.wall.page import Frame

_UNITS = {
    "people_in": "charts.unit.people",
    "visits": "charts.unit.visits",
    "contracts": "charts.unit.contracts",
    "contract_wan": "charts.unit.wan",
}


class ConsolePage:
    """One open console; everything shown comes from the feed."""

    def __init__(self, feed: OverviewFeed, frame: Frame, seat: Seat) -> None:
        self._feed = feed
        self._seat = seat
        self._frame = frame
        self._cards: dict[str, OfficeCard] = {}
        self._multiples: dict[str, ui.echart] = {}
        self._build()
        feed.changed.subscribe(self._draw)
        self._draw()

    def _build(self) -> None:
        t = self._frame.t
        with design.box("hq"):
            self._as_of = header(self._frame, self._seat, t("console.title"), t("console.lead"))
            self._trouble = ui.html("", sanitize=False).classes("hq-trouble")
            with design.box("hq-body") as self._body:
                self._headline = ui.html("", sanitize=False).classes("hq-totals")
                self._offices = design.box("hq-offices")
                with design.box("hq-lower"):
                    self._small_multiples()
                    with design.box("panel hq-compare", tag="section"):
                        note = span(t("console.compare_note"), cls="note")
                        ui.html(str(div(tag("h2", t("console.compare")), note, cls="head")), sanitize=False)
                        self._compare = ui.echart({}, renderer="svg").classes("chart")
                    self._league = ui.html("", sanitize=False).classes("panel hq-league")

    def _small_multiples(self) -> None:
        t = self._frame.t
        with design.box("panel hq-multiples", tag="section"):
            self._legend = ui.html("", sanitize=False)
            with design.box("multiples"):
                for figure in FIGURES:
                    with design.box("multiple"):
                        design.text(t(f"console.multiple.{figure}"), "multiple-title", tag="h3")
                        chart = ui.echart({}, renderer="svg").classes("chart")
                        self._multiples[figure] = design.mark(chart, f"console-days-{figure}")

    # ---- drawing
    def _draw(self) -> None:
        feed = self._feed
        if self._seat.give_up_when_ended(feed):
            return
        show(self._trouble, trouble(feed, self._frame.t))
        self._body.set_visibility(feed.overview is not None)
        ui.run_javascript("anchang.beat()" if feed.state == "live" else "anchang.down()")
        if feed.overview is None:
            return
        shown = Shown(named(feed.overview, self._frame.language), utc_now(), self._frame.t)
        show(self._as_of, as_of(shown))
        show(self._headline, views.headline(shown))
        self._draw_offices(shown)
        self._draw_days(shown.overview)
        show_chart(self._compare, offices_today(shown.overview.offices, t=self._frame.t, palette=self._frame.palette))
        show(self._league, views.league(feed.league, shown.overview, self._frame.t))

    def _draw_offices(self, shown: Shown) -> None:
        wanted = [office.office.office for office in shown.overview.offices]
        if list(self._cards) != wanted:
            self._offices.clear()
            with self._offices:
                self._cards = {name: OfficeCard(self._frame, name) for name in wanted}
        for office in shown.overview.offices:
            self._cards[office.office.office].draw(shown, office)

    def _draw_days(self, overview: Overview) -> None:
        t, palette = self._frame.t, self._frame.palette
        by_office: dict[str, list[DayFigures]] = {o.office.name: with_today(o) for o in overview.offices}
        colours = dict(zip(by_office, _cycled(palette.series, len(by_office)), strict=True))
        show(self._legend, _legend(colours, self._frame))
        for figure, chart in self._multiples.items():
            show_chart(chart, office_days(by_office, figure, unit=t(_UNITS[figure]), palette=palette))


class OfficeCard:
    """One office: a link to its own page."""

    def __init__(self, frame: Frame, office: str) -> None:
        self._frame = frame
        element = design.box("office", tag="a", test=f"console-office-{office}")
        element._props["href"] = frame.to(f"/console/{office}")
        with element:
            self._top = ui.html("", sanitize=False)
            self._chart = ui.echart({}, renderer="svg").classes("spark")
            self._rest = ui.html("", sanitize=False)

    def draw(self, shown: Shown, office: OfficeOverview) -> None:
        show(self._top, views.office_top(shown, office))
        show_chart(self._chart, self._hours(shown, office))
        show(self._rest, views.office_card(shown, office))

    def _hours(self, shown: Shown, office: OfficeOverview) -> Options:
        zone = local_now(office, shown.now).tzinfo
        hours = [(point.at.astimezone(zone).hour, point.count_in) for point in office.hours]
        unit = self._frame.t("charts.people_in")
        now_hour = local_now(office, shown.now).hour
        return spark_hours(hours, now_hour=now_hour, palette=self._frame.palette, unit=unit)


def as_of(shown: Shown) -> Markup:
    stamp = shown.overview.as_of.astimezone(zone_of(shown.overview)).strftime("%Y-%m-%d %H:%M:%S")
    return div(span(shown.t("console.as_of")), " ", tag("b", stamp, data_test="console-as-of"), cls="as-of")


def _cycled(colours: tuple[str, ...], count: int) -> list[str]:
    return [colours[n % len(colours)] for n in range(count)]


def _legend(colours: dict[str, str], frame: Frame) -> Markup:
    entries = [
        span(span(cls="swatch", style=f"background:{colour}"), name, cls="key") for name, colour in colours.items()
    ]
    note = span(*entries, cls="note keys")
    return div(tag("h2", frame.t("console.days")), note, cls="head")
