"""Sign-in: a staff number and a PIN on a pad. The PIN is held only while it is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import ui
from pydantic import ValidationError

from contracts.rest import SessionRequest
from kiosk_ui import design
from kiosk_ui.clients.gateway import GatewayProblemError, GatewayUnreachableError
from kiosk_ui.design.keypad import keypad

if TYPE_CHECKING:
    from kiosk_ui.consultant.page import TabletPage

_LAST_STAFF_NO = "staff_no"


def draw(page: TabletPage) -> None:
    """Fill the page with the sign-in form; the staff number used last on this tablet is kept."""
    t = page.t
    typed = {"pin": ""}
    page.root.clear()
    with page.root, design.box("t-signin", tag="main"), design.card("t-signin-card", test="signin"):
        with design.box("t-signin-words"):
            with design.box("ac-mark"):
                design.icon("domain")
            design.text(t("consultant.signin.title"), "ac-h1", tag="h1")
            design.text(t("consultant.signin.about"), "ac-muted", tag="p")
            with design.box("ac-field"):
                design.text(t("consultant.signin.staff_no"), "ac-label", tag="label").props("for=staff-no")
                staff = text_input(
                    page.storage.get(_LAST_STAFF_NO, ""),
                    t("consultant.signin.staff_hint"),
                    test="staff-no",
                    name="staff-no",
                )
            error = design.text("", "ac-error", test="signin-error").props("role=alert")

        async def enter(pin: str | None = None) -> None:
            problem = await _sign_in(page, str(staff.value or "").strip(), typed["pin"] if pin is None else pin)
            if problem:
                error.set_text(problem)

        def change(pin: str) -> None:
            typed["pin"] = pin
            error.set_text("")

        with design.box("t-signin-pad"):
            design.text(t("consultant.signin.pin"), "ac-label")
            keypad(
                name="pin-pad",
                event="pin_digits",
                given="",
                format_="pin",
                most=8,
                key_test="pin",
                labels={
                    "typed": t("consultant.signin.pin"),
                    "placeholder": "",
                    "clear": t("consultant.signin.clear"),
                    "back": t("consultant.signin.erase"),
                },
                on_change=change,
                on_enter=enter,
            )
            design.button(
                t("consultant.signin.enter"),
                lambda: enter(),
                icon_name="login",
                classes="ac-btn-big t-wide",
                test="sign-in",
            )


def text_input(
    value: str, placeholder: str, *, test: str, name: str = "", label: str = "", long: bool = False
) -> ui.input | ui.textarea:
    """A text field in our looks; `.value` is what was typed."""
    made = ui.textarea(value=value, placeholder=placeholder) if long else ui.input(value=value, placeholder=placeholder)
    made.props("outlined hide-bottom-space").classes("t-input")
    if name:
        made.props(f"for={name}")
    if label:
        made._props["aria-label"] = label
    return design.mark(made, test)


async def _sign_in(page: TabletPage, staff_no: str, pin: str) -> str | None:
    """What went wrong, in the person's language; None when signed in."""
    t = page.t
    if not staff_no:
        return t("consultant.signin.missing_staff")
    if len(pin) < 4:
        return t("consultant.signin.missing_pin")
    try:
        session = await page.gateway.sign_in(SessionRequest(staff_no=staff_no, pin=pin))
    except (ValidationError, GatewayProblemError) as error:
        return page.problem(error) if isinstance(error, GatewayProblemError) else t("codes.problem.bad_credentials")
    except GatewayUnreachableError:
        return t("codes.problem.unreachable")
    page.storage[_LAST_STAFF_NO] = staff_no
    await page.enter(session)
    return None
