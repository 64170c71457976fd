"""Deletions: which node still has to confirm, and a manager's decision for one that never will."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import ui

from contracts.faces_api import Certificate, NodeConfirmation, ReleaseRequest, Withdrawal
from kiosk_ui import design
from kiosk_ui.consultant.dialogs import open_dialog
from kiosk_ui.design.signin import text_input
from kiosk_ui.reception import forget
from kiosk_ui.reception.pieces import empty, section
from kiosk_ui.visitor.my_face.proof import NODE_ICONS, short

if TYPE_CHECKING:
    from kiosk_ui.reception.page import ReceptionPage

_SHOWN = 8
_LEAST_REASON = 3


def draw(page: ReceptionPage) -> None:
    t = page.t
    found = sorted(page.shown.withdrawals, key=lambda one: (one.state == "complete", -one.requested_at.timestamp()))
    section(t("reception.withdrawals.title"), sum(one.state == "pending" for one in found), "delete_sweep")
    design.button(
        t("reception.forget.open"),
        lambda: forget.ask(page),
        kind="outline",
        icon_name="person_remove",
        classes="r-wide",
        test="forget-open",
    )
    if not found:
        empty(t("reception.withdrawals.none"), "task_alt")
    for withdrawal in found[:_SHOWN]:
        _withdrawal(page, withdrawal)


def _withdrawal(page: ReceptionPage, withdrawal: Withdrawal) -> None:
    t, pending = page.t, withdrawal.state == "pending"
    with design.card("r-withdrawal", test="withdrawal-card").props(f"data-state={withdrawal.state}"):
        with design.row("ac-between ac-wrap"):
            with design.row():
                design.text(short(withdrawal.withdrawal_id), "r-name ac-num")
                design.chip(
                    t(f"reception.withdrawals.{withdrawal.state}"),
                    "warn" if pending else "ok",
                    icon_name="hourglass_top" if pending else "verified",
                )
            asked = t(f"reception.by.{withdrawal.requested_by}")
            design.text(f"{page.project.local(withdrawal.requested_at)} · {asked}", "ac-small ac-muted")
        if pending:
            for node in withdrawal.nodes:
                _node(page, withdrawal, node)
        elif withdrawal.certificate_no:
            with design.row("ac-between"):
                design.text(withdrawal.certificate_no, "ac-strong ac-num", test="certificate-no")
                design.button(
                    t("reception.withdrawals.certificate"),
                    lambda: _open_certificate(page, withdrawal.withdrawal_id),
                    kind="ghost",
                    icon_name="description",
                    test="open-certificate",
                )


def _node(page: ReceptionPage, withdrawal: Withdrawal, node: NodeConfirmation) -> None:
    t = page.t
    with design.box(f"r-node r-node-{node.state}", test=f"node-{node.node}").props(f"data-state={node.state}"):
        design.icon(NODE_ICONS[node.state])
        design.text(t("faces.node.vault" if node.vault else "faces.node.camera", name=node.node), "ac-strong ac-grow")
        at = page.project.local(node.at) if node.at else ""
        design.text(t(f"faces.node.{node.state}", at=at), "ac-muted ac-small")
        if node.state == "pending" and page.role in {"manager", "admin"}:
            design.button(
                t("reception.release.open"),
                lambda: _release(page, withdrawal.withdrawal_id, node.node),
                kind="outline",
                test=f"release-{node.node}",
            )


def _release(page: ReceptionPage, withdrawal_id: str, node: str) -> None:
    t = page.t
    with page.root, open_dialog(t("reception.release.title", node=node), test="release-dialog") as dialog:
        design.note(t("reception.release.about"), "warn", icon_name="gpp_maybe")
        reason = text_input(
            "", t("reception.release.reason"), test="release-reason", label=t("reception.release.reason")
        )
        error = design.text("", "ac-error", test="release-error").props("role=alert")

        async def go() -> None:
            words = str(reason.value or "").strip()[:200]
            if len(words) < _LEAST_REASON:
                error.set_text(t("codes.problem.reason_needed"))
                return
            request = ReleaseRequest(reason=words)
            if await page.act(lambda: page.gateway.release_node(page.token, withdrawal_id, node, request)):
                dialog.close()

        design.button(t("reception.release.confirm"), go, classes="ac-btn-big", test="release-confirm")


async def _open_certificate(page: ReceptionPage, withdrawal_id: str) -> None:
    found: list[Certificate] = []

    async def read() -> None:
        found.append(await page.gateway.certificate(page.token, withdrawal_id))

    if not await page.act(read):
        return
    t, certificate = page.t, found[0]
    with page.root, open_dialog(t("faces.certificate.title"), test="certificate-dialog"):
        with design.box("r-certificate", test="certificate"):
            design.text(certificate.certificate_no, "r-name ac-num")
            design.text(certificate.statement, "r-statement", tag="p")
            design.text(t("faces.certificate.signature"), "ac-small ac-muted")
            design.text(certificate.signature, "r-signature")
        print_it = design.button(t("reception.withdrawals.print"), None, icon_name="print", test="print")
        print_it.on("click", js_handler="() => window.print()")
    ui.run_javascript("document.body.classList.add('r-printable')")
