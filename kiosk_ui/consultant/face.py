"""The customer card's line on recognition, and withdrawing it when the customer asks for it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from nicegui import background_tasks
from nicegui.element import Element

from contracts.faces_api import ConsentView, Withdrawal, WithdrawalRequest
from contracts.ids import uuid7
from kiosk_ui import design
from kiosk_ui.clients.gateway import GatewayProblemError, GatewayUnreachableError
from kiosk_ui.consultant.dialogs import open_dialog, segment
from kiosk_ui.design.signin import text_input

if TYPE_CHECKING:
    from kiosk_ui.consultant.page import TabletPage

_REASONS = ("asked_here", "asked_by_phone", "other")
_POLL_SECONDS = 1.0
_NODE_ICONS = {"pending": "hourglass_top", "confirmed": "check_circle", "released": "gpp_maybe"}


class Panel:
    """What is agreed with one customer; drawn empty and filled, the rest of the card does not wait for it."""

    def __init__(self, page: TabletPage, customer_id: str) -> None:
        self._page, self._customer_id = page, customer_id
        self._box: Element

    def draw(self) -> None:
        self._box = design.box("ac-panel t-face", test="customer-face")
        background_tasks.create(self._fill(), name="customer face")

    async def _fill(self) -> None:
        page = self._page
        try:
            consents = await page.gateway.face_consents(page.token, self._customer_id)
        except (GatewayProblemError, GatewayUnreachableError):
            consents = None
        if self._box.is_deleted:
            return
        self._box.clear()
        with self._box:
            self._show(consents)

    def _show(self, consents: list[ConsentView] | None) -> None:
        page, t = self._page, self._page.t
        design.icon("face")
        design.text(t("consultant.face.title"), "ac-muted ac-small")
        if consents is None:
            design.text(t("consultant.face.unknown"))
            return
        live = next((c for c in consents if c.state != "ended"), None)
        if live is None:
            design.text(t("consultant.face.none"), "ac-strong ac-grow", test="face-state")
            pending = next((c.withdrawal_id for c in consents if c.withdrawal_id is not None), None)
            if pending is not None:
                design.button(
                    t("consultant.face.follow"),
                    lambda: self._follow_dialog(pending),
                    kind="ghost",
                    classes="t-tight",
                    test="face-follow",
                )
            return
        until = page.project.local_date(live.until)
        design.text(t(f"consultant.face.{live.state}", until=until), "ac-strong ac-grow", test="face-state")
        design.button(
            t("consultant.face.withdraw"),
            self._ask,
            kind="outline",
            icon_name="delete_sweep",
            classes="t-tight",
            test="face-withdraw",
        )

    def _ask(self) -> None:
        page, t, key = self._page, self._page.t, uuid7()
        chosen = {"reason": _REASONS[0]}
        with page.root, open_dialog(t("consultant.face.withdraw"), test="withdraw-dialog") as dialog:
            design.note(t("consultant.face.about"), icon_name="info")
            design.text(t("consultant.face.reason"), "ac-label")
            segment([(r, t(f"consultant.face.reasons.{r}")) for r in _REASONS], chosen, "reason", test="reason")
            more = text_input("", t("consultant.face.more"), test="withdraw-more", label=t("consultant.face.more"))
            made: list[Withdrawal] = []

            async def send() -> None:
                words = [t(f"consultant.face.reasons.{chosen['reason']}"), str(more.value or "").strip()]
                reason = "：".join(word for word in words if word)[:200]
                request = WithdrawalRequest(customer_id=self._customer_id, reason=reason)
                made.append(await page.gateway.withdraw(page.token, key, request))

            async def go() -> None:
                design.enable(button, False)
                if await page.act(send):
                    dialog.close()
                    background_tasks.create(self._fill(), name="customer face")
                    self._follow_dialog(made[0].withdrawal_id)
                else:
                    design.enable(button, True)

            button = design.button(
                t("consultant.face.confirm"),
                go,
                classes="ac-btn-big",
                icon_name="delete_sweep",
                test="withdraw-confirm",
            )

    def _follow_dialog(self, withdrawal_id: str) -> None:
        page, t = self._page, self._page.t
        with page.root, open_dialog(t("consultant.face.progress"), test="withdrawal-dialog"):
            box = design.box("t-nodes", test="withdrawal-nodes").props("aria-live=polite")
        background_tasks.create(self._follow(withdrawal_id, box), name="tablet withdrawal")

    async def _follow(self, withdrawal_id: str, box: Element) -> None:
        """Until complete, or until nobody looks."""
        shown: Withdrawal | None = None
        while not box.is_deleted and not self._page.client.is_deleted:
            found: Withdrawal | None
            try:
                found = await self._page.gateway.withdrawal(self._page.token, withdrawal_id)
            except GatewayUnreachableError:
                found = shown
            except GatewayProblemError as error:
                self._page.say(self._page.problem(error), bad=True)
                return
            if found is not None and found != shown and not box.is_deleted:
                shown = found
                box.clear()
                with box:
                    self._draw_nodes(found)
            if shown is not None and shown.state == "complete":
                return
            await asyncio.sleep(_POLL_SECONDS)

    def _draw_nodes(self, found: Withdrawal) -> None:
        t = self._page.t
        if found.state == "complete":
            design.note(
                t("consultant.face.certificate", number=found.certificate_no or "—"),
                icon_name="verified",
                title=t("consultant.face.complete"),
                test="certificate-no",
            )
        else:
            design.text(t("consultant.face.pending"), "ac-muted")
        for node in found.nodes:
            with design.box(f"t-node t-node-{node.state}", test=f"node-{node.node}").props(f"data-state={node.state}"):
                design.icon(_NODE_ICONS[node.state])
                design.text(t("faces.node.vault" if node.vault else "faces.node.camera", name=node.node), "ac-strong")
                at = self._page.project.local(node.at) if node.at else ""
                key = "pending" if node.state == "pending" else node.state
                design.text(t(f"faces.node.{key}", at=at), "ac-muted")
