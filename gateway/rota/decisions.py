"""Every decision of the rota as it was made: kept with its inputs, read back for explanations and for the ladder."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from contracts.gateway_api import TurnCandidate, TurnDecision, WhyNot, WhyNotAnswer
from contracts.ids import uuid7
from gateway.asking import ask, given, put
from gateway.offers.tables import OfferRow
from gateway.rota.domain import LADDER
from gateway.rota.model import Ask, Decision, Inputs, Step
from gateway.rota.tables import TurnDecisionRow
from gateway.visits.tables import VisitRow
from gateway.writer import UnitOfWork

LOST_ABSENT = "rota.lost_absent"
"""The rule of a turn that was never on a tablet: it came while the consultant was away without leave to be."""

_WAS_DECIDED = select(TurnDecisionRow.decision_id).where(TurnDecisionRow.visit_id == given("visit")).limit(1)
_ASKS = (
    select(OfferRow.consultant_id, OfferRow.offered_at, OfferRow.to_all, OfferRow.state)
    .where(
        OfferRow.visit_id == given("visit"),
        OfferRow.state != "withdrawn",
        OfferRow.rule != LOST_ABSENT,
        OfferRow.offered_at >= given("since"),
    )
    .order_by(col(OfferRow.offer_id))
)
_STEPS = (
    select(TurnDecisionRow.rule, TurnDecisionRow.decided_at)
    .where(
        TurnDecisionRow.visit_id == given("visit"),
        col(TurnDecisionRow.rule).in_(LADDER),
        TurnDecisionRow.decided_at >= given("since"),
    )
    .order_by(col(TurnDecisionRow.decision_id))
)
_ESCALATED = (
    select(TurnDecisionRow.visit_id, TurnDecisionRow.rule, TurnDecisionRow.decided_at)
    .join(VisitRow, col(VisitRow.visit_id) == col(TurnDecisionRow.visit_id))
    .where(
        VisitRow.state == "waiting",
        VisitRow.state != "closed",
        col(TurnDecisionRow.rule).in_(LADDER),
        col(TurnDecisionRow.decided_at) >= col(VisitRow.waiting_since),
    )
    .order_by(col(TurnDecisionRow.decision_id))
)


def keep(uow: UnitOfWork, inputs: Inputs, decision: Decision, offer_id: str | None) -> str:
    """Store the decision with all it read; its id."""
    decision_id = uuid7()
    put(
        uow.session,
        TurnDecisionRow,
        decision_id=decision_id,
        visit_id=inputs.request.visit_id,
        decided_at=uow.now,
        offer_id=offer_id,
        rule=decision.rule,
        uses_turn=decision.uses_turn,
        inputs=inputs.model_dump_json(),
        decision=decision.model_dump_json(),
        policy_version=inputs.policy_version,
    )
    return decision_id


def of_visit(session: Session, visit_id: str) -> Sequence[TurnDecisionRow]:
    """Oldest first."""
    query = select(TurnDecisionRow).where(TurnDecisionRow.visit_id == visit_id)
    return session.exec(query.order_by(col(TurnDecisionRow.decision_id))).all()


def was_decided(session: Session, visit_id: str) -> bool:
    return ask(session, _WAS_DECIDED, visit=visit_id).first() is not None


def asks(session: Session, visit_id: str, since: datetime) -> tuple[Ask, ...]:
    """Who was offered this visit in its present wait. Offers withdrawn were never an answer."""
    return tuple(
        Ask(consultant_id=o.consultant_id, at=o.offered_at, to_all=o.to_all, declined=o.state == "declined")
        for o in ask(session, _ASKS, visit=visit_id, since=since)
    )


def steps(session: Session, visit_id: str, since: datetime) -> tuple[Step, ...]:
    """How far the visit has come up the ladder in its present wait."""
    found = ask(session, _STEPS, visit=visit_id, since=since)
    return tuple(Step(rule=row.rule, at=row.decided_at) for row in found)


def escalated(session: Session) -> dict[str, Step]:
    """By visit: the highest step of every visit that nobody accepted and that still waits."""
    return {visit: Step(rule=rule, at=at) for visit, rule, at in ask(session, _ESCALATED)}


def view(row: TurnDecisionRow, names: dict[str, str]) -> TurnDecision:
    made = Decision.model_validate_json(row.decision)
    return TurnDecision(
        decided_at=row.decided_at,
        offer_id=row.offer_id,
        rule=row.rule,
        order=made.order,
        uses_turn=row.uses_turn,
        candidates=[c.model_copy(update={"name": names.get(c.consultant_id, "")}) for c in made.candidates],
    )


def why_not(session: Session, visit_id: str, consultant_id: str, names: dict[str, str]) -> WhyNot:
    """What each stored decision about the visit says of this consultant, and how everybody stood."""
    answers = [_answer(row, consultant_id, names) for row in of_visit(session, visit_id)]
    return WhyNot(visit_id=visit_id, consultant_id=consultant_id, answers=answers)


def _answer(row: TurnDecisionRow, consultant_id: str, names: dict[str, str]) -> WhyNotAnswer:
    made = Decision.model_validate_json(row.decision)
    seen = next((c for c in made.candidates if c.consultant_id == consultant_id), None)
    said = _absent(made, consultant_id) if seen is None else _said(seen)
    return WhyNotAnswer.model_validate(
        {
            "decided_at": row.decided_at,
            "offer_id": row.offer_id,
            "rule": row.rule,
            "order": made.order,
            "policy_version": row.policy_version,
            **said,
            "stood": [_stood(c, names) for c in sorted(made.candidates, key=_by_place)],
        }
    )


def _by_place(candidate: TurnCandidate) -> tuple[bool, int]:
    return candidate.place is None, candidate.place or 0


def _stood(candidate: TurnCandidate, names: dict[str, str]) -> TurnCandidate:
    return candidate.model_copy(update={"name": names.get(candidate.consultant_id, ""), "facts": {}})


def _said(seen: TurnCandidate) -> dict[str, object]:
    return seen.model_dump(include={"outcome", "place", "reason", "facts"})


def _absent(made: Decision, consultant_id: str) -> dict[str, object]:
    """They had not signed in; a manager may still have given it to them."""
    chosen = consultant_id in made.chosen
    return {"outcome": "chosen" if chosen else "not_in_order", "place": None, "reason": "not_signed_in_that_day"}
