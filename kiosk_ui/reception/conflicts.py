"""Visits that several masked registrations claim: who, since when, what would decide. Silent while there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.verdicts_api import ClaimConflict
from kiosk_ui import design
from kiosk_ui.reception.pieces import section

if TYPE_CHECKING:
    from kiosk_ui.reception.page import ReceptionPage


def draw(page: ReceptionPage) -> None:
    t, found = page.t, page.shown.conflicts
    if not found:
        return
    section(t("reception.conflicts.title"), len(found), "balance")
    design.text(t("reception.conflicts.about"), "ac-muted")
    for conflict in found:
        _conflict(page, conflict)


def _conflict(page: ReceptionPage, conflict: ClaimConflict) -> None:
    t = page.t
    with design.card("r-greeting r-conflict", test="conflict"):
        with design.col("ac-grow").style("gap:4px"):
            number = "" if conflict.ticket_number is None else t("consultant.ticket", n=conflict.ticket_number)
            facts = (conflict.customer, number)
            design.text(" · ".join(fact for fact in facts if fact), "r-name", test="conflict-who")
            design.text(page.project.local(conflict.opened_at), "ac-small ac-muted ac-num")
            for claim in conflict.claims:
                names = " · ".join(name for name in (claim.channel_name, claim.agent_name) if name)
                words = t(
                    "reception.conflicts.claim",
                    who=names or t("desk.appeals.a_channel"),
                    at=page.project.local(claim.accepted_at),
                )
                design.text(words, "ac-small", test="conflict-claim")
            until = page.project.local(conflict.appeal_until)
            design.text(t("reception.conflicts.until", at=until), "ac-small ac-muted")
        design.button(
            t("reception.conflicts.open"),
            lambda: page.open_visit(conflict.visit_id),
            kind="outline",
            test="conflict-open",
        )
