"""What a verdict read, on one line of time: the one side's evidence above it, the other's below, gaps told."""

from datetime import datetime, timedelta

from contracts.verdicts_api import SeenEvidence
from kiosk_ui import design
from kiosk_ui.config import ProjectSection
from kiosk_ui.texts import Texts

_ICONS = {
    "arrival": "directions_walk",
    "visit": "home",
    "received": "handshake",
    "called": "call",
    "contact": "forum",
    "owner_claim": "front_hand",
    "departed": "logout",
    "ruling": "gavel",
    "registration": "assignment_ind",
    "referral": "diversity_3",
    "scan": "qr_code_scanner",
    "earlier_source": "history",
    "face": "face",
    "gate_answers": "quiz",
}
_OF_NOBODY = frozenset({"arrival", "visit", "ruling", "face", "departed", "gate_answers"})
_GAP = timedelta(hours=1)
"""Less than this apart, two facts stand side by side without a word on the time between."""


def draw(t: Texts, project: ProjectSection, evidence: list[SeenEvidence]) -> None:
    """As the one side reads it: its own stands above the line, somebody else's below, what is of no side on it."""
    with design.box("d-time-scroll"), design.box("d-time", tag="ol", test="timeline"):
        before: datetime | None = None
        for fact in evidence:
            if before is not None and fact.at - before >= _GAP:
                design.text(gap(t, fact.at - before), "d-gap ac-tiny ac-muted", tag="li")
            before = fact.at
            _fact(t, project, fact)


def place(fact: SeenEvidence) -> str:
    if fact.kind in _OF_NOBODY:
        return "on"
    return "above" if fact.own else "below"


def gap(t: Texts, span: timedelta) -> str:
    if span >= timedelta(days=1):
        return t("desk.time.days", n=span.days)
    return t("desk.time.hours", n=int(span.total_seconds() // 3600))


def _fact(t: Texts, project: ProjectSection, fact: SeenEvidence) -> None:
    where = place(fact)
    with design.box(f"d-fact d-fact-{where}", tag="li", test="fact").props(f"data-place={where}"):
        with design.box("d-fact-card"):
            design.icon(_ICONS.get(fact.kind, "event"))
            design.text(t.code("verdicts.fact", fact.kind), "ac-strong ac-small")
        design.box("d-dot")
        design.text(project.local(fact.at), "d-when ac-tiny ac-muted ac-num")
