"""Tickets in the database, and the figures that an estimate of the wait needs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, type_coerce
from sqlmodel import Session, col, func, select

from contracts.gateway_api import TicketView
from contracts.ids import uuid7
from gateway.asking import Columns, among, ask, ask_stored, given, objects, put
from gateway.policy import PolicyConfig
from gateway.rota.tables import SeatRow
from gateway.tickets.domain import wait_minutes
from gateway.tickets.tables import TicketRow
from gateway.visits.tables import VisitRow

_OF_COMMAND = select(TicketRow).where(TicketRow.print_command == given("command"))
_UNANSWERED = select(TicketRow).where(TicketRow.paper == "sent", col(TicketRow.paper_until) <= given("now"))
_HIGHEST = select(func.max(TicketRow.number)).where(TicketRow.day == given("day"))
_OF_VISITS = select(TicketRow).where(col(TicketRow.visit_id).in_(among("visits")))
_OPEN = select(VisitRow).where(VisitRow.state != "closed").order_by(col(VisitRow.waiting_since), col(VisitRow.visit_id))
_HERE = select(SeatRow.person_id).where(
    SeatRow.day == given("day"), col(SeatRow.signed_out_at).is_(None), col(SeatRow.away_reason).is_(None)
)
_MEASURED = select(type_coerce(VisitRow.closed_at, BigInteger) - type_coerce(VisitRow.accepted_at, BigInteger)).where(
    VisitRow.day == given("day"),
    VisitRow.state == "closed",
    VisitRow.close_reason != "office_closed",
    col(VisitRow.accepted_at).is_not(None),
)
_MINUTE = 60_000_000
"""Microseconds."""


def issue(session: Session, visit_id: str, day: str, now: datetime) -> None:
    """The day's next number."""
    highest = ask_stored(session, _HIGHEST, day=day).scalar() or 0
    values = {"ticket_id": uuid7(), "day": day, "number": highest + 1, "visit_id": visit_id}
    put(session, TicketRow, **values, state="waiting", issued_at=now)


def of_visit(session: Session, visit_id: str) -> TicketRow | None:
    return of_visits(session, [visit_id]).get(visit_id)


def issued(session: Session, visit_id: str) -> Columns:
    """The visit's ticket as it stands, to be shown. Raises LookupError."""
    found = ask(session, _OF_VISITS, visits=[visit_id]).first()
    if found is None:
        raise LookupError("a visit without a ticket")
    return found


def of_visits(session: Session, visit_ids: Iterable[str]) -> dict[str, TicketRow]:
    wanted = list(visit_ids)
    found = objects(session, _OF_VISITS, visits=wanted) if wanted else ()
    return {t.visit_id: t for t in found}


def of_print(session: Session, command_id: str) -> TicketRow | None:
    """The ticket that a command was to print."""
    return next(iter(objects(session, _OF_COMMAND, command=command_id)), None)


def unanswered(session: Session, now: datetime) -> Sequence[TicketRow]:
    """Tickets whose printer has said nothing, and whose order has expired."""
    return objects(session, _UNANSWERED, now=now)


@dataclass(frozen=True, slots=True)
class Line:
    """Those who wait, in the order they will be called, and how fast it goes."""

    open_visits: tuple[VisitRow, ...]
    order: tuple[str, ...]
    free: int
    serving_elapsed: tuple[float, ...]
    service: tuple[float, ...]
    default_minutes: int

    @classmethod
    def read(cls, session: Session, *, day: str, now: datetime, policy: PolicyConfig) -> "Line":
        open_visits = objects(session, _OPEN)
        serving = [v for v in open_visits if v.state == "serving"]
        return cls(
            tuple(open_visits),
            tuple(v.visit_id for v in open_visits if v.state != "serving"),
            _free(session, day, {v.consultant_id for v in serving}),
            tuple(_minutes(now - (v.accepted_at or now)) for v in serving),
            tuple(_measured(session, day)),
            policy.default_service_minutes,
        )

    @property
    def waiting(self) -> list[VisitRow]:
        """Waiting or offered, longest waiting first."""
        return [v for v in self.open_visits if v.state != "serving"]

    @property
    def serving(self) -> list[VisitRow]:
        return [v for v in self.open_visits if v.state == "serving"]

    def view(self, ticket: TicketRow | Columns) -> TicketView:
        waiting = ticket.state == "waiting" and ticket.visit_id in self.order
        ahead = self.order.index(ticket.visit_id) if waiting else 0
        estimate = wait_minutes(
            ahead,
            free=self.free,
            serving_elapsed_minutes=self.serving_elapsed,
            service_minutes=self.service,
            default=self.default_minutes,
        )
        return TicketView.model_validate(
            {
                "ticket_id": ticket.ticket_id,
                "number": ticket.number,
                "state": ticket.state,
                "ahead": ahead,
                "wait_minutes": estimate if waiting else None,
                "issued_at": ticket.issued_at,
                "paper": ticket.paper,
                "paper_reason": ticket.paper_reason,
            }
        )


def _free(session: Session, day: str, busy: set[str | None]) -> int:
    """Consultants who could receive somebody: signed in, here, not serving. Those asked right now count as free."""
    return sum(person not in busy for person in ask(session, _HERE, day=day).scalars())


def _measured(session: Session, day: str) -> Sequence[float]:
    return [micros / _MINUTE for micros in ask(session, _MEASURED, day=day).scalars()]


def _minutes(span: timedelta) -> float:
    return span.total_seconds() / 60
