"""The three gate questions (问岗三问) on one page, where the office has the kiosk ask them; none needs an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui.element import Element

from kiosk_ui import design
from kiosk_ui.visitor import frame

if TYPE_CHECKING:
    from kiosk_ui.visitor.page import KioskPage


def draw(page: KioskPage) -> None:
    t = page.t
    frame.progress(page)
    with design.box("k-body", tag="main"):
        frame.heading(t("gate.title"), t("gate.why"))
        with design.box("k-gate"):
            for question in page.desk.form.questions:
                _question(page, question)
    frame.foot(page, t("visitor.party.next"), lambda: page.answered("gate"), test="gate-next")


def _question(page: KioskPage, question: str) -> None:
    """Touched again, an answer is taken back."""
    tiles: dict[bool, Element] = {}

    def choose(answer: bool) -> None:
        before = page.desk.draft.gate
        given = None if getattr(before, question) == answer else answer
        page.desk.later(gate=before.model_copy(update={question: given}))
        show()

    def show() -> None:
        for answer, tile in tiles.items():
            chosen = getattr(page.desk.draft.gate, question) == answer
            tile.classes(add="k-chosen") if chosen else tile.classes(remove="k-chosen")
            tile.props(f"aria-pressed={'true' if chosen else 'false'}")

    with design.box("k-question").props("role=group"):
        design.text(page.t(f"gate.ask.{question}"), "k-question-text", tag="h2")
        with design.box("k-answers"):
            for answer, word in ((True, "yes"), (False, "no")):
                tiles[answer] = design.box("k-tile k-answer", tag="button", test=f"{question}-{word}")
                tiles[answer].props("type=button").on("click", lambda answer=answer: choose(answer), [])
                with tiles[answer]:
                    design.text(page.t(f"gate.{word}"))
    show()
