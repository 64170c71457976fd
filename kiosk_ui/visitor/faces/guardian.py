"""A child under 14: a parent or guardian says how they are related and gives their number, then answers themselves.

No name is typed: a kiosk has no input method, and a number with the relation names who consented.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui.element import Element

from kiosk_ui import design
from kiosk_ui.design.keypad import keypad
from kiosk_ui.visitor import flow, frame
from kiosk_ui.visitor.faces import consent, rules

if TYPE_CHECKING:
    from kiosk_ui.visitor.page import KioskPage

_ICONS = {"father": "man", "mother": "woman", "guardian": "supervisor_account"}


def draw(page: KioskPage) -> None:
    t, draft = page.t, page.desk.draft
    with design.box("k-body k-guardian", tag="main"):
        consent.strip(page)
        frame.heading(t("faces.guardian.title"), t("faces.guardian.why"))
        design.text(t("faces.guardian.relation"), "k-label")
        _relations(page)
        error = design.text("", "k-error", test="guardian-error").props("role=alert")
        design.text(t("faces.guardian.phone"), "k-label")
        field = design.box("k-field")

    def show(code: str | None) -> None:
        field.classes(add="ac-invalid") if code else field.classes(remove="ac-invalid")
        below.set_text(t.code("visitor.error", code) if code else t("faces.guardian.phone_why"))
        below.classes(replace="k-below k-below-bad" if code else "k-below")

    def changed(digits: str) -> None:
        page.desk.later(guardian_digits=digits)
        show(flow.early_phone_code(digits))

    async def go_on(digits: str | None = None) -> None:
        if digits is not None:
            page.desk.later(guardian_digits=digits)
        related = page.desk.draft.guardian_relation is not None
        error.set_text("" if related else t("faces.guardian.missing_relation"))
        code = flow.phone_code(page.desk.draft.guardian_digits)
        show(code)
        if related and code is None:
            await page.faces.guardian_next()

    with field:
        below = design.text(t("faces.guardian.phone_why"), "k-below", test="phone-error")
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
    frame.foot(page, t("faces.guardian.next"), lambda: go_on(), test="guardian-next")


def _relations(page: KioskPage) -> None:
    t = page.t
    tiles: dict[str, Element] = {}

    def choose(relation: str) -> None:
        page.desk.later(guardian_relation=relation)
        show()

    def show() -> None:
        chosen = page.desk.draft.guardian_relation
        for relation, tile in tiles.items():
            tile.classes(add="k-chosen") if relation == chosen else tile.classes(remove="k-chosen")
            tile.props(f"aria-pressed={'true' if relation == chosen else 'false'}")

    with design.box("k-relations"):
        for relation in rules.RELATIONS:
            tiles[relation] = design.box("k-tile k-relation", tag="button", test=f"relation-{relation}")
            tiles[relation].props("type=button").on("click", lambda relation=relation: choose(relation), [])
            with tiles[relation]:
                design.icon(_ICONS[relation])
                design.text(t(f"faces.relation.{relation}"))
    show()
