"""The page `/console/{office}`: footfall by step, visits and sales of one office, and the entry of a sale."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from nicegui import ui

from contracts.central_api import (
    CentralCustomer,
    CentralSale,
    CentralVisit,
    ConsultantFigures,
    DayFigures,
    FootfallSeries,
    OfficeOverview,
    Step,
)
from contracts.values import utc_now
from kiosk_ui import design
from kiosk_ui.charts.footfall import footfall_series
from kiosk_ui.clients.central import CentralProblemError, CentralUnreachableError, SessionEndedError
from kiosk_ui.console import tables, views
from kiosk_ui.console.feed import OverviewFeed
from kiosk_ui.console.figures import LEAGUE_DAYS, days_back, named
from kiosk_ui.console.frame import header, show, show_chart, trouble
from kiosk_ui.console.page import as_of
from kiosk_ui.console.sale_dialog import SaleDialog
from kiosk_ui.console.seat import Seat
from kiosk_ui.console.views import Shown
from kiosk_ui.wall.page import Frame

STEPS: Mapping[Step, timedelta] = {
    "minute": timedelta(hours=2),
    "hour": timedelta(days=2),
    "day": timedelta(days=LEAGUE_DAYS),
}
"""How far back each step looks."""


@dataclass(frozen=True, slots=True)
class OfficeRows:
    """What the tables show, read in one go."""

    footfall: FootfallSeries
    visits: list[CentralVisit]
    sales: list[CentralSale]
    consultants: list[ConsultantFigures]
    customers: list[CentralCustomer]


class OfficePage:
    """One open page of one office. `start` builds it; it reads again when the office's figures of today change."""

    def __init__(self, feed: OverviewFeed, frame: Frame, office: str, seat: Seat) -> None:
        self._feed = feed
        self._central = seat.central
        self._seat = seat
        self._frame = frame
        self._office = office
        self._step: Step = "hour"
        self._today: DayFigures | None = None
        self._rows: OfficeRows | None = None
        self._reading = asyncio.Lock()
        self._known: dict[str, CentralCustomer] = {}

    async def start(self) -> None:
        self._build()
        self._feed.changed.subscribe(self._changed)
        await self._changed()

    def _build(self) -> None:
        t, frame = self._frame.t, self._frame
        office = self._overview()
        title = office.office.name if office else self._office
        with design.box("hq"):
            self._as_of = header(frame, self._seat, title, t("console.detail.lead"), back=frame.to("/console"))
            self._trouble = ui.html("", sanitize=False).classes("hq-trouble")
            if office is None and self._feed.overview is not None:
                design.note(t("console.detail.unknown"), "warn", test="console-unknown-office")
                return
            with design.box("hq-detail"):
                with design.box("office detail-card"):
                    self._top = ui.html("", sanitize=False)
                    self._rest = ui.html("", sanitize=False)
                self._footfall_panel()
                with design.box("panel detail-visits", tag="section"):
                    self._visits = ui.html("", sanitize=False)
                with design.box("panel detail-sales", tag="section"):
                    with design.row("ac-between head"):
                        design.text(t("console.sales.title"), tag="h2")
                        design.button(
                            t("console.sale.enter"),
                            self._enter_sale,
                            icon_name="add",
                            classes="ac-btn-small",
                            test="console-enter-sale",
                        )
                    self._sales = ui.html("", sanitize=False)

    def _footfall_panel(self) -> None:
        t = self._frame.t
        with design.box("panel detail-footfall", tag="section"):
            with design.row("ac-between head"):
                design.text(t("console.footfall.title"), tag="h2")
                with design.row("ac-segment"):
                    self._steps = {
                        step: design.button(
                            t(f"console.footfall.{step}"),
                            lambda chosen=step: self._choose(chosen),
                            kind="plain",
                            classes="ac-btn-small",
                            test=f"console-step-{step}",
                        )
                        for step in STEPS
                    }
            self._chart = design.mark(ui.echart({}, renderer="svg").classes("chart"), "console-footfall")

    def _overview(self) -> OfficeOverview | None:
        shown = named(self._feed.overview, self._frame.language) if self._feed.overview else None
        offices = shown.offices if shown else []
        return next((office for office in offices if office.office.office == self._office), None)

    # ---- drawing
    async def _changed(self) -> None:
        feed = self._feed
        if self._seat.give_up_when_ended(feed):
            return
        show(self._trouble, trouble(feed, self._frame.t))
        ui.run_javascript("anchang.beat()" if feed.state == "live" else "anchang.down()")
        office = self._overview()
        if feed.overview is None or office is None or not hasattr(self, "_top"):
            return
        shown = Shown(feed.overview, utc_now(), self._frame.t)
        show(self._as_of, as_of(shown))
        show(self._top, views.office_top(shown, office))
        show(self._rest, views.office_card(shown, office))
        if office.today != self._today and not self._reading.locked():
            self._today = office.today
            await self._read(office)

    async def _choose(self, step: Step) -> None:
        self._step = step
        office = self._overview()
        if office is not None:
            await self._read(office)

    async def _read(self, office: OfficeOverview) -> None:
        """Reads and draws footfall and tables; trouble leaves what is shown and is told."""
        async with self._reading:
            try:
                self._rows = await self._fetch()
            except CentralUnreachableError:
                design.toast(self._frame.t("console.detail.unread"), bad=True)
                return
            except SessionEndedError:
                self._feed.end()
                return
            except CentralProblemError as error:
                design.toast(self._frame.t("console.detail.refused", code=error.problem.code), bad=True)
                return
        self._draw_rows(office, self._rows)

    async def _fetch(self) -> OfficeRows:
        central, office, now = self._central, self._office, utc_now()
        start, end = days_back(now, LEAGUE_DAYS)
        footfall, visits, sales, consultants, customers = await asyncio.gather(
            central.footfall(office, self._step, now - STEPS[self._step], now),
            central.visits(office, start, end),
            central.sales(office, start, end),
            central.consultants(office, start, end),
            central.customers(office),
        )
        self._known |= {customer.customer_id: customer for customer in customers}
        await self._look_up(visits[: tables.SHOWN_ROWS], sales[: tables.SHOWN_ROWS])
        return OfficeRows(footfall, visits, sales, consultants, customers)

    async def _look_up(self, visits: list[CentralVisit], sales: list[CentralSale]) -> None:
        """The customers of the rows shown that the first page of customers did not hold."""
        shown = {visit.customer_id for visit in visits if visit.customer_id} | {sale.customer_id for sale in sales}
        found = await asyncio.gather(*(self._central.customer(each) for each in shown - self._known.keys()))
        self._known |= {customer.customer_id: customer for customer in found if customer is not None}

    def _draw_rows(self, office: OfficeOverview, rows: OfficeRows) -> None:
        t, zone = self._frame.t, ZoneInfo(office.office.time_zone)
        for step, button in self._steps.items():
            button.classes(add="ac-on" if step == self._step else "", remove="" if step == self._step else "ac-on")
        show_chart(self._chart, footfall_series(rows.footfall, zone=zone, t=t, palette=self._frame.palette))
        names = tables.Names.of(rows.consultants, self._known.values())
        show(self._visits, tables.visits(rows.visits, names, zone, t))
        show(self._sales, tables.sales(rows.sales, names, zone, t))

    # ---- a sale
    async def _enter_sale(self) -> None:
        if self._rows is not None:
            await SaleDialog(
                self._central,
                self._frame.t,
                self._office,
                self._rows.customers,
                self._rows.consultants,
                self._sale_entered,
            ).open()

    async def _sale_entered(self) -> None:
        office = self._overview()
        if office is not None:
            await self._read(office)
