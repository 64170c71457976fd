"""The first page and the three questions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from nicegui.element import Element

from contracts.floor_api import QueueView
from contracts.values import mask_phone
from kiosk_ui import design
from kiosk_ui.design.keypad import keypad
from kiosk_ui.visitor import booking, flow, frame
from kiosk_ui.visitor.wishes import sheets

if TYPE_CHECKING:
    from kiosk_ui.visitor.page import KioskPage

_ICONS = {"phone": "smartphone", "party": "groups", "purpose": "flag"}
_TILES = 6


def home(page: KioskPage) -> None:
    t = page.t
    with design.box("k-hero"):
        design.box("k-scene").props("role=img aria-hidden=true").style("background-image:url(/visitor-scene.svg)")
        with design.box("k-welcome"):
            design.text(t("visitor.home.welcome"), "k-welcome-word")
            design.text(frame.project_name(page), "k-welcome-name", tag="h1")
            tagline = page.project.tagline(t.language)
            if tagline:
                design.text(tagline, "k-welcome-tag")
    with design.box("k-home", tag="main"):
        with design.box("k-about"):
            design.icon("timer")
            design.text(t("visitor.home.about"))
        with design.box("k-three"):
            for index, step in enumerate(flow.STEPS):
                if index:
                    design.icon("chevron_right", "k-three-arrow")
                with design.box("k-three-item"):
                    design.icon(_ICONS[step])
                    design.text(t(f"visitor.home.step_{step}"))
        design.button(t("visitor.home.start"), page.start, icon_name="touch_app", classes="k-start", test="kiosk-start")
        with design.box("k-queue", test="home-queue"):
            page.queue_line = design.text("", "k-queue-text")
        with design.box("k-home-foot"):
            with design.box("k-home-notes"):
                design.text(t("visitor.home.help"), "ac-strong")
                design.text(t("visitor.home.privacy"))
            design.button(
                t("faces.mine.open"),
                page.my_face,
                kind="ghost",
                icon_name="manage_accounts",
                classes="k-mine",
                test="my-face",
            )


def show_queue(page: KioskPage, queue: QueueView) -> None:
    """How busy it is, on the first page."""
    waiting = len(queue.waiting)
    key = "visitor.home.queue_some" if waiting else "visitor.home.queue_none"
    page.queue_line.set_text(page.t(key, count=waiting) if waiting else page.t(key))


def phone(page: KioskPage) -> None:
    t = page.t
    frame.progress(page)
    with design.box("k-body k-phone", tag="main"):
        frame.heading(t("visitor.phone.title"), t("visitor.phone.why"))
        field = design.box("k-field ac-invalid" if page.phone_error else "k-field")

        async def changed(digits: str) -> None:
            show(await page.typed(digits))

        async def go_on(digits: str | None = None) -> None:
            code = await page.phone_next(digits)
            if code is not None:
                show(code)

        def show(code: str | None) -> None:
            field.classes(add="ac-invalid") if code else field.classes(remove="ac-invalid")
            below.set_text(t.code("visitor.error", code) if code else t("visitor.phone.hint"))
            below.classes(replace="k-below k-below-bad" if code else "k-below")
            below.props(f"role={'alert' if code else 'note'}")

        with field:
            below = design.text("", "k-below", test="phone-error")
            keypad(
                name="phone-pad",
                event="phone_digits",
                given=page.desk.draft.digits,
                format_="phone",
                most=17,
                labels={
                    "typed": t("visitor.phone.field"),
                    "placeholder": t("visitor.phone.example"),
                    "clear": t("visitor.phone.clear"),
                    "back": t("visitor.phone.erase"),
                },
                on_change=changed,
                on_enter=go_on,
            )
        show(page.phone_error)
        design.button(
            t("visitor.phone.none"),
            page.phone_skip,
            kind="ghost",
            icon_name="no_cell",
            classes="k-skip",
            test="phone-skip",
        )
        design.button(
            t("booking.have"),
            lambda: booking.ask(page),
            kind="ghost",
            icon_name="event_available",
            classes="k-skip",
            test="phone-booking",
        )
    frame.foot(page, t("visitor.phone.next"), lambda: go_on(), test="phone-next")


def party(page: KioskPage) -> None:
    """Touches change the page in place: an element replaced under a quick finger would lose the next touch."""
    t = page.t
    tiles: dict[int, Element] = {}

    def choose(size: int) -> None:
        size = max(1, min(size, flow.MAX_PARTY))
        page.party(size)
        show(size)

    def show(size: int) -> None:
        for count, tile in tiles.items():
            tile.classes(add="k-chosen") if count == size else tile.classes(remove="k-chosen")
            tile.props(f"aria-pressed={'true' if count == size else 'false'}")
        number.set_text(str(size))
        unit.set_text(_unit(page, size))
        design.enable(less, size > 1)
        design.enable(more, size < flow.MAX_PARTY)

    def step(by: int) -> None:
        choose(page.desk.draft.party_size + by)

    frame.progress(page)
    with design.box("k-body", tag="main"):
        frame.heading(t("visitor.party.title"), t("visitor.party.why"))
        with design.box("k-party"):
            for count in range(1, _TILES + 1):
                tiles[count] = _party_tile(count)
                tiles[count].on("click", lambda count=count: choose(count), [])
        with design.box("k-stepper"):
            less = _round_button("remove", t("visitor.party.less"), lambda: step(-1), test="party-less")
            with design.box("k-stepper-value").props("aria-live=polite"):
                number = design.text("", "k-stepper-number", test="party-size")
                unit = design.text("", "k-stepper-unit")
            more = _round_button("add", t("visitor.party.add"), lambda: step(1), test="party-more")
        sheets.line(page)
    show(page.desk.draft.party_size)
    frame.foot(page, t("visitor.party.next"), lambda: page.answered("party"), test="party-next")


def _unit(page: KioskPage, size: int) -> str:
    return page.t("visitor.party.unit_one" if size == 1 else "visitor.party.unit")


def _round_button(icon_name: str, name: str, on_click: Callable[[], None], *, test: str) -> Element:
    return design.button("", on_click, kind="outline", icon_name=icon_name, aria=name, test=test)


def _party_tile(count: int) -> Element:
    tile = design.box("k-tile k-party-tile", tag="button", test=f"party-{count}").props("type=button")
    with tile:
        design.text(str(count), "k-party-number")
        with design.box("k-people").props("aria-hidden=true"):
            for _ in range(count):
                design.icon("person")
    return tile


def purpose(page: KioskPage) -> None:
    t, draft = page.t, page.desk.draft
    frame.progress(page)
    with design.box("k-body", tag="main"):
        frame.heading(t("visitor.purpose.title"), t("visitor.purpose.why"))
        with design.box("k-purposes"):
            for code, icon_name in flow.PURPOSES:
                chosen = draft.purpose == code
                tile = design.box(
                    f"k-tile k-purpose {'k-chosen' if chosen else ''}", tag="button", test=f"purpose-{code}"
                )
                tile.props(f"type=button aria-pressed={'true' if chosen else 'false'}")
                tile.on("click", lambda code=code: page.choose(code), [])  # one touch finishes the check-in
                with tile:
                    design.icon(icon_name, "k-purpose-icon")
                    with design.box("k-purpose-words"):
                        design.text(t(f"visitor.purpose.{code}.name"), "k-purpose-name")
                        design.text(t(f"visitor.purpose.{code}.about"), "k-purpose-about")
                    design.icon("check_circle" if chosen else "arrow_forward", "k-purpose-tick")
        with design.box("k-review"):
            shown = mask_phone(draft.digits) if draft.digits else t("visitor.purpose.review_none")
            _review("smartphone", t("visitor.purpose.review_phone"), shown)
            _review("groups", t("visitor.purpose.review_party"), f"{draft.party_size} {_unit(page, draft.party_size)}")

    frame.foot(page)


def _review(icon_name: str, label: str, value: str) -> None:
    with design.box("k-review-item"):
        design.icon(icon_name)
        design.text(label, "ac-muted")
        design.text(value, "ac-strong")
