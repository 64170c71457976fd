"""The gate questions (问岗三问): where they are asked, and what was answered, kept as evidence."""

from contracts.checkin_api import CheckInForm, GateAnswers
from contracts.ids import uuid7
from gateway.attribution.tables import GateAnswerRow
from gateway.auth import Principal
from gateway.config import GatewayConfig
from gateway.policy import PolicyConfig
from gateway.writer import UnitOfWork


def form(config: GatewayConfig, policy: PolicyConfig, principal: Principal) -> CheckInForm:
    """What the policy has this screen ask, and the projects to choose from where there are several."""
    asked_at = {"nobody": (), "reception": ("reception",), "kiosk": ("reception", "kiosk")}[policy.gate_questions]
    return CheckInForm(gate_questions=_asked_by(principal) in asked_at, projects=config.sold)


def keep(uow: UnitOfWork, principal: Principal, visit_id: str, answers: GateAnswers) -> bool:
    """Beside earlier ones, with the time; False when nothing was answered."""
    given = answers.model_dump()
    if all(answer is None for answer in given.values()):
        return False
    row = GateAnswerRow(answer_id=uuid7(), visit_id=visit_id, at=uow.now, asked_by=_asked_by(principal), **given)
    uow.session.add(row)
    return True


def _asked_by(principal: Principal) -> str:
    return "kiosk" if principal.role == "kiosk" else "reception"
