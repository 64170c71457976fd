"""What every step shares: the bar at the top, progress, the foot with back and next, and the two overlays."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from kiosk_ui import design
from kiosk_ui.config import ProjectSection
from kiosk_ui.texts import Texts

if TYPE_CHECKING:
    from kiosk_ui.visitor.page import KioskPage

HEAD = (
    '<link rel="stylesheet" href="/visitor/kiosk.css"><link rel="stylesheet" href="/visitor/faces.css">'
    '<script src="/visitor/enrol.js"></script><script src="/visitor/scan.js"></script>'
)
"""Style sheets and script of every page on the kiosk's stage."""


class Stage(Protocol):
    """A page on the kiosk's portrait stage, as far as its frame is concerned."""

    t: Texts
    big: bool
    project: ProjectSection

    @property
    def over_picture(self) -> bool: ...
    async def switch_language(self) -> None: ...
    async def switch_size(self) -> None: ...
    async def back(self) -> None: ...
    async def retry(self) -> None: ...


def project_name(page: Stage) -> str:
    return page.project.name(page.t.language)


def top(page: Stage) -> None:
    """Project, language, text size. Over the picture on the first page, over paper on the others."""
    t = page.t
    with design.box(f"k-top {'k-top-home' if page.over_picture else ''}", tag="header"):
        with design.box("k-brand"):
            design.icon("domain", "k-brand-icon")
            design.text(project_name(page), "k-brand-name")
        with design.box("k-tools"):
            design.button(
                t("visitor.language"),
                page.switch_language,
                kind="plain",
                icon_name="translate",
                classes="k-tool",
                test=f"language-{t('visitor.language_code')}",
                aria=t("visitor.language_name"),
            )
            design.button(
                t("visitor.normal" if page.big else "visitor.large"),
                page.switch_size,
                kind="plain",
                icon_name="text_fields",
                classes="k-tool",
                test="kiosk-large",
            )


def progress(page: KioskPage) -> None:
    """The named steps, where there is more than one; the done ones ticked."""
    steps = page.desk.steps
    if len(steps) < 2:
        return
    here = steps.index(page.desk.draft.step) if page.desk.draft.step in steps else len(steps)
    with design.box("k-progress", tag="ol", test="kiosk-progress").style(f"--n:{len(steps)}"):
        for index, step in enumerate(steps):
            state = "k-past" if index < here else "k-here" if index == here else "k-next"
            with design.box(f"k-step {state}", tag="li") as item:
                if index == here:
                    item.props("aria-current=step")
                with design.box("k-step-dot"):
                    if index < here:
                        design.icon("check")
                    else:
                        design.text(str(index + 1))
                design.text(page.t(f"visitor.home.step_{step}"), "k-step-name")


def heading(title: str, why: str) -> None:
    with design.box("k-heading"):
        design.text(title, "k-title", tag="h1")
        design.text(why, "k-why", tag="p")


def foot(
    page: Stage, label: str = "", on_next: Callable[..., Any] | None = None, *, test: str = "", note: str = ""
) -> None:
    """Back always; next where a step needs one, else a `note` of what a touch does."""
    with design.box("k-foot", tag="footer"):
        design.button(
            page.t("common.back"),
            page.back,
            kind="outline",
            icon_name="arrow_back",
            classes="k-back",
            test="kiosk-back",
        )
        if label:
            design.button(label, on_next, icon_name="arrow_forward", classes="k-forward", test=test)
        else:
            design.text(note or page.t("visitor.purpose.last"), "k-foot-text")


def returning(page: Stage, seconds: int) -> None:
    """Counts down to the first page (design/base.js); `seconds` is what it begins with."""
    with design.box("k-returning") as line:
        line.props("id=ac-idle")
        design.text(str(seconds), "ac-idle-left k-count", tag="span", test="return-seconds")
        design.text(page.t("visitor.done.returning"), tag="span")


def trouble(page: Stage) -> None:
    t = page.t
    with design.box("k-overlay", test="kiosk-trouble") as overlay, design.box("k-sheet"):
        overlay.props("role=alertdialog")
        design.icon("cloud_off", "k-sheet-icon")
        design.text(t("visitor.trouble.title"), "k-title", tag="h2")
        design.text(t("visitor.trouble.text"), "k-why", tag="p")
        design.button(t("visitor.trouble.retry"), page.retry, icon_name="refresh", classes="k-wide", test="kiosk-retry")


def idle(page: Stage) -> None:
    """Hidden until the page counts down its last seconds (design/base.js)."""
    t = page.t
    with design.box("k-overlay ac-hidden", test="kiosk-idle") as overlay, design.box("k-sheet"):
        overlay.props("id=ac-idle role=alertdialog")
        design.icon("hourglass_bottom", "k-sheet-icon")
        design.text(t("visitor.idle.title"), "k-title", tag="h2")
        with design.box("k-count-line"):
            design.box("ac-idle-left k-count", tag="span")
            design.text(t("visitor.idle.text"), "k-why", tag="span")
        design.button(t("visitor.idle.stay"), None, classes="k-wide", test="kiosk-stay")
