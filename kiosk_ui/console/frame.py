"""What the console's pages share: header, trouble, drawing only what changed."""

from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from markupsafe import Markup
from nicegui import ui

from contracts.central_api import OfficeOverview, Overview
from kiosk_ui import design
from kiosk_ui.charts.base import Options, Translate
from kiosk_ui.console.feed import OverviewFeed
from kiosk_ui.console.seat import Seat
from kiosk_ui.wall.markup import div, icon, span, tag
from kiosk_ui.wall.page import Frame, switches

_DEFAULT_ZONE = ZoneInfo("Asia/Shanghai")


def header(frame: Frame, seat: Seat, title: str, lead: str, *, back: str = "") -> ui.html:
    """Draws the header; returns the place of the time the figures are of."""
    t = frame.t
    with design.box("hq-head", tag="header"):
        with design.row():
            if back:
                design.link_button(t("common.back"), back, kind="outline", icon_name="arrow_back", test="console-back")
            else:
                design.text(t("console.mark"), "ac-mark")
            with design.box("names"):
                design.text(title, tag="h1", test="console-title")
                design.text(lead, "sub")
        with design.row().style("gap:12px"):
            as_of = ui.html("", sanitize=False)
            design.link_chip(t("common.online"), t("common.offline"))
            switches(frame)
            home = design.link_button(t("console.all_screens"), frame.to("/"), kind="ghost", icon_name="apps")
            home.classes("ac-btn-small")
            with design.box("hq-who"):
                design.text(seat.name[:1], "ac-avatar")
                design.text(seat.name, "ac-strong ac-ellipsis", test="console-my-name")
            leave = design.button(
                "", seat.sign_out, kind="ghost", icon_name="logout", aria=t("common.sign_out"), test="console-sign-out"
            )
            leave.classes("ac-btn-small")
    return as_of


def show(element: ui.html, markup: Markup) -> None:
    """Sends the markup only when it differs."""
    text = str(markup)
    if element.content != text:
        element.set_content(text)


def show_chart(chart: ui.echart, options: Options) -> None:
    if chart.options != options:
        chart.options.clear()
        chart.options.update(options)
        chart.update()


def trouble(feed: OverviewFeed, t: Translate) -> Markup:
    """Empty while central answers."""
    if feed.state == "live":
        return Markup("")
    if feed.state == "refused":
        symbol, what, hint = "key_off", t("console.refused"), t("console.refused_hint")
    elif feed.overview is None:
        symbol, what, hint = "sync", t("console.connecting"), t("console.connecting_hint")
    else:
        at = feed.overview.as_of.astimezone(zone_of(feed.overview)).strftime("%H:%M:%S")
        symbol, what, hint = "cloud_off", t("console.stale", at=at), t("console.connecting_hint")
    return div(
        icon(symbol),
        div(tag("b", what), span(hint)),
        cls="ac-note ac-note-bad",
        role="alert",
        data_test="console-trouble",
    )


def zone_of(overview: Overview) -> tzinfo:
    """The company's clock: that of its first office."""
    return ZoneInfo(overview.offices[0].office.time_zone) if overview.offices else _DEFAULT_ZONE


def local_now(office: OfficeOverview, now: datetime) -> datetime:
    return now.astimezone(ZoneInfo(office.office.time_zone))
