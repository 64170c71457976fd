"""Two files that may be one person's: proposed at the desk with both side by side, decided by a manager."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from nicegui.element import Element

from contracts.gateway_api import CustomerView
from contracts.identity_api import MergeDecision, MergeRequest, MergeView
from contracts.ids import uuid7
from contracts.values import utc_now
from kiosk_ui import design
from kiosk_ui.consultant import wording
from kiosk_ui.consultant.dialogs import open_dialog
from kiosk_ui.design.signin import text_input
from kiosk_ui.reception import search
from kiosk_ui.reception.side import OpenFile

if TYPE_CHECKING:
    from kiosk_ui.reception.page import ReceptionPage

_REASON_LENGTH = 200


# ---- proposing
def draw_beside(page: ReceptionPage, top: OpenFile) -> None:
    """The other files that the same words found: perhaps the same person."""
    t = page.t
    with design.card("r-open", test="beside"):
        design.text(t("reception.merge.beside"), "ac-h3", tag="h3")
        for other in top.beside:
            customer = other.customer
            with design.row("ac-between r-beside"):
                with design.box("ac-grow"):
                    with design.row().style("gap:10px"):
                        design.text(customer.name or t("consultant.anonymous"), "ac-strong ac-ellipsis")
                        design.text(customer.phone, "ac-num r-fixed")
                    design.text(" · ".join(search.facts(page, customer)), "ac-small ac-muted")
                design.button(
                    t("reception.merge.open"),
                    lambda customer=customer: ask(page, top.customer, customer),
                    kind="outline",
                    test="merge-open",
                )


def ask(page: ReceptionPage, kept: CustomerView, merged: CustomerView) -> None:
    t, key = page.t, uuid7()
    with page.root, open_dialog(t("reception.merge.title"), test="merge-dialog") as dialog:
        _side_by_side(page, kept, merged)
        design.note(t(f"reception.merge.about_{'manager' if _decides(page) else 'reception'}"), icon_name="info")
        reason = text_input(
            "", t("reception.merge.reason_hint"), test="merge-reason", label=t("reception.merge.reason")
        )
        error = design.text("", "ac-error", test="merge-error").props("role=alert")

        async def go() -> None:
            words = str(reason.value or "").strip()[:_REASON_LENGTH]
            if not words:
                error.set_text(t("codes.problem.reason_needed"))
                return
            request = MergeRequest(kept_id=kept.customer_id, merged_id=merged.customer_id, reason=words)
            design.enable(button, False)
            said = t(f"reception.merge.done_{'manager' if _decides(page) else 'reception'}")
            if await page.act(lambda: page.gateway.propose_merge(page.token, key, request), said):
                dialog.close()
            elif not button.is_deleted:
                design.enable(button, True)

        words = t(f"reception.merge.confirm_{'manager' if _decides(page) else 'reception'}")
        button: Element = design.button(words, go, classes="ac-btn-big", test="merge-confirm")
        reason.on("keydown.enter", go)


# ---- deciding
def draw(page: ReceptionPage) -> None:
    for merge in page.shown.merges:
        _proposal(page, merge)


def _proposal(page: ReceptionPage, merge: MergeView) -> None:
    t = page.t
    with design.card("r-review", test="merge-card"):
        with design.row("ac-between ac-wrap"):
            design.text(t("reception.merge.proposed"), "ac-h3", tag="h3")
            asked = f"{merge.proposed_by} · {wording.ago(t, merge.proposed_at, utc_now())}"
            design.text(asked, "ac-muted ac-small")
        design.text(
            t("reception.merge.says", reason=t.code("reception.kind", merge.reason)), "r-break", test="merge-says"
        )
        _side_by_side(page, merge.kept, merge.merged)
        if not _decides(page):
            design.text(t("reception.merge.waits"), "ac-small ac-muted")
            return
        with design.row("ac-wrap r-acts"):
            design.button(t("reception.merge.accept"), lambda: _decide(page, merge, "accept"), test="merge-accept")
            design.button(
                t("reception.merge.refuse"), lambda: _decide(page, merge, "refuse"), kind="outline", test="merge-refuse"
            )


def _decide(page: ReceptionPage, merge: MergeView, answer: Literal["accept", "refuse"]) -> None:
    t, key = page.t, uuid7()
    with page.root, open_dialog(t(f"reception.merge.{answer}"), test="merge-decide-dialog") as dialog:
        design.text(t(f"reception.merge.then_{answer}"), "ac-muted")
        reason = text_input("", t("reception.merge.reason"), test="merge-why", label=t("reception.merge.reason"))
        error = design.text("", "ac-error", test="merge-why-error").props("role=alert")

        async def go() -> None:
            words = str(reason.value or "").strip()[:_REASON_LENGTH]
            if not words:
                error.set_text(t("codes.problem.reason_needed"))
                return
            decision = MergeDecision(reason=words)
            design.enable(button, False)
            await page.act(
                lambda: page.gateway.decide_merge(page.token, key, merge, answer, decision),
                t("reception.reviews.decided"),
            )
            dialog.close()

        button: Element = design.button(t("reception.reviews.confirm"), go, classes="ac-btn-big", test="merge-decide")
        reason.on("keydown.enter", go)


def _side_by_side(page: ReceptionPage, kept: CustomerView, merged: CustomerView) -> None:
    t = page.t
    with design.box("r-candidates"):
        for role, customer in (("kept", kept), ("merged", merged)):
            with design.box("r-candidate", test=f"merge-{role}"):
                design.text(t(f"reception.merge.{role}"), "ac-small ac-muted")
                design.text(customer.name or t("consultant.anonymous"), "r-name r-break")
                design.text(customer.phone, "ac-num")
                for fact in search.facts(page, customer):
                    design.text(fact, "ac-small")


def _decides(page: ReceptionPage) -> bool:
    return page.role in {"manager", "admin"}
