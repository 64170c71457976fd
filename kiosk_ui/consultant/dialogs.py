"""What is entered in a dialog: follow-ups, sales, notes. One idempotency key a dialog: sent twice, recorded once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from nicegui import ui

from contracts.facts_api import FollowUpRequest, SaleRequest
from contracts.gateway_api import CustomerPatch, CustomerView, FinishRequest, VisitView
from contracts.ids import uuid7
from kiosk_ui import design
from kiosk_ui.consultant import wording
from kiosk_ui.design.signin import text_input

if TYPE_CHECKING:
    from kiosk_ui.consultant.page import TabletPage

Then = Callable[[], Awaitable[None]]
"""What a card does once the gateway has it, for example read its timeline again."""


@contextmanager
def open_dialog(title: str, *, test: str) -> Iterator[ui.dialog]:
    """A dialog with a title and a way out; its content is built inside the `with`."""
    with ui.dialog() as dialog, design.box("ac-dialog", test=test) as sheet:
        sheet.props("role=dialog aria-modal=true")
        with design.row("ac-between"):
            design.text(title, "ac-h2", tag="h2")
            design.button("", dialog.close, kind="ghost", icon_name="close", aria=title, test="dialog-close")
        yield dialog
    dialog.on("hide", dialog.delete)
    dialog.open()


def segment(
    options: list[tuple[str, str]],
    chosen: dict[str, str],
    key: str,
    *,
    test: str,
    on_change: Callable[[], Any] | None = None,
) -> None:
    """One of several: the chosen value is kept in `chosen[key]`."""
    buttons: dict[str, Any] = {}

    def choose(value: str) -> None:
        chosen[key] = value
        for name, element in buttons.items():
            element.classes(add="ac-on") if name == value else element.classes(remove="ac-on")
            element.props(f"aria-pressed={'true' if name == value else 'false'}")
        if on_change is not None:
            on_change()

    with design.box("ac-segment"):
        for value, label in options:
            buttons[value] = design.button(
                label, lambda value=value: choose(value), kind="outline", classes="t-option", test=f"{test}-{value}"
            )
    for name, element in buttons.items():
        if name == chosen[key]:
            element.classes(add="ac-on").props("aria-pressed=true")


def _send(
    page: TabletPage,
    dialog: ui.dialog,
    work: Callable[[], Awaitable[Any]],
    said: str,
    *,
    label: str,
    test: str,
    then: Then | None = None,
) -> None:
    """The button that sends. On failure the dialog stays with all that was typed, and the same key is used again."""

    async def go() -> None:
        design.enable(button, False)
        if await page.act(work):
            dialog.close()
            page.say(said)
            await page.refresh()
            if then is not None:
                await then()
        else:
            design.enable(button, True)

    button = design.button(label, go, classes="ac-btn-big", test=test)


def follow_up(page: TabletPage, customer_id: str, then: Then | None = None) -> None:
    t, key = page.t, uuid7()
    chosen = {"channel": "call", "reached": "yes"}
    with page.root, open_dialog(t("consultant.follow.title"), test="follow-dialog") as dialog:
        design.text(t("consultant.follow.channel"), "ac-label")
        channels = [(c, t(f"consultant.follow.{c}")) for c in ("call", "message", "meeting", "visit")]
        segment(channels, chosen, "channel", test="channel")
        reached = [("yes", t("consultant.follow.reached")), ("no", t("consultant.follow.not_reached"))]
        segment(reached, chosen, "reached", test="reached")
        note = _note(t("consultant.follow.note"), t("consultant.follow.note_hint"), test="follow-note")

        async def send() -> None:
            request = FollowUpRequest.model_validate(
                {
                    "customer_id": customer_id,
                    "channel": chosen["channel"],
                    "reached": chosen["reached"] == "yes",
                    "note": str(note.value or "")[:500],
                }
            )
            await page.gateway.follow_up(page.token, key, request)

        _send(page, dialog, send, t("consultant.follow.saved"), label=t("common.save"), test="follow-save", then=then)


def sale(page: TabletPage, customer_id: str, visit_id: str | None, then: Then | None = None) -> None:
    t, key = page.t, uuid7()
    chosen = {"kind": "intent"}
    with page.root, open_dialog(t("consultant.sale.title"), test="sale-dialog") as dialog:
        kinds = [(k, t(f"consultant.sale.{k}")) for k in ("intent", "subscription", "contract", "payment")]
        segment(kinds, chosen, "kind", test="sale")
        design.text(t("consultant.sale.amount"), "ac-label")
        amount = text_input("", t("consultant.sale.amount_hint"), test="sale-amount", label=t("consultant.sale.amount"))
        amount.props("inputmode=decimal")
        error = design.text("", "ac-error", test="sale-error").props("role=alert")
        design.text(t("consultant.sale.unit"), "ac-label")
        unit = text_input("", t("consultant.sale.unit_hint"), test="sale-unit", label=t("consultant.sale.unit"))
        made: dict[str, SaleRequest] = {}

        async def send() -> None:
            await page.gateway.sale(page.token, key, made["request"])

        async def check() -> None:
            try:
                fen = wording.fen_of_yuan(str(amount.value or ""))
            except ValueError as wrong:
                error.set_text(t(f"consultant.sale.{wrong}"))
                return
            error.set_text("")
            made["request"] = SaleRequest.model_validate(
                {
                    "customer_id": customer_id,
                    "kind": chosen["kind"],
                    "amount_fen": fen,
                    "unit_ref": str(unit.value or "")[:200],
                    "visit_id": visit_id,
                }
            )
            if await page.act(send):
                dialog.close()
                page.say(t("consultant.sale.saved"))
                await page.refresh()
                if then is not None:
                    await then()

        design.button(t("common.save"), check, classes="ac-btn-big", test="sale-save")


def finish(page: TabletPage, visit: VisitView) -> None:
    t = page.t
    chosen = {"outcome": "toured"}
    with page.root, open_dialog(t("consultant.finish.title"), test="finish-dialog") as dialog:
        design.text(t("consultant.finish.outcome"), "ac-label")
        outcomes = [(o, t(f"consultant.finish.{o}")) for o in ("toured", "deal", "left", "not_customer")]
        segment(outcomes, chosen, "outcome", test="outcome")
        note = _note(t("consultant.finish.note"), t("consultant.finish.note_hint"), test="finish-note")

        async def send() -> None:
            request = FinishRequest.model_validate({"outcome": chosen["outcome"], "note": str(note.value or "")[:500]})
            await page.gateway.finish(page.token, visit.visit_id, request)

        _send(page, dialog, send, t("consultant.finish.done"), label=t("consultant.finish.title"), test="finish-save")


def edit_customer(page: TabletPage, customer: CustomerView, saved: Callable[[CustomerView], Any]) -> None:
    t = page.t
    with page.root, open_dialog(t("consultant.edit.title"), test="edit-dialog") as dialog:
        design.text(t("consultant.edit.name"), "ac-label")
        shown = customer.name if customer.revealed else ""  # a masked name in the field would be saved as it stands
        hint = "" if customer.revealed else t("consultant.edit.name_kept", name=customer.name)
        name = text_input(shown, hint, test="edit-name", label=t("consultant.edit.name"))
        needs = _note(
            t("consultant.edit.needs"), t("consultant.edit.needs_hint"), test="edit-needs", value=customer.needs
        )
        design.text(t("consultant.edit.tags"), "ac-label")
        tags = text_input(" ".join(customer.tags), "", test="edit-tags", label=t("consultant.edit.tags"))

        async def send() -> None:
            words = str(tags.value or "").replace("，", " ").replace(",", " ").replace("、", " ").split()
            patch = CustomerPatch(needs=str(needs.value or "")[:200], tags=[w[:20] for w in words])
            if str(name.value or "") != shown:
                patch.name = str(name.value or "")[:40]
            saved(await page.gateway.patch_customer(page.token, customer, patch))

        _send(page, dialog, send, t("consultant.edit.saved"), label=t("common.save"), test="edit-save")


def _note(label: str, hint: str, *, test: str, value: str = "") -> ui.input | ui.textarea:
    design.text(label, "ac-label")
    return text_input(value, hint, test=test, label=label, long=True)
