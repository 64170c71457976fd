"""Number, code, and what is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.faces_api import ConsentView
from kiosk_ui import design
from kiosk_ui.design.keypad import keypad
from kiosk_ui.visitor import flow, frame

if TYPE_CHECKING:
    from kiosk_ui.visitor.my_face.page import MyFacePage

CODE_DIGITS = 6


def strip(page: MyFacePage) -> None:
    """On every step: the reception does the same, and a check-in needs no face."""
    t = page.t
    with design.box("k-strip"):
        design.icon("support_agent")
        with design.box("k-strip-words"):
            design.text(t("faces.mine.other"), "ac-strong")
        design.button(
            t("faces.mine.check_in"),
            page.leave,
            kind="outline",
            icon_name="dialpad",
            classes="k-strip-leave",
            test="my-face-home",
        )


def phone(page: MyFacePage) -> None:
    t = page.t
    with design.box("k-body k-mine-body", tag="main"):
        strip(page)
        frame.heading(t("faces.mine.title"), t("faces.mine.why"))
        _refusal(page)
        field = design.box("k-field")

        def show(code: str | None) -> None:
            field.classes(add="ac-invalid") if code else field.classes(remove="ac-invalid")
            below.set_text(t.code("visitor.error", code) if code else t("visitor.phone.hint"))
            below.classes(replace="k-below k-below-bad" if code else "k-below")

        def changed(digits: str) -> None:
            page.digits = digits
            show(flow.early_phone_code(digits))

        async def go_on(digits: str | None = None) -> None:
            show(await page.send_code(digits))

        with field:
            below = design.text(t("visitor.phone.hint"), "k-below", test="phone-error")
            keypad(
                name="mine-pad",
                event="mine_digits",
                given=page.digits,
                format_="phone",
                most=17,
                labels=_labels(page, t("visitor.phone.field"), t("visitor.phone.example")),
                on_change=changed,
                on_enter=go_on,
            )
    frame.foot(page, t("faces.mine.send"), lambda: go_on(), test="my-face-send")


def code(page: MyFacePage) -> None:
    t = page.t
    with design.box("k-body k-mine-body", tag="main"):
        strip(page)
        frame.heading(t("faces.mine.code_title"), t("faces.mine.code_why"))
        _refusal(page)

        async def changed(digits: str) -> None:
            if len(digits) == CODE_DIGITS:
                await page.prove(digits)

        with design.box("k-field k-field-code"):
            keypad(
                name="code-pad",
                event="code_digits",
                given="",
                format_="code",
                most=CODE_DIGITS,
                labels=_labels(page, t("faces.mine.code_field"), ""),
                on_change=changed,
                on_enter=changed,
            )
    with design.box("k-foot k-foot-pair", tag="footer"):
        design.button(
            t("common.back"), page.back, kind="outline", icon_name="arrow_back", classes="k-half", test="kiosk-back"
        )
        if page.digits:
            design.button(
                t("faces.mine.send_again"),
                page.send_code,
                kind="outline",
                icon_name="refresh",
                classes="k-half",
                test="my-face-again",
            )


def _labels(page: MyFacePage, typed: str, placeholder: str) -> dict[str, str]:
    t = page.t
    return {
        "typed": typed,
        "placeholder": placeholder,
        "clear": t("visitor.phone.clear"),
        "back": t("visitor.phone.erase"),
    }


def _refusal(page: MyFacePage) -> None:
    if page.error is None:
        return
    t = page.t
    words = t.code("faces.refused", page.error)
    with design.box("k-said", test="my-face-error").props("role=alert"):
        design.icon("info")
        design.text(t("faces.refused.other") if words == page.error else words)


def file(page: MyFacePage) -> None:
    """What is kept, in words; nothing of it is a picture."""
    t, found = page.t, page.seat.file
    if found is None:
        raise RuntimeError("the file page needs a file")
    with design.box("k-body k-mine-body", tag="main"):
        strip(page)
        title = "faces.mine.kept_title" if found.templates_kept else "faces.mine.none_title"
        why = "faces.mine.kept_why" if found.templates_kept else "faces.mine.none_why"
        frame.heading(t(title), t(why))
        with design.box("k-sections k-list").props("tabindex=0"):
            for consent in sorted(found.consents, key=lambda one: one.given_at, reverse=True):
                _consent(page, consent)
    with design.box("k-foot k-foot-pair", tag="footer"):
        design.button(
            t("faces.mine.leave"), page.leave, kind="outline", icon_name="home", classes="k-half", test="my-face-leave"
        )
        if _deletable(page):
            design.button(
                t("faces.mine.delete"),
                lambda: page.ask(True),
                icon_name="delete_sweep",
                classes="k-half",
                test="my-face-delete",
            )


def _deletable(page: MyFacePage) -> bool:
    found = page.seat.file
    return found is not None and (found.templates_kept or any(one.state != "ended" for one in found.consents))


def _consent(page: MyFacePage, consent: ConsentView) -> None:
    t, project = page.t, page.project
    with design.box(f"k-section k-kept k-kept-{consent.state}", test="my-face-consent"):
        design.icon("verified_user" if consent.state != "ended" else "history", "k-section-icon")
        with design.box("k-section-words"):
            design.text(t(f"faces.state.{consent.state}"), "k-section-title", tag="h2")
            design.text(t("faces.mine.given", at=project.local(consent.given_at)), "k-section-text")
            if consent.ended_at is not None:
                cause = t.code("faces.cause", consent.end_cause or "")
                design.text(t("faces.mine.ended", at=project.local(consent.ended_at), cause=cause), "k-section-text")
            else:
                design.text(t("faces.mine.until", at=project.local_date(consent.until)), "k-section-text")
            more = t("faces.mine.by_guardian") if consent.by_guardian else ""
            design.text(t("faces.mine.version", version=consent.text_version) + more, "k-section-text")
        withdrawal_id = consent.withdrawal_id
        if withdrawal_id is not None:
            design.button(
                t("faces.mine.proof"),
                lambda: page.show_withdrawal(withdrawal_id),
                kind="outline",
                classes="k-strip-leave",
                test="my-face-proof",
            )


def confirm(page: MyFacePage) -> None:
    t = page.t
    with design.box("k-overlay", test="my-face-confirm") as overlay, design.box("k-sheet"):
        overlay.props("role=alertdialog aria-modal=true")
        design.icon("delete_sweep", "k-sheet-icon")
        design.text(t("faces.mine.confirm_title"), "k-title", tag="h2")
        design.text(t("faces.mine.confirm_text"), "k-why", tag="p")
        with design.box("k-choices"):
            design.button(
                t("faces.mine.keep"), lambda: page.ask(False), kind="outline", classes="k-choice", test="confirm-no"
            )
            design.button(t("faces.mine.confirm_yes"), page.delete, classes="k-choice", test="confirm-yes")
