"""A greeting changes or ends, and every screen that shows it is told at once."""

from sqlmodel import col, select

from gateway.alerts import service as alerts
from gateway.greetings.tables import GreetingRow
from gateway.writer import UnitOfWork


def changed(uow: UnitOfWork, greeting: GreetingRow) -> None:
    uow.session.add(greeting)
    uow.session.flush()
    uow.changed("greetings")
    if greeting.state != "open":
        alerts.subject_ended(uow, "greeting", greeting.greeting_id, greeting.decided_by or None)


def with_visit(uow: UnitOfWork, visit_id: str) -> None:
    """Its visit is over: nobody stands there any more. Who had confirmed it stays on record."""
    live = select(GreetingRow).where(
        GreetingRow.visit_id == visit_id, col(GreetingRow.state).in_(("open", "confirmed"))
    )
    for greeting in uow.session.exec(live).all():
        greeting.state = "expired"
        changed(uow, greeting)
