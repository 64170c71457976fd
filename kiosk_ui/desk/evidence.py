"""Two more answers to an appeal: evidence that had not been noted, by which the rules judge; and a hidden visit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, get_args
from zoneinfo import ZoneInfo

from contracts.appeals_api import (
    AcceptedEvidence,
    AppealDecision,
    AppealOutcome,
    AppealView,
    BroughtBy,
    CameByCall,
    FollowedUp,
    RulingRequest,
)
from contracts.gateway_api import VerdictView
from contracts.values import utc_now
from kiosk_ui import design
from kiosk_ui.consultant.dialogs import open_dialog, segment
from kiosk_ui.design.signin import text_input
from kiosk_ui.desk import ruling

if TYPE_CHECKING:
    from kiosk_ui.desk.page import DeskPage

Evidence = Callable[[], AcceptedEvidence | None]
"""What is entered now; None while something is missing."""
_CHANNELS: tuple[str, ...] = get_args(FollowedUp.model_fields["channel"].annotation)


def can_accept(appeal: AppealView) -> bool:
    """Of a channel only that one agent brought the party: without the agent there is nothing to accept."""
    return appeal.party_kind == "consultant" or appeal.agent_id is not None


def accept(page: DeskPage, appeal: AppealView) -> None:
    """What was not noted when it happened; the visit is judged by the rules as if it had been."""
    t = page.t
    with page.root, open_dialog(t("ruling.accept"), test="accept-dialog") as dialog:
        design.note(t("ruling.then_accept"), icon_name="info", test="appeal-then")
        entered = _brought(page, appeal) if appeal.party_kind == "channel" else _spoken(page, appeal)
        ruling.answer(
            page,
            dialog,
            appeal,
            lambda reason: AppealDecision(outcome="evidence_accepted", reason=reason, evidence=entered()),
            label="ruling.accept",
            said="ruling.accepted",
            ready=lambda: "" if entered() is not None else t("ruling.when_needed"),
        )


def _brought(page: DeskPage, appeal: AppealView) -> Evidence:
    name = appeal.filed_by or appeal.party_name
    design.text(page.t("ruling.brought_by", name=name), "ac-strong", test="evidence-brought")
    return lambda: BroughtBy(channel_id=appeal.party_id, agent_id=appeal.agent_id or "")


def _spoken(page: DeskPage, appeal: AppealView) -> Evidence:
    """A call or a follow-up of the consultant who appeals."""
    t, zone = page.t, ZoneInfo(page.project.time_zone)
    chosen = {"kind": "called"}
    kinds = [("called", t("verdicts.fact.called"))]
    kinds += [(channel, t(f"consultant.follow.{channel}")) for channel in _CHANNELS]
    design.text(t("ruling.what", name=appeal.party_name), "ac-label")
    segment(kinds, chosen, "kind", test="evidence")
    design.text(t("ruling.when", zone=page.project.time_zone), "ac-label")
    at = text_input("", "", test="evidence-at", label=t("ruling.when", zone=page.project.time_zone))
    at.props("type=datetime-local")

    def entered() -> AcceptedEvidence | None:
        moment = moment_of(str(at.value or ""), zone, utc_now())
        if moment is None:
            return None
        if chosen["kind"] == "called":
            return CameByCall(consultant_id=appeal.party_id, at=moment)
        return FollowedUp.model_validate({"consultant_id": appeal.party_id, "channel": chosen["kind"], "at": moment})

    return entered


def moment_of(typed: str, zone: ZoneInfo, now: datetime) -> datetime | None:
    """A local date and time as UTC; None for what is no time, or has not come yet."""
    try:
        moment = datetime.fromisoformat(typed).replace(tzinfo=zone).astimezone(UTC)
    except ValueError:
        return None
    return moment if moment <= now else None


def hidden(page: DeskPage, appeal: AppealView, verdict: VerdictView) -> None:
    """Whether whoever assisted kept the visit from the owner: then a deal of that day is all the owner's.

    That answers the appeal: for the owners' side, or for whoever assisted.
    """
    owners = {verdict.owner_id, *(share.consultant_id for share in verdict.shares)}
    t = page.t
    with page.root, open_dialog(t("ruling.hidden"), test="hidden-dialog") as dialog:
        chosen = {"hidden": "yes"}
        answers = [("yes", t("ruling.was_hidden")), ("no", t("ruling.not_hidden"))]
        segment(answers, chosen, "hidden", test="hidden", on_change=lambda: then.set_text(_then(page, chosen)))
        then = design.text(_then(page, chosen), "d-then", test="hidden-then").props("role=status")

        def made(reason: str) -> AppealDecision:
            was = chosen["hidden"] == "yes"
            outcome: AppealOutcome = "upheld" if was == (appeal.party_id in owners) else "rejected"
            return AppealDecision(outcome=outcome, reason=reason, ruling=RulingRequest(hidden=was))

        ruling.answer(page, dialog, appeal, made, label="ruling.rule_hidden", said="ruling.ruled_hidden")


def _then(page: DeskPage, chosen: dict[str, str]) -> str:
    return page.t("ruling.then_hidden" if chosen["hidden"] == "yes" else "ruling.then_not_hidden")
