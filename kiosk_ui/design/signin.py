"""The sign-in form of tablet and console: a staff number and a PIN on a pad. The PIN is held only while it is typed."""

from collections.abc import Awaitable, Callable

from nicegui import ui
from pydantic import ValidationError

from contracts.rest import SessionRequest
from kiosk_ui.design.keypad import keypad
from kiosk_ui.design.widgets import box, button, card, icon, mark, note, text
from kiosk_ui.texts import Texts

SignIn = Callable[[SessionRequest], Awaitable[str | None]]
"""Answers what went wrong, in the person's language; None when signed in."""


def sign_in_form(t: Texts, feature: str, *, staff_no: str, sign_in: SignIn, said: str = "") -> None:
    """Draw the form. `<feature>.signin.*` are its title and words; `said` is why one has to sign in again."""
    typed = {"pin": ""}
    with box("ac-signin", tag="main"), card("ac-signin-card", test="signin"):
        with box("ac-signin-words"):
            with box("ac-mark"):
                icon("domain")
            text(t(f"{feature}.signin.title"), "ac-h1", tag="h1")
            text(t(f"{feature}.signin.about"), "ac-muted", tag="p")
            if said:
                note(said, "warn", icon_name="schedule", test="signin-said")
            with box("ac-field"):
                text(t("signin.staff_no"), "ac-label", tag="label").props("for=staff-no")
                staff = text_input(staff_no, t(f"{feature}.signin.staff_hint"), test="staff-no", name="staff-no")
            error = text("", "ac-error", test="signin-error").props("role=alert")

        async def enter(pin: str | None = None) -> None:
            given = typed["pin"] if pin is None else pin
            problem = await _attempt(t, str(staff.value or "").strip(), given, sign_in)
            if problem:
                error.set_text(problem)

        def change(pin: str) -> None:
            typed["pin"] = pin
            error.set_text("")

        with box("ac-signin-pad"):
            text(t("signin.pin"), "ac-label")
            keypad(
                name="pin-pad",
                event="pin_digits",
                given="",
                format_="pin",
                most=8,
                key_test="pin",
                labels={
                    "typed": t("signin.pin"),
                    "placeholder": "",
                    "clear": t("signin.clear"),
                    "back": t("signin.erase"),
                },
                on_change=change,
                on_enter=enter,
            )
            button(t("signin.enter"), lambda: enter(), icon_name="login", classes="ac-btn-big", test="sign-in")


def text_input(
    value: str, placeholder: str, *, test: str, name: str = "", label: str = "", long: bool = False
) -> ui.input | ui.textarea:
    """A text field in our looks; `.value` is what was typed."""
    made = ui.textarea(value=value, placeholder=placeholder) if long else ui.input(value=value, placeholder=placeholder)
    made.props("outlined hide-bottom-space").classes("ac-q-input")
    if name:
        made.props(f"for={name}")
    if label:
        made._props["aria-label"] = label
    return mark(made, test)


async def _attempt(t: Texts, staff_no: str, pin: str, sign_in: SignIn) -> str | None:
    if not staff_no:
        return t("signin.missing_staff")
    if len(pin) < 4:
        return t("signin.missing_pin")
    try:
        request = SessionRequest(staff_no=staff_no, pin=pin)
    except ValidationError:
        return t("codes.problem.bad_credentials")
    return await sign_in(request)
