"""More people of a party, a party that left, people who are no customers: said by the reception, taken back by it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from nicegui.element import Element

from contracts.gateway_api import VisitView
from contracts.marks_api import JoinersRequest, MarkPeopleRequest, NonCustomerRequest
from kiosk_ui import design
from kiosk_ui.consultant import wording
from kiosk_ui.consultant.dialogs import open_dialog, segment
from kiosk_ui.design.signin import text_input
from kiosk_ui.seat.stepper import stepper

if TYPE_CHECKING:
    from kiosk_ui.reception.page import ReceptionPage

_REASONS = ("agent", "courier", "cleaner", "inspector", "scout", "other")
_AT_THE_DOOR = ("staff", *_REASONS)
_NOTE_LENGTH, _MOST_JOINERS, _MOST_PEOPLE = 200, 20, 50


def join(page: ReceptionPage, visit: VisitView) -> None:
    """Late joiners: the party grows."""
    t = page.t
    with page.root, open_dialog(_title(page, "join", visit), test="join-dialog") as dialog:
        design.text(t("reception.join.people"), "ac-label")
        number = stepper(page, most=_MOST_JOINERS, test="join")

        async def send() -> None:
            request = JoinersRequest(people=number.value, reason=t("reception.join.reason"))
            await page.gateway.join(page.token, visit.visit_id, request)

        _confirm(page, "join", send, dialog.close)


def depart(page: ReceptionPage, visit: VisitView) -> None:
    t = page.t
    with page.root, open_dialog(_title(page, "depart", visit), test="depart-dialog") as dialog:
        design.text(t("reception.depart.about"), "ac-muted")
        _confirm(page, "depart", lambda: page.gateway.depart(page.token, visit.visit_id), dialog.close)


def mark(page: ReceptionPage, visit: VisitView) -> None:
    """The visit ends and its people leave the net count."""
    t, chosen = page.t, {"reason": _REASONS[0]}
    with page.root, open_dialog(_title(page, "mark", visit), test="mark-dialog") as dialog:
        design.text(t("reception.mark.about"), "ac-muted")
        _reasons(page, chosen, _REASONS)
        note = text_input("", t("reception.mark.note"), test="mark-note", label=t("reception.mark.note"))

        async def send() -> None:
            said = {"reason": chosen["reason"], "note": str(note.value or "")[:_NOTE_LENGTH]}
            request = NonCustomerRequest.model_validate(said)
            await page.gateway.mark_non_customer(page.token, visit.visit_id, request)

        _confirm(page, "mark", send, dialog.close)


def draw_marked(page: ReceptionPage, visit: VisitView) -> None:
    """Why they are no customers, and the way back."""
    t = page.t

    async def undo() -> None:
        async def send() -> None:
            await page.gateway.unmark_non_customer(page.token, visit.visit_id)

        if await page.act(send, t("reception.mark.undone")):
            page.open_visit(visit.visit_id)

    design.note(t(f"reception.mark.reasons.{visit.non_customer}"), icon_name="person_off", title=t("reception.mark.is"))
    design.button(t("reception.mark.undo"), undo, kind="outline", icon_name="undo", classes="r-wide", test="unmark")


# ---- people at the door
def at_the_door(page: ReceptionPage) -> None:
    """Counted by the door, and no customers: out of the net count, today's below with a way back."""
    t, chosen = page.t, {"reason": _AT_THE_DOOR[0]}
    with page.root, open_dialog(t("reception.door.title"), test="door-dialog") as dialog:
        design.text(t("reception.door.about"), "ac-muted")
        design.text(t("reception.door.people"), "ac-label")
        number = stepper(page, most=_MOST_PEOPLE, test="door")
        _reasons(page, chosen, _AT_THE_DOOR)
        note = text_input("", t("reception.mark.note"), test="mark-note", label=t("reception.mark.note"))

        async def send() -> None:
            said = {"people": number.value, "reason": chosen["reason"], "note": str(note.value or "")[:_NOTE_LENGTH]}
            await page.gateway.mark_people(page.token, MarkPeopleRequest.model_validate(said))
            page.shown.marked = await page.gateway.marked_people(page.token)

        _confirm(page, "door", send, dialog.close)
        for marked in page.shown.marked:
            if not marked.undone:
                _marked_line(page, marked.mark_id, marked.people, marked.reason, page.project.local(marked.at)[-5:])


def _marked_line(page: ReceptionPage, mark_id: str, people: int, reason: str, at: str) -> None:
    t = page.t

    async def undo() -> None:
        async def send() -> None:
            await page.gateway.unmark_people(page.token, mark_id)
            page.shown.marked = await page.gateway.marked_people(page.token)

        if await page.act(send, t("reception.mark.undone")):
            line.delete()

    with design.row("ac-between", test="door-marked") as line:
        design.text(f"{at} · {t(f'reception.mark.reasons.{reason}')} · {t('reception.lists.people', n=people)}")
        design.button(t("reception.mark.undo"), undo, kind="outline", test="door-undo")


# ---- pieces
def _title(page: ReceptionPage, what: str, visit: VisitView) -> str:
    number = visit.ticket.number if visit.ticket else "–"
    return page.t(f"reception.{what}.title", n=number, name=wording.customer_name(page.t, visit))


def _reasons(page: ReceptionPage, chosen: dict[str, str], codes: tuple[str, ...]) -> None:
    design.text(page.t("reception.mark.why"), "ac-label")
    words = [(code, page.t(f"reception.mark.reasons.{code}")) for code in codes]
    segment(words, chosen, "reason", test="mark-why")


def _confirm(page: ReceptionPage, what: str, send: Callable[[], Awaitable[Any]], close: Callable[[], object]) -> None:
    async def go() -> None:
        design.enable(button, False)
        if await page.act(send, page.t(f"reception.{what}.done")):
            close()
        elif not button.is_deleted:
            design.enable(button, True)

    button: Element = design.button(
        page.t(f"reception.{what}.confirm"), go, classes="ac-btn-big", test=f"{what}-confirm"
    )
