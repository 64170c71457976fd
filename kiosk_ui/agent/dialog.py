"""Filing an appeal: what is wrong, in the agent's words. One key a dialog: sent twice it is one appeal."""

from collections.abc import Awaitable, Callable

from contracts.channels_api import AppealPost
from contracts.ids import uuid7
from kiosk_ui import design
from kiosk_ui.clients.central import CentralClient, CentralProblemError, CentralUnreachableError
from kiosk_ui.consultant.dialogs import open_dialog
from kiosk_ui.design.signin import text_input
from kiosk_ui.texts import Texts

WORDS = 500


def ask(
    central: CentralClient, t: Texts, registration_id: str, verdict_id: str, filed: Callable[[], Awaitable[None]]
) -> None:
    """On failure what was typed stays and the same key is used again."""
    key = uuid7()
    with open_dialog(t("agent.appeal.file"), test="agent-appeal-dialog") as dialog:
        design.text(t("agent.appeal.about"), "ac-muted", tag="p")
        words = text_input("", t("agent.appeal.hint"), test="appeal-text", label=t("agent.appeal.file"), long=True)
        words.props(f"maxlength={WORDS} counter")
        error = design.text("", "ac-error", test="appeal-error").props("role=alert")

        async def send() -> None:
            text = str(words.value or "").strip()
            if not text:
                error.set_text(t("verdicts.appeal.missing"))
                return
            design.enable(button, False)
            made = AppealPost(registration_id=registration_id, verdict_id=verdict_id, text=text[:WORDS])
            problem = await _send(central, key, made)
            if problem:
                error.set_text(_said(t, problem))
                design.enable(button, True)
                return
            dialog.close()
            await filed()

        button = design.button(
            t("agent.appeal.file"), send, icon_name="gavel", classes="ac-btn-big", test="appeal-send"
        )


async def _send(central: CentralClient, key: str, made: AppealPost) -> str:
    """Why it was not taken; empty when it was."""
    try:
        await central.file_appeal(key, made)
    except CentralUnreachableError:
        return "unreachable"
    except CentralProblemError as problem:
        return problem.problem.code
    return ""


def _said(t: Texts, code: str) -> str:
    found = t.code("codes.problem", code)
    return t("codes.problem.unexpected") if found == code else found
