"""Deleting: each node live, and at the end the certificate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.faces_api import NodeConfirmation, Withdrawal
from kiosk_ui import design
from kiosk_ui.texts import Texts
from kiosk_ui.visitor import flow, frame
from kiosk_ui.visitor.my_face import steps

if TYPE_CHECKING:
    from kiosk_ui.visitor.my_face.page import MyFacePage

NODE_ICONS = {"pending": "hourglass_top", "confirmed": "check_circle", "released": "gpp_maybe"}


def short(withdrawal_id: str) -> str:
    """What people note and read aloud: the last eight digits, in two groups."""
    tail = withdrawal_id[-8:].upper()
    return f"{tail[:4]}-{tail[4:]}"


def pending(page: MyFacePage) -> None:
    t = page.t
    with design.box("k-body k-mine-body", tag="main"):
        steps.strip(page)
        frame.heading(t("faces.pending.title"), t("faces.pending.why"))
        with design.box("k-number-card"):
            design.text(t("faces.pending.number"), "k-fact-label")
            design.text(short(page.seat.withdrawal_id or ""), "k-number", test="withdrawal-number")
        page.nodes = design.box("k-nodes", test="withdrawal-nodes").props("aria-live=polite")
        if page.withdrawal is not None:
            show_nodes(page, page.withdrawal)
    _foot(page)


def show_nodes(page: MyFacePage, withdrawal: Withdrawal) -> None:
    """Where each node stands."""
    if page.nodes.is_deleted:
        return
    t = page.t
    page.nodes.clear()
    with page.nodes:
        done = sum(node.state != "pending" for node in withdrawal.nodes)
        design.text(
            t("faces.pending.progress", done=done, all=len(withdrawal.nodes)),
            "k-section-title",
            test="withdrawal-progress",
        )
        for node in withdrawal.nodes:
            with design.box(f"k-node k-node-{node.state}", test=f"node-{node.node}").props(f"data-state={node.state}"):
                design.icon(NODE_ICONS[node.state], "k-node-icon")
                with design.box("k-section-words"):
                    design.text(node_name(t, node), "k-section-title")
                    design.text(node_state(page, node), "k-section-text")


def node_name(t: Texts, node: NodeConfirmation) -> str:
    return t("faces.node.vault" if node.vault else "faces.node.camera", name=node.node)


def node_state(page: MyFacePage, node: NodeConfirmation) -> str:
    t = page.t
    if node.state == "pending" or node.at is None:
        return t("faces.node.pending")
    at = page.project.local(node.at)
    if node.state == "confirmed" and node.templates is not None and node.vault:
        return t("faces.node.deleted", at=at, n=node.templates)
    return t(f"faces.node.{node.state}", at=at)


def say_later(page: MyFacePage) -> None:
    """The right to look has run out; the deletion has not."""
    if not page.nodes.is_deleted:
        with page.nodes:
            page.nodes.clear()
            design.text(page.t("faces.pending.later"), "k-why", test="withdrawal-later")


def _foot(page: MyFacePage) -> None:
    t = page.t
    with design.box("k-foot k-foot-done", tag="footer"):
        frame.returning(page, flow.CERTIFICATE_SECONDS)
        design.button(
            t("visitor.done.home"), page.leave, kind="outline", icon_name="home", classes="k-back", test="my-face-leave"
        )


def certificate(page: MyFacePage) -> None:
    t, found, project = page.t, page.seat.certificate, page.project
    if found is None:
        raise RuntimeError("the certificate page needs a certificate")
    with design.box("k-body k-mine-body", tag="main"):
        with design.box("k-certificate", test="certificate"):
            design.icon("verified", "k-seal")
            design.text(t("faces.certificate.title"), "k-title", tag="h1")
            design.text(frame.project_name(page), "k-why")
            design.text(t("faces.certificate.number"), "k-fact-label")
            design.text(found.certificate_no, "k-number", test="certificate-no")
            released = any(node.state == "released" for node in found.withdrawal.nodes)
            words = t(f"faces.certificate.{'statement_released' if released else 'statement'}")
            design.text(words, "k-certificate-words", tag="p", test="certificate-words")
            with design.box("k-certificate-facts"):
                _line(t("faces.certificate.asked"), project.local(found.withdrawal.requested_at))
                done = found.withdrawal.completed_at or found.issued_at
                _line(t("faces.certificate.done"), project.local(done))
                _line(t("faces.certificate.texts"), "、".join(found.text_versions) or "—")
                for node in found.withdrawal.nodes:
                    _line(node_name(t, node), node_state(page, node))
                with design.box("k-certificate-line k-signature-line"):
                    design.text(t("faces.certificate.signature"), "ac-muted")
                    design.text(found.signature, "k-signature", test="certificate-signature")
        design.text(t("faces.certificate.note"), "k-why k-middle")
    _foot(page)


def _line(label: str, value: str) -> None:
    with design.box("k-certificate-line"):
        design.text(label, "ac-muted")
        design.text(value, "ac-strong")
