"""Every decision about a visit as it was made: the rule and all it read, kept for explanations and for replay."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlmodel import Session, col, select

from contracts.gateway_api import VisitStep
from contracts.ids import uuid7
from gateway.asking import put
from gateway.policy import PolicyConfig
from gateway.policy import store as policies
from gateway.visits.assembly import NO_NUMBER
from gateway.visits.domain import LastVisit, Match, match_arrival
from gateway.visits.signals import Signal
from gateway.visits.tables import VisitDecisionRow
from gateway.writer import UnitOfWork

_LAST = TypeAdapter(LastVisit | None)
_WHEN = TypeAdapter(datetime)


def keep(uow: UnitOfWork, visit_id: str, action: str, rule: str, inputs: dict[str, Any]) -> None:
    """Store one decision; `inputs` are JSON values."""
    version, _ = policies.current(uow.session)
    put(
        uow.session,
        VisitDecisionRow,
        decision_id=uuid7(),
        visit_id=visit_id,
        decided_at=uow.now,
        action=action,
        rule=rule,
        inputs=json.dumps(inputs),
        policy_version=version,
    )


def keep_arrival(
    uow: UnitOfWork, visit_id: str, match: Match, signal: Signal, last: LastVisit | None, back_at: datetime
) -> None:
    """An arrival: the signal, the party's last visit, and the earliest sign of it that was known then."""
    inputs = {
        "signal": signal.model_dump(mode="json", exclude_defaults=True),
        "last": _LAST.dump_python(last, mode="json"),
        "back_at": _WHEN.dump_python(back_at, mode="json"),
    }
    keep(uow, visit_id, match.action, match.rule, inputs)


def again(row: VisitDecisionRow, policy: PolicyConfig) -> Match:
    """An arrival decided once more from what was stored with it. Raises KeyError for another decision."""
    inputs = json.loads(row.inputs)
    if inputs["signal"].get("party") is None:
        return NO_NUMBER
    return match_arrival(_LAST.validate_python(inputs["last"]), _WHEN.validate_python(inputs["back_at"]), policy)


def of_visit(session: Session, visit_id: str) -> Sequence[VisitDecisionRow]:
    """Oldest first."""
    query = select(VisitDecisionRow).where(VisitDecisionRow.visit_id == visit_id)
    return session.exec(query.order_by(col(VisitDecisionRow.decision_id))).all()


def view(row: VisitDecisionRow) -> VisitStep:
    return VisitStep(
        decided_at=row.decided_at,
        action=row.action,
        rule=row.rule,
        facts=json.loads(row.inputs),
        policy_version=row.policy_version,
    )
