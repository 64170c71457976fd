"""The page `/board`: built from the feed's last floor, redrawn panel by panel when something differs."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from markupsafe import Markup
from nicegui import ui

from contracts.floor_api import Floor
from contracts.values import utc_now
from kiosk_ui import design
from kiosk_ui.charts.hours import hours_today
from kiosk_ui.manager import cards, health, people, unseen
from kiosk_ui.manager.feed import FloorFeed
from kiosk_ui.manager.view import View
from kiosk_ui.targets import Targets
from kiosk_ui.wall.markup import div, icon, span, tag
from kiosk_ui.wall.page import Frame, switches, sync_clock

_PANELS: dict[str, Callable[[View], Markup]] = {
    "fb-advice": health.alarms,
    "fb-unseen": unseen.unseen,
    "fb-cards": cards.cards,
    "fb-queue": people.queue,
    "fb-serving": people.serving,
    "fb-rota": people.rota,
    "fb-devices": health.devices,
}


class BoardPage:
    """One open board. Holds nothing of its own: everything shown comes from the feed."""

    def __init__(self, feed: FloorFeed, targets: Targets, frame: Frame, office_name: str) -> None:
        self._feed = feed
        self._targets = targets
        self._frame = frame
        self._office_name = office_name
        self._panels: dict[str, ui.html] = {}
        self._build()
        feed.changed.subscribe(self._draw)
        feed.pinged.subscribe(self._pinged)
        self._draw()

    def _build(self) -> None:
        with design.box("fb"):
            self._header()
            self._trouble = ui.html("", sanitize=False).classes("fb-trouble")
            with design.box("fb-body") as self._body:
                for name in ("fb-advice", "fb-unseen", "fb-cards"):
                    self._panel(name)
                with design.box("fb-main"):
                    self._chart_panel()
                    for name in ("fb-queue", "fb-serving", "fb-rota"):
                        self._panel(name)
                self._panel("fb-devices")

    def _panel(self, name: str) -> None:
        self._panels[name] = ui.html("", sanitize=False).classes(name)

    def _header(self) -> None:
        t = self._frame.t
        with design.box("fb-head", tag="header"):
            self._title = ui.html("", sanitize=False).classes("fb-title")
            with design.row().style("gap:12px"):
                self._as_of = ui.html("", sanitize=False).classes("fb-as-of")
                design.link_chip(t("common.online"), t("common.offline"))
                switches(self._frame)
                design.link_button(
                    t("manager.more_screens"), self._frame.to("/"), kind="ghost", icon_name="apps"
                ).classes("ac-btn-small")

    def _chart_panel(self) -> None:
        with design.box("panel fb-hours", tag="section"):
            self._chart_head = ui.html("", sanitize=False)
            self._chart = ui.echart({}, renderer="svg").classes("chart")
            design.mark(self._chart, "board-hours")

    # ---- drawing
    def _draw(self) -> None:
        feed, t = self._feed, self._frame.t
        self._body.set_visibility(feed.floor is not None)
        self._trouble.set_content(str(self._trouble_text()))
        ui.run_javascript("anchang.beat()" if feed.fresh(utc_now()) else "anchang.down()")
        if feed.floor is None:
            self._title.set_content(str(tag("h1", t("manager.title"))))
            return
        view = self._view(feed.floor)
        self._title.set_content(str(_title(view, self._office_name)))
        self._as_of.set_content(
            str(div(span(t("manager.updated")), " ", tag("b", _stamp(view), data_test="board-as-of"), cls="as-of"))
        )
        for name, draw in _PANELS.items():
            _show(self._panels[name], draw(view))
        self._draw_chart(view)

    def _draw_chart(self, view: View) -> None:
        now = view.now.astimezone(view.zone)
        t = view.t
        note = t("manager.panel.hours_note", weekday=t(f"manager.weekday.{now.weekday()}"))
        head = div(tag("h2", t("manager.panel.hours")), span(note, cls="note"), cls="head")
        _show(self._chart_head, head)
        options = hours_today(view.floor.hours, now_hour=now.hour, t=t, palette=self._frame.palette)
        if options != self._chart.options:
            self._chart.options.clear()
            self._chart.options.update(options)
            self._chart.update()

    def _pinged(self) -> None:
        """Time has passed, which may make a wait late; and the page's clock is set right."""
        sync_clock()
        self._draw()

    def _view(self, floor: Floor) -> View:
        return View(floor, utc_now(), ZoneInfo(floor.time_zone), self._targets, self._frame.t)

    def _trouble_text(self) -> Markup:
        feed, t = self._feed, self._frame.t
        if feed.state == "live":
            return Markup("")
        if feed.state == "refused":
            return _trouble("key_off", t("manager.refused"), t("manager.refused_hint"))
        if feed.floor is None:
            return _trouble("sync", t("manager.connecting"), t("manager.connecting_hint"))
        at = _stamp(self._view(feed.floor))
        return _trouble("wifi_off", t("manager.stale", at=at), t("manager.connecting_hint"))


def _show(element: ui.html, markup: Markup) -> None:
    text = str(markup)
    if element.content != text:
        element.set_content(text)


def _title(view: View, office_name: str) -> Markup:
    now = view.now.astimezone(view.zone)
    weekday = view.t(f"manager.weekday.{now.weekday()}")
    return div(
        span(office_name[:1], cls="ac-mark"),
        div(
            tag("h1", office_name),
            span(view.t("manager.title"), cls="sub"),
            cls="names",
        ),
        div(
            span(now.strftime("%H:%M:%S"), cls="clock", data_clock=view.floor.time_zone),
            span(f"{now:%Y-%m-%d} {weekday}", cls="sub"),
            cls="names",
        ),
        cls="title-row",
    )


def _stamp(view: View) -> str:
    return view.floor.as_of.astimezone(view.zone).strftime("%H:%M:%S")


def _trouble(symbol: str, what: str, hint: str) -> Markup:
    return div(
        icon(symbol),
        div(tag("b", what), span(hint)),
        cls="ac-note ac-note-bad",
        role="alert",
        data_test="board-trouble",
    )
