"""A "first" visitor turns out to be a colleague's customer: handed over, and the turn comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.gateway_api import HandOverRequest, VisitView
from contracts.rota_api import RotaEntry
from kiosk_ui import design
from kiosk_ui.consultant.dialogs import open_dialog, segment
from kiosk_ui.design.signin import text_input

if TYPE_CHECKING:
    from kiosk_ui.consultant.page import TabletPage

_REASONS = ("own_customer", "family", "asked_for")
_NOTE_LENGTH = 160


def ask(page: TabletPage, visit: VisitView) -> None:
    t, me = page.t, page.me.person_id if page.me else ""
    colleagues = [e for e in page.rota.entries if e.consultant_id != me] if page.rota else []
    with page.root, open_dialog(t("handover.title"), test="handover-dialog") as dialog:
        design.note(t("handover.about"), icon_name="replay")
        if not colleagues:
            design.text(t("handover.nobody"), "ac-muted")
            return
        chosen = {"to": "", "reason": _REASONS[0]}
        design.text(t("handover.to"), "ac-label")
        names = [(e.consultant_id, _label(page, e)) for e in colleagues]
        segment(names, chosen, "to", test="handover-to", on_change=lambda: hint.set_text(_then(page, chosen["to"])))
        hint = design.text("", "ac-small ac-muted", test="handover-then").props("role=status")
        design.text(t("handover.why"), "ac-label")
        segment([(r, t(f"handover.reasons.{r}")) for r in _REASONS], chosen, "reason", test="handover-reason")
        note = text_input("", t("handover.note"), test="handover-note", label=t("handover.note"))
        error = design.text("", "ac-error", test="handover-error").props("role=alert")

        async def send() -> None:
            words = [t(f"handover.reasons.{chosen['reason']}"), str(note.value or "").strip()[:_NOTE_LENGTH]]
            request = HandOverRequest(consultant_id=chosen["to"], reason="：".join(word for word in words if word))
            said.append(await page.gateway.hand_over(page.token, visit.visit_id, request))

        async def go() -> None:
            if not chosen["to"]:
                error.set_text(t("handover.choose"))
                return
            design.enable(button, False)
            if await page.act(send):
                dialog.close()
                page.say(_said(page, said[-1], me))
                await page.refresh()
            elif not button.is_deleted:
                design.enable(button, True)

        said: list[VisitView] = []
        button = design.button(t("handover.confirm"), go, classes="ac-btn-big", test="handover-confirm")


def _label(page: TabletPage, entry: RotaEntry) -> str:
    return f"{entry.name} · {page.t(f'consultant.state.{entry.state}')}"


def _then(page: TabletPage, colleague_id: str) -> str:
    """What will follow: a colleague who is not free is assisted, and the turn comes back all the same."""
    entries = page.rota.entries if page.rota else []
    entry = next((e for e in entries if e.consultant_id == colleague_id), None)
    if entry is None:
        return ""
    return page.t("handover.then_free" if entry.state == "free" else "handover.then_assist", name=entry.name)


def _said(page: TabletPage, visit: VisitView, me: str) -> str:
    return page.t("handover.assisting" if visit.consultant_id == me else "handover.done")
