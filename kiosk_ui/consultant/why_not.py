"""«Why not me?»: today's visits to pick from, and of one of them what the rota saw, in words and as the order stood."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui.element import Element

from contracts.gateway_api import TurnCandidate, TurnVisit, WhyNot, WhyNotAnswer
from kiosk_ui import design
from kiosk_ui.consultant.dialogs import open_dialog
from kiosk_ui.texts import Texts

if TYPE_CHECKING:
    from kiosk_ui.consultant.page import TabletPage

_ICONS = {"chosen": "check_circle", "later": "schedule", "skipped": "block", "not_in_order": "block"}
_TONES: dict[str, design.Tone] = {"chosen": "ok", "later": "brand", "skipped": "warn", "not_in_order": ""}


async def ask(page: TabletPage) -> None:
    """The list of today; a touch on a visit asks the gateway and answers in the same place."""
    found: list[TurnVisit] = []

    async def read() -> None:
        found.extend(await page.gateway.visits_of_today(page.token))

    if not await page.act(read):
        return
    with page.root, open_dialog(page.t("why.title"), test="why-dialog"):
        body = design.box("t-part")
        _list(page, body, found)


def _list(page: TabletPage, body: Element, found: list[TurnVisit]) -> None:
    t = page.t
    body.clear()
    with body:
        design.text(t("why.pick" if found else "why.none_today"), "ac-muted")
        with design.box("t-picks"):
            for visit in found:
                pick = design.button(
                    "", lambda visit=visit: _one(page, body, found, visit), kind="outline", test="why-visit"
                )
                with pick.classes("t-pick"):
                    design.text(page.project.clock_time(visit.opened_at), "ac-strong ac-num")
                    design.text(_what(t, visit), "ac-grow t-pick-what")
                    design.text(_who(t, page.name, visit), "ac-muted ac-ellipsis")


def _what(t: Texts, visit: TurnVisit) -> str:
    number = t("consultant.ticket", n=visit.ticket_number) if visit.ticket_number is not None else ""
    return " · ".join(word for word in (number, t(f"consultant.kind.{visit.kind}")) if word)


def _who(t: Texts, me: str, visit: TurnVisit) -> str:
    if not visit.consultant_name:
        return t("why.nobody_yet")
    return t("why.mine") if visit.consultant_name == me else t("why.received_by", name=visit.consultant_name)


async def _one(page: TabletPage, body: Element, found: list[TurnVisit], visit: TurnVisit) -> None:
    answers: list[WhyNot] = []

    async def read() -> None:
        answers.append(await page.gateway.why_not(page.token, visit.visit_id, page.me.person_id if page.me else ""))

    if not await page.act(read) or body.is_deleted:
        return
    t = page.t
    body.clear()
    with body:
        with design.row("ac-wrap"):
            design.button(
                t("why.other"), lambda: _list(page, body, found), kind="ghost", icon_name="arrow_back", test="why-back"
            )
            design.text(f"{page.project.clock_time(visit.opened_at)} · {_what(t, visit)}", "ac-strong")
        if not answers[0].answers:
            design.note(t("why.no_decision"), icon_name="info", test="why-answer")
        for answer in answers[0].answers:
            _answer(page, answer)


def _answer(page: TabletPage, answer: WhyNotAnswer) -> None:
    t = page.t
    with design.card("t-answer", test="why-answer"):
        with design.row("ac-wrap"):
            design.text(page.project.clock_time(answer.decided_at), "ac-strong ac-num")
            design.text(t.code("why.rule", answer.rule.removeprefix("rota.")), "ac-strong")
            design.text(t("why.policy", n=answer.policy_version), "ac-small ac-muted")
        with design.box(f"ac-note ac-note-{_TONES[answer.outcome] or 'plain'}"):
            design.icon(_ICONS[answer.outcome])
            with design.col("ac-grow").style("gap:2px"):
                for words in sentences(t, answer):
                    design.text(words, test="why-words")
        if answer.stood:
            design.text(t("why.order"), "ac-small ac-muted")
            with design.box("t-order", tag="ol", test="why-order"):
                for candidate in answer.stood:
                    _stood(page, candidate)


def sentences(t: Texts, answer: WhyNotAnswer) -> list[str]:
    """Where I stood, why it was not me, and what became of my turn."""
    place = t("why.place", n=answer.place) if answer.place is not None else t("why.no_place")
    reason = t.code("codes.reason", answer.reason)
    said = [t("why.chosen") if answer.outcome == "chosen" else place, t("why.because", reason=reason)]
    turn = answer.facts.get("turn")
    return [*said, t.code("why.turn", str(turn))] if turn else said


def _stood(page: TabletPage, candidate: TurnCandidate) -> None:
    t, mine = page.t, page.me is not None and candidate.consultant_id == page.me.person_id
    classes = f"t-stood t-stood-{candidate.outcome} {'t-rota-me' if mine else ''}"
    with design.box(classes, tag="li"):
        design.text(str(candidate.place) if candidate.place else "–", "t-rota-place ac-num")
        name = f"{candidate.name} · {t('consultant.rota.me')}" if mine else candidate.name
        design.text(name, "ac-strong ac-grow ac-ellipsis")
        if candidate.outcome == "chosen":
            design.chip(t("why.got_it"), "ok")
        else:
            design.text(t.code("codes.reason", candidate.reason), "ac-small ac-muted")
