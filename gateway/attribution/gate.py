"""What the visitor said at the gate (问岗三问) beside what is known, pure: told, and deciding nothing."""

from collections.abc import Iterable, Iterator
from typing import Any, Literal, get_args

from contracts.checkin_api import GateHint
from contracts.gateway_api import RuleNote
from gateway.attribution.case import Case
from gateway.attribution.evidence import Assigned, Called, Came, Contact, Stated
from gateway.attribution.marked import in_force, of_customers

GATE = "gate_answers"
"""The note that a verdict carries when the visitor answered."""
Question = Literal["first_visit", "family_visited", "contacted"]
GateReason = Literal[
    "gate_as_known",
    "gate_first_but_visited",
    "gate_visited_unknown",
    "gate_family_unknown",
    "gate_family_denied",
    "gate_contact_unknown",
    "gate_contact_denied",
]
_AGAINST: dict[Question, tuple[GateReason, GateReason]] = {
    "first_visit": ("gate_first_but_visited", "gate_visited_unknown"),
    "family_visited": ("gate_family_unknown", "gate_family_denied"),
    "contacted": ("gate_contact_unknown", "gate_contact_denied"),
}
"""By question: what a yes and what a no contradicts."""


def notes(case: Case) -> tuple[RuleNote, ...]:
    """One note for each answer that what is known contradicts, else one that none does. The newest answer counts."""
    said = {question: found for question in _AGAINST if (found := _newest(question, case.evidence.gate)) is not None}
    if not said:
        return ()
    against = tuple(_contradictions(case, said))
    if against:
        return against
    facts: dict[str, Any] = {question: getattr(stated, question) for question, stated in said.items()}
    return (_note("gate_as_known", facts | {"stated_at": max(s.at for s in said.values()).isoformat()}),)


def hints(rules: Iterable[RuleNote]) -> list[GateHint]:
    """What leads the desk to search: said, not known, and nobody owns the customer."""
    wanted = [note.reason for note in rules if note.rule == GATE and note.facts.get("search")]
    return [hint for hint in get_args(GateHint) if hint in wanted]


def _newest(question: Question, answers: Iterable[Stated]) -> Stated | None:
    given = [each for each in answers if getattr(each, question) is not None]
    return max(given, key=lambda each: (each.at, each.model_dump_json()), default=None)


def _contradictions(case: Case, said: dict[Question, Stated]) -> Iterator[RuleNote]:
    known = _known(case)
    for question, stated in said.items():
        answer: bool = getattr(stated, question)
        if answer == known[question]:
            continue
        reason = _AGAINST[question][0 if answer else 1]
        facts: dict[str, Any] = {question: answer, "stated_at": stated.at.isoformat()}
        if reason in get_args(GateHint) and not case.owned:
            facts["search"] = True
        yield _note(reason, facts)


def _known(case: Case) -> dict[Question, bool]:
    """The answers that evidence from before the arrival gives; who was here for another project was here."""
    arrived, me = case.evidence.arrived_at, case.evidence.customer_id
    signals = of_customers(case.evidence.signals, in_force(case.evidence.marked, case.evidence.signals))
    visits = [s for s in signals if isinstance(s, Came) and s.at <= arrived]
    others = [visit for visit in visits if visit.visit_id != case.evidence.visit_id]
    spoken = any(isinstance(signal, Called | Contact | Assigned) for signal in case.earlier)
    claimed = any(r.accepted_at <= arrived for r in case.registrations)
    referred = any(r.recorded_at <= arrived for r in case.referrals)
    brought = any(not scan.refused for scan in case.evidence.scans)
    return {
        "first_visit": not any(visit.customer_id == me for visit in others),
        "family_visited": any(visit.customer_id != me for visit in others),
        "contacted": spoken or claimed or referred or brought,
    }


def _note(reason: GateReason, facts: dict[str, Any]) -> RuleNote:
    return RuleNote(rule=GATE, outcome="not_applicable", reason=reason, facts=facts)
