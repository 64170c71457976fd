"""The people that the signals of a day speak for, as the database has them."""

from sqlmodel import Session, col, select

from gateway.visits.assembly import Counted
from gateway.visits.doors import taken
from gateway.visits.signals import STAFF
from gateway.visits.tables import SignalRow, VisitRow


def of_day(session: Session, day: str) -> list[Counted]:
    """In no particular order."""
    query = (
        select(SignalRow, VisitRow.non_customer)
        .join(VisitRow, col(VisitRow.visit_id) == col(SignalRow.visit_id), isouter=True)
        .where(SignalRow.day == day, col(SignalRow.claimed) > 0)
    )
    return [_counted(row, marked) for row, marked in session.exec(query)]


def _counted(row: SignalRow, marked: str | None) -> Counted:
    reason = row.reason if row.kind == "mark" else marked
    return Counted(
        signal_id=row.signal_id,
        role="registered" if reason is None else "staff" if reason == STAFF else "non_customer",
        reason=reason or "",
        at=row.at,
        people=row.claimed,
        re_entering=row.re_entering,
        taken=taken(row),
    )
