"""Visits as the screens see them: names, masked customers, tickets."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from contracts.gateway_api import CustomerView, Explanation, VisitView
from gateway.attribution import store as verdicts
from gateway.context import Context
from gateway.customers import store as customers
from gateway.localtime import local_day
from gateway.policy import store as policies
from gateway.problems import ProblemError
from gateway.roster import store as roster
from gateway.rota import decisions
from gateway.rota.model import Step
from gateway.tickets import store as tickets
from gateway.visits import decisions as steps
from gateway.visits import store
from gateway.visits.domain import OFFICE_CLOSED
from gateway.visits.tables import VisitRow


@dataclass
class Views:
    """Renders from one snapshot of the database; names and the waiting line are read once."""

    session: Session
    context: Context
    names: dict[str, str]
    line: tickets.Line
    escalated: dict[str, Step]

    @classmethod
    def read(cls, session: Session, context: Context) -> "Views":
        now = context.clock()
        line = tickets.Line.read(
            session, day=local_day(now, context.timezone), now=now, policy=policies.current(session)[1]
        )
        return cls(session, context, roster.names(session, context.keys), line, decisions.escalated(session))

    def visit(self, row: VisitRow) -> VisitView:
        return self.visits([row])[0]

    def visits(self, rows: Sequence[VisitRow]) -> list[VisitView]:
        cards = self._customers(row.customer_id for row in rows)
        issued = tickets.of_visits(self.session, (row.visit_id for row in rows))
        shown = {
            "visit_id",
            "kind",
            "state",
            "party_size",
            "purpose",
            "opened_at",
            "arrived_at",
            "waiting_since",
            "accepted_at",
            "closed_at",
            "close_reason",
            "non_customer",
            "source",
            "owner_id",
            "consultant_id",
            "project",
        }
        return [
            VisitView.model_validate(
                {
                    **row.model_dump(include=shown),
                    "dwell_seconds": _dwell(row),
                    "ticket": self.line.view(issued[row.visit_id]) if row.visit_id in issued else None,
                    "customer": cards.get(row.customer_id or ""),
                    "owner_name": self.names.get(row.owner_id or ""),
                    "consultant_name": self.names.get(row.consultant_id or ""),
                    "hints": hints_of(row),
                    "escalation": self._escalation(row.visit_id),
                }
            )
            for row in rows
        ]

    def explanation(self, visit_id: str) -> Explanation:
        return Explanation(
            visit_id=visit_id,
            steps=[steps.view(row) for row in steps.of_visit(self.session, visit_id)],
            verdicts=[verdicts.view(row, self.names) for row in verdicts.of_visit(self.session, visit_id)],
            turns=[decisions.view(row, self.names) for row in decisions.of_visit(self.session, visit_id)],
        )

    def _escalation(self, visit_id: str) -> str | None:
        step = self.escalated.get(visit_id)
        return None if step is None else step.rule.removeprefix("rota.")

    def _customers(self, ids: Iterable[str | None]) -> dict[str, CustomerView]:
        found = customers.by_ids(self.session, {i for i in ids if i is not None})
        return {i: customers.view(self.session, self.context.keys, row, self.names) for i, row in found.items()}


def hints_of(row: VisitRow) -> list[str]:
    return [hint for hint in row.hints.split(",") if hint]


def _dwell(row: VisitRow) -> int | None:
    """An end that nobody saw was not measured."""
    if row.closed_at is None or row.close_reason == OFFICE_CLOSED or row.before_mark == OFFICE_CLOSED:
        return None
    return round((row.closed_at - row.arrived_at).total_seconds())


def view_one(context: Context, visit_id: str) -> VisitView:
    """Raises ProblemError 404."""
    with context.database.read() as session:
        visit = store.get(session, visit_id)
        if visit is None:
            raise ProblemError(404, "not_found", "no such visit")
        return Views.read(session, context).visit(visit)
