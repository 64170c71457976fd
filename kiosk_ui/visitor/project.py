"""Which project (项目) a visitor is here for: one touch, and only where the office sells several."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.checkin_api import ProjectOption
from kiosk_ui import design
from kiosk_ui.texts import LanguageCode
from kiosk_ui.visitor import frame

if TYPE_CHECKING:
    from kiosk_ui.visitor.page import KioskPage


def named(option: ProjectOption, language: LanguageCode) -> str:
    return option.name if language == "zh-CN" else option.name_en


def draw(page: KioskPage) -> None:
    t = page.t
    frame.progress(page)
    with design.box("k-body", tag="main"):
        frame.heading(t("visitor.project.title"), t("visitor.project.why"))
        with design.box("k-purposes"):
            for option in page.desk.form.projects:
                _tile(page, option)
    frame.foot(page, note=t("visitor.project.touch"))


def _tile(page: KioskPage, option: ProjectOption) -> None:
    chosen = page.desk.draft.project == option.project
    tile = design.box(
        f"k-tile k-purpose {'k-chosen' if chosen else ''}", tag="button", test=f"project-{option.project}"
    )
    tile.props(f"type=button aria-pressed={'true' if chosen else 'false'}")
    tile.on("click", lambda: page.answered("project", project=option.project), [])
    with tile:
        design.icon("domain", "k-purpose-icon")
        with design.box("k-purpose-words"):
            design.text(named(option, page.t.language), "k-purpose-name")
        design.icon("check_circle" if chosen else "arrow_forward", "k-purpose-tick")
