"""My verdicts: result, rule, what lost, my evidence; of others' that it exists, and when. And appealing, for 7 days."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui.element import Element

from contracts.appeals_api import AppealRequest, AppealView
from contracts.ids import uuid7
from contracts.verdicts_api import OwnVerdict, SeenEvidence, SeenRule
from kiosk_ui import design
from kiosk_ui.consultant.dialogs import open_dialog
from kiosk_ui.design.signin import text_input
from kiosk_ui.texts import Texts

if TYPE_CHECKING:
    from kiosk_ui.consultant.page import TabletPage

_TONES: dict[str, design.Tone] = {"open": "warn", "upheld": "ok", "rejected": "bad", "evidence_accepted": "ok"}
_TEXT_LENGTH = 1000


async def ask(page: TabletPage) -> None:
    with page.root, open_dialog(page.t("verdicts.title"), test="verdicts-dialog"):
        body = design.box("t-part")
    await _list(page, body)


async def _list(page: TabletPage, body: Element) -> None:
    found: list[OwnVerdict] = []
    appeals: list[AppealView] = []

    async def read() -> None:
        found.extend(await page.gateway.own_verdicts(page.token))
        appeals.extend(await page.gateway.appeals(page.token))

    if not await page.act(read) or body.is_deleted:
        return
    t = page.t
    body.clear()
    with body:
        design.text(t("verdicts.about"), "ac-muted")
        if not found:
            design.note(t("verdicts.none"), icon_name="task_alt", test="verdicts-none")
        with design.box("t-picks"):
            for verdict in found:
                appeal = _latest(appeals, verdict)
                pick = design.button("", lambda v=verdict, a=appeal: _one(page, body, v, a), kind="outline")
                with design.mark(pick.classes("t-pick t-verdict"), "verdict"):
                    with design.col("ac-grow").style("gap:2px"):
                        design.text(_who(page, verdict), "ac-strong")
                        design.text(result(t, verdict), "ac-small ac-muted")
                    if appeal is not None:
                        design.chip(t(f"verdicts.appeal.{appeal.state}"), _TONES[appeal.state])


def _latest(appeals: list[AppealView], verdict: OwnVerdict) -> AppealView | None:
    """Of this visit: an appeal that was decided made this newer verdict."""
    return next((a for a in appeals if a.visit_id == verdict.visit_id), None)


def _who(page: TabletPage, verdict: OwnVerdict) -> str:
    number = page.t("consultant.ticket", n=verdict.ticket_number) if verdict.ticket_number is not None else ""
    facts = (page.project.local(verdict.opened_at), number, verdict.customer)
    return " · ".join(word for word in facts if word)


def result(t: Texts, verdict: OwnVerdict) -> str:
    return f"{t(f'verdicts.source.{verdict.source}')} · {t(f'verdicts.owner.{verdict.owner}')}"


def _one(page: TabletPage, body: Element, verdict: OwnVerdict, appeal: AppealView | None) -> None:
    t = page.t
    body.clear()
    with body:
        with design.row("ac-wrap"):
            design.button(t("verdicts.back"), lambda: _list(page, body), kind="ghost", icon_name="arrow_back")
            design.text(_who(page, verdict), "ac-strong")
        with design.card("t-answer", test="verdict-result"):
            design.text(result(t, verdict), "ac-h2", tag="h3", test="verdict-words")
            design.text(t("verdicts.rule", rule=t.code("codes.rule", verdict.rule)), "ac-strong")
            made = t("verdicts.made", at=page.project.local(verdict.made_at), n=verdict.policy_version)
            design.text(made, "ac-small ac-muted")
            for note in verdict.rules:
                if note.outcome != "not_applicable":
                    _rule(t, note)
        design.text(t("verdicts.evidence"), "ac-h3", tag="h3")
        with design.box("t-dated", tag="ol", test="verdict-evidence"):
            for fact in verdict.evidence:
                _fact(page, fact)
        _appeal(page, body, verdict, appeal)


def _rule(t: Texts, note: SeenRule) -> None:
    with design.row().style("gap:8px"):
        won = note.outcome == "won"
        design.icon("check" if won else "close", "ac-ok" if won else "ac-muted")
        reason = t.code("codes.reason", note.reason)
        design.text(t("consultant.rule_reason", rule=t.code("codes.rule", note.rule), reason=reason), "ac-small")


def _fact(page: TabletPage, fact: SeenEvidence) -> None:
    t = page.t
    with design.box(f"t-stood {'t-rota-me' if fact.own else ''}", tag="li", test="evidence").props(
        f"data-own={'yes' if fact.own else 'no'}"
    ):
        design.text(page.project.local(fact.at), "ac-num ac-small")
        kind = t.code("verdicts.fact", fact.kind)
        words = kind if fact.own else t("verdicts.exists", kind=kind)
        design.text(words, "ac-grow ac-strong" if fact.own else "ac-grow ac-muted")


def _appeal(page: TabletPage, body: Element, verdict: OwnVerdict, appeal: AppealView | None) -> None:
    t = page.t
    if appeal is not None:
        with design.box(f"ac-note ac-note-{_TONES[appeal.state]}", test="appeal-state").props("role=status"):
            design.icon("gavel")
            with design.col("ac-grow").style("gap:2px"):
                design.text(t(f"verdicts.appeal.{appeal.state}_words"), "ac-strong")
                mine = appeal.text or t("verdicts.appeal.erased")
                design.text(t("verdicts.appeal.mine", text=mine), "ac-small")
                if appeal.reason:
                    design.text(t("verdicts.appeal.reason", name=appeal.decided_by, reason=appeal.reason), "ac-small")
    if appeal is not None and (appeal.state == "open" or appeal.verdict_id == verdict.verdict_id):
        return
    until = t("verdicts.appeal.until", at=page.project.local(verdict.appeal_until))
    words = text_input("", t("verdicts.appeal.hint"), test="appeal-text", label=t("verdicts.appeal.file"), long=True)
    error = design.text("", "ac-error", test="appeal-error").props("role=alert")
    key = uuid7()

    async def send() -> None:
        request = AppealRequest(verdict_id=verdict.verdict_id, text=str(words.value).strip()[:_TEXT_LENGTH])
        await page.gateway.file_appeal(page.token, key, request)

    async def go() -> None:
        if not str(words.value or "").strip():
            error.set_text(t("verdicts.appeal.missing"))
            return
        design.enable(button, False)
        if await page.act(send, t("verdicts.appeal.filed")):
            await _list(page, body)
        elif not button.is_deleted:
            design.enable(button, True)

    design.text(until, "ac-small ac-muted")
    button = design.button(t("verdicts.appeal.file"), go, icon_name="gavel", classes="ac-btn-big", test="appeal-file")
