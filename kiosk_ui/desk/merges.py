"""Two files that may be one person's: merged, refused, or taken apart again, always with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.gateway_api import CustomerView
from contracts.identity_api import MergeDecision, MergeView
from contracts.ids import uuid7
from contracts.values import utc_now
from kiosk_ui import design
from kiosk_ui.clients.desk import MergeStep
from kiosk_ui.consultant import wording
from kiosk_ui.consultant.dialogs import open_dialog
from kiosk_ui.desk.pieces import decision, empty, heading
from kiosk_ui.desk.shown import Shown

if TYPE_CHECKING:
    from kiosk_ui.desk.page import DeskPage

_TONES: dict[str, design.Tone] = {"proposed": "warn", "merged": "ok", "refused": "", "ended": ""}


async def read(page: DeskPage) -> None:
    page.shown.merges = await page.gateway.merges(page.token)


def waiting(shown: Shown) -> int:
    return sum(merge.state == "proposed" for merge in shown.merges)


def shows(shown: Shown) -> object:
    return shown.merges


def draw(page: DeskPage) -> None:
    heading(page, "merges")
    order = sorted(page.shown.merges, key=lambda m: m.state != "proposed")
    if not any(merge.state == "proposed" for merge in order):
        empty(page.t("desk.merges.none"), "task_alt", test="merges-none")
    for merge in order:
        _merge(page, merge)


def _merge(page: DeskPage, merge: MergeView) -> None:
    t = page.t
    with design.card("d-card", test="merge").props(f"data-state={merge.state}"):
        with design.row("ac-between ac-wrap"):
            design.chip(t(f"desk.merges.{merge.state}"), _TONES[merge.state])
            when = wording.ago(t, merge.proposed_at, utc_now())
            design.text(t("desk.merges.by", name=merge.proposed_by, when=when), "ac-small ac-muted")
        with design.box("d-two"):
            _file(page, merge.kept, t("desk.merges.kept"))
            design.icon("arrow_back", "d-into")
            _file(page, merge.merged, t("desk.merges.other"))
        design.text(t("desk.merges.because", reason=merge.reason), "ac-muted")
        if merge.decision_reason:
            design.text(t("desk.merges.decided", name=merge.decided_by, reason=merge.decision_reason), "ac-muted")
        if merge.state == "proposed":
            with design.row("ac-wrap"):
                _button(page, merge, "accept")
                _button(page, merge, "refuse")
        elif merge.state == "merged":
            _button(page, merge, "end")


def _file(page: DeskPage, file: CustomerView, title: str) -> None:
    t = page.t
    with design.box("ac-panel ac-grow"):
        design.text(title, "ac-small ac-muted")
        design.text(file.name or file.phone, "ac-strong d-name")
        visits = t("desk.merges.visits", n=file.visit_count)
        named = wording.owned_by(t, file)
        owner = t("desk.parties.owner", name=named) if named else t("desk.merges.no_owner")
        design.text(" · ".join((file.phone, visits, owner)), "ac-small ac-muted")


def _button(page: DeskPage, merge: MergeView, step: MergeStep) -> None:
    design.button(
        page.t(f"desk.merges.{step}"),
        lambda: _ask(page, merge, step),
        kind="primary" if step == "accept" else "outline",
        test=f"merge-{step}",
    )


def _ask(page: DeskPage, merge: MergeView, step: MergeStep) -> None:
    t, key = page.t, uuid7()
    with page.root, open_dialog(t(f"desk.merges.{step}"), test="merge-dialog") as dialog:
        design.note(t(f"desk.merges.then_{step}"), icon_name="info", test="merge-then")

        async def work(reason: str) -> None:
            await page.gateway.decide_merge(page.token, key, merge, step, MergeDecision(reason=reason))

        decision(page, dialog, work, label=t(f"desk.merges.{step}"), said=t(f"desk.merges.did_{step}"))
