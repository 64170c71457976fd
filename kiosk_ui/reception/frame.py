"""The desk's fixed parts: search and check-in on top, the parties on the left, what is to do on the right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import ui

from contracts.gateway_api import VisitView
from kiosk_ui import design
from kiosk_ui.design.signin import text_input
from kiosk_ui.reception import people_acts, search
from kiosk_ui.reception.desk import LISTS
from kiosk_ui.reception.rows import Rows
from kiosk_ui.reception.side import Tab

if TYPE_CHECKING:
    from kiosk_ui.reception.page import ReceptionPage

_ASKED = "already_asked"


def listen(page: ReceptionPage) -> None:
    """Keys that work wherever the focus is (static/desk.js)."""
    ui.add_head_html('<script src="/reception-static/desk.js"></script>')
    ui.on("desk_escape", page.close_opened, [])
    ui.on("desk_check_in", lambda: page.check_in() if page.token else None, [])


def draw(page: ReceptionPage) -> None:
    _header(page)
    page.parts["banner"] = design.box("r-banner").props("aria-live=polite")
    with design.box("r-body", tag="main"):
        with design.box("r-column r-parties"):
            page.parts["calls"] = design.box("r-part r-calls").props("aria-live=assertive")
            with design.row("r-list-head ac-wrap"):
                page.parts["list-tabs"] = design.row("r-tabs")
                page.parts["strip"] = design.box()
                design.button(
                    page.t("reception.door.open"),
                    lambda: people_acts.at_the_door(page),
                    kind="ghost",
                    icon_name="no_accounts",
                    test="door-open",
                )
            page.parts["lists"] = design.box("r-lists")
            with page.parts["lists"]:
                for name in LISTS:
                    with design.box(f"r-list r-list-{name}"):
                        design.text(page.t(f"reception.lists.{name}"), "r-list-title ac-small ac-muted", tag="h2")
                        page.lists[name] = Rows(design.box("r-rows", test=f"rows-{name}"))
        with design.box("r-column r-side"):
            page.parts["side-tabs"] = design.row("r-tabs")
            page.parts["cards"] = design.box("r-part").props("aria-live=polite")
            page.parts["opened"] = design.box("r-part r-opened").props("aria-live=polite")
            page.parts["now"] = design.box("r-part r-now")
            with page.parts["now"]:
                page.parts["reviews"] = design.box("r-part").props("aria-live=polite")
                page.parts["greetings"] = design.box("r-part").props("aria-live=polite")
                page.parts["conflicts"] = design.box("r-part").props("aria-live=polite")
            page.parts["bookings"] = design.box("r-part r-now")
            page.parts["recognition"] = design.box("r-part r-now")
            with page.parts["recognition"]:
                page.parts["withdrawals"] = design.box("r-part")
                page.parts["faces"] = design.box("r-part")


def _header(page: ReceptionPage) -> None:
    t = page.t
    with design.box("ac-head r-head", tag="header"):
        with design.box("ac-mark"):
            design.icon("support_agent")
        design.text(t("reception.title"), "ac-head-title r-title", tag="h1")
        with design.box("r-search ac-grow"):
            design.icon("search")
            field = text_input("", t("reception.search.hint"), test="search", label=t("reception.search.label"))
            field.props("autofocus autocomplete=off spellcheck=false clearable enterkeyhint=search")
            field.props(f"maxlength={search.SEARCH_LENGTH}")
            field.on("keydown.enter", lambda: search.look(page, str(field.value or "")))
            go = lambda: search.look(page, str(field.value or ""))  # noqa: E731
            design.button(t("reception.search.go"), go, kind="outline", test="search-go")
        design.button(
            t("reception.checkin.open"), page.check_in, icon_name="how_to_reg", classes="r-fixed", test="check-in"
        )
        design.link_chip(t("common.online"), t("common.offline"))
        design.sound_button(t("common.sound_off"), t("common.sound_on"))
        page.draw_tools()


def choose(page: ReceptionPage) -> None:
    """Which list and which side are seen; where there is room, waiting and being received are both."""
    page.parts["lists"].props(f"data-list={page.list_name}")
    opened = page.side.top is not None
    _show(page, "opened", opened)
    _show(page, "now", not opened and page.side.tab == "now")
    _show(page, "bookings", not opened and page.side.tab == "bookings")
    _show(page, "recognition", not opened and page.side.tab == "faces")


def _show(page: ReceptionPage, part: str, on: bool) -> None:
    page.parts[part].classes(remove="ac-hidden") if on else page.parts[part].classes(add="ac-hidden")


def todo(page: ReceptionPage) -> tuple[int, int, int]:
    """How much waits for a person on each tab; of bookings, how many are expected."""
    shown = page.shown
    greet = sum(greeting.state == "open" for greeting in shown.greetings)
    waiting = len(shown.reviews) + len(shown.merges) + len(shown.conflicts)
    expected = sum(one.state == "expected" for one in shown.bookings)
    return greet + waiting, expected, sum(one.state == "pending" for one in shown.withdrawals)


def side_tabs(page: ReceptionPage) -> None:
    t, (now, expected, pending) = page.t, todo(page)
    tabs: tuple[tuple[Tab, str, int], ...] = (
        ("now", "inbox", now),
        ("bookings", "event_available", expected),
        ("faces", "face", pending),
    )
    for tab, icon_name, count in tabs:
        on = page.side.tab == tab and page.side.top is None
        button = design.button(
            t(f"reception.tabs.{tab}"),
            lambda tab=tab: page.choose_tab(tab),
            kind="outline",
            icon_name=icon_name,
            classes=f"r-tab {'ac-on' if on else ''}",
            test=f"tab-{tab}",
        )
        with button.props(f"aria-pressed={'true' if on else 'false'}"):
            if count:
                design.text(str(count), "r-tab-count r-tab-due ac-num", tag="span", test=f"due-{tab}")


def calls(page: ReceptionPage) -> object:
    """All that the calls show."""
    free = [(entry.name, entry.state) for entry in page.shown.rota]
    called = [(course(visit), page.shown.asked.get(visit.visit_id)) for visit in page.shown.escalated()]
    return called and (called, free)


def course(visit: VisitView) -> tuple[object, ...]:
    """What of a visit makes its decisions worth reading again."""
    moves = (visit.state, visit.party_size, visit.consultant_id, visit.escalation, visit.waiting_since, visit.closed_at)
    customer_id = None if visit.customer is None else visit.customer.customer_id
    return (*moves, visit.kind, customer_id, visit.owner_id, visit.source)


async def asked(page: ReceptionPage, visit_id: str) -> list[str]:
    """Who was asked in this wait and did not accept, as the rota's last decision saw it."""
    explanation = await page.gateway.explanation(page.token, visit_id)
    last = explanation.turns[-1].candidates if explanation.turns else []
    return [candidate.name for candidate in last if candidate.reason == _ASKED and candidate.name]
