"""What is still to be asked of who said «that is me»: as at any check-in, less what is known."""

from typing import get_args

from sqlmodel import Session, select

from contracts.checkin_api import CheckInForm, GateQuestion
from gateway.attribution.tables import GateAnswerRow
from gateway.auth import Principal
from gateway.checkins import gate_answers
from gateway.context import Context
from gateway.greetings.tables import GreetingRow
from gateway.policy import store as policies
from gateway.visits import store as visits


def form(session: Session, context: Context, principal: Principal, greeting: GreetingRow) -> CheckInForm:
    """The project is known when the visit that goes on has one; a gate question when it was answered on that visit.

    Who is welcomed back is not asked whether it is their first visit.
    """
    usual = gate_answers.form(context.config, policies.current(session)[1], principal)
    visit = visits.get(session, greeting.visit_id) if greeting.visit_id else None
    goes_on = visit is not None and visit.state != "closed"
    project = visit.project if visit is not None and goes_on else ""
    known = _answered(session, visit.visit_id) if visit is not None and goes_on else set()
    asked = [question for question in usual.questions if question != "first_visit" and question not in known]
    return CheckInForm(
        gate_questions=usual.gate_questions and bool(asked),
        questions=asked,
        projects=[] if project else usual.projects,
    )


def _answered(session: Session, visit_id: str) -> set[GateQuestion]:
    rows = session.exec(select(GateAnswerRow).where(GateAnswerRow.visit_id == visit_id)).all()
    return {question for question in get_args(GateQuestion) if any(getattr(row, question) is not None for row in rows)}
