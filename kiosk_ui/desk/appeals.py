"""Appeals (申诉): what was judged by which rule, both sides' evidence on one line of time, and the decision."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from nicegui import background_tasks
from nicegui.element import Element

from contracts.appeals_api import AppealDecision, AppealView, RulingRequest
from contracts.gateway_api import VerdictView
from contracts.values import utc_now
from contracts.verdicts_api import SeenVerdict
from kiosk_ui import design
from kiosk_ui.clients.gateway import GatewayProblemError, GatewayUnreachableError
from kiosk_ui.consultant import wording
from kiosk_ui.consultant.dialogs import open_dialog, segment
from kiosk_ui.desk import evidence, ruling, timeline
from kiosk_ui.desk.pieces import empty, heading
from kiosk_ui.desk.shown import Shown
from kiosk_ui.texts import Texts

if TYPE_CHECKING:
    from kiosk_ui.desk.page import DeskPage

_TONES: dict[str, design.Tone] = {"open": "warn", "upheld": "ok", "rejected": "bad", "evidence_accepted": "ok"}
Ruling = Callable[[], RulingRequest | None]
"""What is chosen now; None while nothing is."""
_log = logging.getLogger(__name__)


async def read(page: DeskPage) -> None:
    page.shown.appeals = await page.gateway.appeals(page.token)


def waiting(shown: Shown) -> int:
    return sum(appeal.state == "open" for appeal in shown.appeals)


def shows(shown: Shown) -> object:
    return shown.appeals


def draw(page: DeskPage) -> None:
    heading(page, "appeals")
    order = sorted(page.shown.appeals, key=lambda a: a.state != "open")
    if not waiting(page.shown):
        empty(page.t("desk.appeals.none"), "balance", test="appeals-none")
    for appeal in order:
        _appeal(page, appeal)


def _appeal(page: DeskPage, appeal: AppealView) -> None:
    t = page.t
    with design.card("d-card", test="appeal").props(f"data-state={appeal.state}"):
        with design.row("ac-between ac-wrap"):
            with design.row("ac-wrap"):
                design.chip(t(f"verdicts.appeal.{appeal.state}"), _TONES[appeal.state])
                design.text(_party(t, appeal), "ac-strong d-name")
            when = wording.ago(t, appeal.filed_at, utc_now())
            key = "desk.appeals.filed_by" if appeal.party_kind == "channel" else "desk.appeals.filed"
            design.text(t(key, when=when, name=appeal.filed_by), "ac-small ac-muted")
        design.text(appeal.text or t("verdicts.appeal.erased"), "d-quote", tag="blockquote")
        if appeal.reason:
            design.text(t("desk.merges.decided", name=appeal.decided_by, reason=appeal.reason), "ac-muted")
        picture = design.col()
    background_tasks.create(_fill(page, appeal, picture), name="appeal evidence")


def _party(t: Texts, appeal: AppealView) -> str:
    return appeal.party_name or t("desk.appeals.a_channel")


async def _fill(page: DeskPage, appeal: AppealView, picture: Element) -> None:
    """The verdict that was appealed against, and what it read as the appealing side reads it."""
    try:
        told = await page.gateway.explanation(page.token, appeal.visit_id)
        side = await page.gateway.verdict_as(
            page.token, appeal.visit_id, appeal.party_kind, appeal.party_id, appeal.agent_id
        )
    except (GatewayProblemError, GatewayUnreachableError) as error:
        _log.info("appeal: %s", error)
        return
    verdict = next((v for v in told.verdicts if v.verdict_id == appeal.verdict_id), None)
    if picture.is_deleted or verdict is None:
        return
    with picture:
        _verdict(page, appeal, verdict, side)
        if appeal.state == "open":
            _answers(page, appeal, verdict, side)


def _answers(page: DeskPage, appeal: AppealView, verdict: VerdictView, side: SeenVerdict) -> None:
    t = page.t
    others: list[tuple[str, Callable[[], None], str]] = []
    if evidence.can_accept(appeal):
        others.append(("ruling.accept", lambda: evidence.accept(page, appeal), "appeal-accept"))
    others.append(("desk.appeals.reject", lambda: _reject(page, appeal), "appeal-reject"))
    if appeal.party_kind == "consultant":
        others.append(("ruling.hidden", lambda: evidence.hidden(page, appeal, verdict), "visit-hidden"))
    with design.row("ac-wrap"):
        design.button(t("desk.appeals.uphold"), lambda: _uphold(page, appeal, verdict, side), test="appeal-uphold")
        for words, answer, test in others:
            design.button(t(words), answer, kind="outline", test=test)


def _verdict(page: DeskPage, appeal: AppealView, verdict: VerdictView, side: SeenVerdict) -> None:
    t = page.t
    with design.box("ac-panel", test="appeal-verdict"):
        design.text(_result(t, verdict), "ac-strong")
        design.text(t("verdicts.rule", rule=t.code("codes.rule", verdict.rule)))
        for note in verdict.rules:
            if note.outcome == "lost":
                reason = t.code("codes.reason", note.reason)
                words = t("consultant.rule_reason", rule=t.code("codes.rule", note.rule), reason=reason)
                design.text(t("desk.appeals.lost", words=words), "ac-small ac-muted")
        made = t("verdicts.made", at=page.project.local(verdict.made_at), n=verdict.policy_version)
        design.text(made, "ac-small ac-muted")
    with design.row("ac-wrap").style("gap:4px 20px"):
        design.text(t("desk.appeals.above", name=_party(t, appeal)), "ac-small d-key-above")
        design.text(t("desk.appeals.below"), "ac-small d-key-below")
        design.text(t("desk.appeals.on"), "ac-small ac-muted")
    timeline.draw(t, page.project, side.evidence)


def _result(t: Texts, verdict: VerdictView) -> str:
    owner = t("desk.parties.owner", name=verdict.owner_name) if verdict.owner_name else t("verdicts.owner.nobody")
    return f"{t(f'verdicts.source.{verdict.source}')} · {owner}"


def _uphold(page: DeskPage, appeal: AppealView, verdict: VerdictView, side: SeenVerdict) -> None:
    """What the verdict shall say instead, and what follows from it, before it is decided."""
    t = page.t
    with page.root, open_dialog(t("desk.appeals.uphold"), test="uphold-dialog") as dialog:
        of_channel = appeal.party_kind == "channel"
        chosen = _channels(page, appeal, verdict, side) if of_channel else _owners(page, appeal, verdict)
        ruling.answer(
            page,
            dialog,
            appeal,
            lambda reason: AppealDecision(outcome="upheld", reason=reason, ruling=chosen()),
            label="desk.appeals.uphold",
            said="desk.appeals.upheld",
            ready=lambda: t("desk.appeals.then_nobody") if chosen() is None else "",
        )


def _channels(page: DeskPage, appeal: AppealView, verdict: VerdictView, side: SeenVerdict) -> Ruling:
    """What is paid is the oldest registration of theirs that the verdict read and they did not withdraw."""
    before = _result(page.t, verdict)
    design.note(page.t("desk.appeals.then_channel", before=before), icon_name="info", test="appeal-then")
    own = [fact.facts for fact in side.evidence if fact.own and fact.kind == "registration"]
    ruled = RulingRequest(
        source="channel",
        channel_id=appeal.party_id,
        agent_id=appeal.agent_id,
        claim_id=next((facts["registration_id"] for facts in own if not facts.get("withdrawn_at")), None),
    )
    return lambda: ruled


def _owners(page: DeskPage, appeal: AppealView, verdict: VerdictView) -> Ruling:
    """Anybody of the office but who has it now; who appeals is chosen to begin with."""
    t, floor = page.t, page.shown.floor
    names = {e.consultant_id: e.name for e in (floor.rota if floor else []) if e.consultant_id != verdict.owner_id}
    chosen = {"owner": appeal.party_id if appeal.party_id in names else ""}

    def words() -> str:
        name, before = names.get(chosen["owner"], ""), _result(t, verdict)
        return t("desk.appeals.then_owner", name=name, before=before) if name else t("desk.appeals.then_nobody")

    design.text(t("desk.appeals.owner_is"), "ac-label")
    segment(list(names.items()), chosen, "owner", test="ruling", on_change=lambda: then.set_text(words()))
    then = design.text(words(), "d-then", test="appeal-then").props("role=status")
    return lambda: RulingRequest(owner_id=chosen["owner"]) if chosen["owner"] else None


def _reject(page: DeskPage, appeal: AppealView) -> None:
    t = page.t
    with page.root, open_dialog(t("desk.appeals.reject"), test="reject-dialog") as dialog:
        design.note(t("desk.appeals.then_reject"), icon_name="info", test="appeal-then")
        ruling.answer(
            page,
            dialog,
            appeal,
            lambda reason: AppealDecision(outcome="rejected", reason=reason),
            label="desk.appeals.reject",
            said="desk.appeals.rejected",
        )
