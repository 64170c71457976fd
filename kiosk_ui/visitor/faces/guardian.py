"""A child under 14: a parent or guardian says who they are, and then answers the consent screen themselves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from nicegui.element import Element

from kiosk_ui import design
from kiosk_ui.design.keypad import keypad
from kiosk_ui.design.signin import text_input
from kiosk_ui.visitor import flow, frame
from kiosk_ui.visitor.faces import consent, rules

if TYPE_CHECKING:
    from kiosk_ui.visitor.page import KioskPage

_ICONS = {"parent": "escalator_warning", "grandparent": "elderly", "guardian": "gavel"}
_FAMILY_NAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭"
"""The most frequent family names; a kiosk has no input method of its own, and pinyin letters serve all others."""
_TITLES = ("女士", "先生")
_ROWS = ("QWERTYUIOP", "ASDFGHJKL", "ZXCVBNM")
_NAME_LENGTH = 40
GoOn = Callable[[], Awaitable[None]]


def draw(page: KioskPage) -> None:
    with design.box("k-body k-guardian", tag="main"):
        consent.strip(page)
        go_on = _number(page) if page.faces.guardian_named else _name(page)
    frame.foot(page, page.t("faces.guardian.next"), lambda: go_on(), test="guardian-next")


def _name(page: KioskPage) -> GoOn:
    t, draft = page.t, page.desk.draft
    frame.heading(t("faces.guardian.title"), t("faces.guardian.why"))
    tiles: dict[str, Element] = {}

    def choose(relation: str) -> None:
        page.desk.later(guardian_relation=relation)
        show()

    def show() -> None:
        chosen = page.desk.draft.guardian_relation
        for relation, tile in tiles.items():
            tile.classes(add="k-chosen") if relation == chosen else tile.classes(remove="k-chosen")
            tile.props(f"aria-pressed={'true' if relation == chosen else 'false'}")

    def write(value: str) -> None:
        name.set_value(value[:_NAME_LENGTH])

    async def go_on() -> None:
        if not (page.desk.draft.guardian_relation and page.desk.draft.guardian_name.strip()):
            key = "relation" if not page.desk.draft.guardian_relation else "name"
            error.set_text(t(f"faces.guardian.missing_{key}"))
            return
        await page.faces.guardian_next()

    design.text(t("faces.guardian.relation"), "k-label")
    with design.box("k-relations"):
        for relation in rules.RELATIONS:
            tiles[relation] = design.box("k-tile k-relation", tag="button", test=f"relation-{relation}")
            tiles[relation].props("type=button").on("click", lambda relation=relation: choose(relation), [])
            with tiles[relation]:
                design.icon(_ICONS[relation])
                design.text(t(f"faces.relation.{relation}"))
    show()
    design.text(t("faces.guardian.name"), "k-label")
    name = text_input(
        draft.guardian_name, t("faces.guardian.name_hint"), test="guardian-name", label=t("faces.guardian.name")
    )
    name.classes("k-input").on_value_change(lambda e: page.desk.later(guardian_name=str(e.value or "")[:_NAME_LENGTH]))
    error = design.text("", "k-error", test="guardian-error").props("role=alert")
    _letters(page, lambda: str(name.value or ""), write)
    return go_on


def _letters(page: KioskPage, read: Callable[[], str], write: Callable[[str], None]) -> None:
    t = page.t

    def key(label: str, value: str, classes: str = "") -> None:
        design.button(
            label, lambda: write(read() + value), kind="plain", classes=f"k-letter {classes}", test=f"letter-{value}"
        )

    with design.box("k-letters"):
        if t.language == "zh-CN":
            with design.box("k-letter-row k-family"):
                for family in _FAMILY_NAMES:
                    key(family, family)
            with design.box("k-letter-row"):
                for title in _TITLES:
                    key(title, title, "k-letter-wide")
        for row in _ROWS:
            with design.box("k-letter-row"):
                for letter in row:
                    key(letter, letter)
        with design.box("k-letter-row"):
            design.button(
                t("visitor.phone.clear"),
                lambda: write(""),
                kind="plain",
                classes="k-letter k-letter-wide",
                test="letter-clear",
            )
            key(t("faces.guardian.space"), " ", "k-letter-space")
            design.button(
                "",
                lambda: write(read()[:-1]),
                kind="plain",
                icon_name="backspace",
                classes="k-letter k-letter-wide",
                aria=t("visitor.phone.erase"),
                test="letter-back",
            )


def _number(page: KioskPage) -> GoOn:
    t, draft = page.t, page.desk.draft
    frame.heading(t("faces.guardian.phone_title", name=draft.guardian_name.strip()), t("faces.guardian.phone_why"))
    field = design.box("k-field")

    def show(code: str | None) -> None:
        field.classes(add="ac-invalid") if code else field.classes(remove="ac-invalid")
        below.set_text(t.code("visitor.error", code) if code else t("visitor.phone.hint"))
        below.classes(replace="k-below k-below-bad" if code else "k-below")

    def changed(digits: str) -> None:
        page.desk.later(guardian_digits=digits)
        show(flow.early_phone_code(digits))

    async def go_on(digits: str | None = None) -> None:
        if digits is not None:
            page.desk.later(guardian_digits=digits)
        code = flow.phone_code(page.desk.draft.guardian_digits)
        show(code)
        if code is None:
            await page.faces.guardian_next()

    with field:
        below = design.text(t("visitor.phone.hint"), "k-below", test="phone-error")
        keypad(
            name="guardian-pad",
            event="guardian_digits",
            given=draft.guardian_digits,
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
    return go_on
