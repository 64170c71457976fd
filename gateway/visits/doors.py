"""People at the doors in the database: which of them belong to which party (`gateway.visits.parties`).

What is read is bounded: the signals and crossings around the one that came, never the whole day, unless it came late.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from pydantic import TypeAdapter
from sqlmodel import Session, col, delete, or_, select

from contracts.events import DoorCrossing, Event
from gateway.asking import Columns, ask, given, objects
from gateway.attribution.service import judge_visit
from gateway.context import Context
from gateway.policy import store as policies
from gateway.prepared import run_each
from gateway.tables import to_micros
from gateway.visits import decisions, store
from gateway.visits.parties import Claim, Crossing, Doors, Taken, earliest
from gateway.visits.signals import ARRIVALS, Signal, in_order
from gateway.visits.tables import CrossingRow, SignalRow, VisitRow
from gateway.writer import UnitOfWork

TAKEN = TypeAdapter(tuple[Taken, ...])
_NOTHING = "[]"
_REACH = timedelta(days=1)
"""No party of tomorrow chooses otherwise for what came late today."""
BRINGING = (*ARRIVALS, "joiner")
_CLAIMING = select(SignalRow).where(
    col(SignalRow.at) >= given("since"),
    col(SignalRow.at) < given("until"),
    or_(col(SignalRow.claimed) > 0, col(SignalRow.taken) != _NOTHING),
)
_BROUGHT = select(SignalRow.signal_id, SignalRow.at, SignalRow.taken).where(
    SignalRow.visit_id == given("visit"), col(SignalRow.kind).in_(BRINGING)
)
_CROSSED = select(CrossingRow).where(col(CrossingRow.at) >= given("begin"), col(CrossingRow.at) <= given("end"))
_INSERT = "INSERT INTO visit_crossings (crossing_id, at, people, free) VALUES (?, ?, ?, ?)"


class Crossings:
    """Who came in by one message of a node; parties that were waiting for them at the kiosk have them at once."""

    def __init__(self) -> None:
        self._came: list[tuple[str, datetime, int]] = []

    def add(self, event: Event, crossing: DoorCrossing) -> None:
        if crossing.count_in:
            self._came.append((event.id, event.time, crossing.count_in))

    def write(self, uow: UnitOfWork, context: Context) -> None:
        if not self._came:
            return
        rows = ((crossing_id, to_micros(at), people, people) for crossing_id, at, people in self._came)
        run_each(uow.session.connection(), _INSERT, rows)
        _, policy = policies.current(uow.session)
        first = min(at for _, at, _ in self._came)
        settle(uow, context, rematch(uow, first - policy.checkin_door))
        self._came.clear()


def free_between(session: Session, begin: datetime, end: datetime) -> list[Crossing]:
    """Whom no party has chosen yet, both ends included."""
    return [Crossing(row.crossing_id, row.at, row.free) for row in _between(session, begin, end)]


def taken(row: SignalRow | Columns) -> tuple[Taken, ...]:
    return TAKEN.validate_json(row.taken)


def rematch(uow: UnitOfWork, since: datetime) -> set[str]:
    """Let the parties from `since` on choose again who of the people at the doors they are; return whose changed.

    Earlier parties keep what they chose: it never depended on later ones.
    """
    rows = objects(uow.session, _CLAIMING, since=since, until=since + _REACH)
    if not rows:
        return set()
    crossings = {
        row.crossing_id: row
        for row in _between(uow.session, min(r.doors_from for r in rows), max(r.doors_until for r in rows))
    }
    before = {row.signal_id: taken(row) for row in rows}
    free = {crossing_id: row.free for crossing_id, row in crossings.items()}
    for part in (part for parts in before.values() for part in parts):
        if part.crossing_id in free:
            free[part.crossing_id] += part.people
    doors = Doors(Crossing(row.crossing_id, row.at, free[row.crossing_id]) for row in crossings.values())
    changed = {row.visit_id for row in sorted(rows, key=_in_order) if _choose(uow, doors, row, before[row.signal_id])}
    for crossing_id, left in doors.free().items():
        if crossings[crossing_id].free != left:
            crossings[crossing_id].free = left
            uow.session.add(crossings[crossing_id])
    return {visit_id for visit_id in changed if visit_id is not None}


def _choose(uow: UnitOfWork, doors: Doors, row: SignalRow, before: tuple[Taken, ...]) -> bool:
    now = doors.take(Claim(row.signal_id, row.at, row.claimed, row.doors_from, row.doors_until))
    if now == before:
        return False
    row.taken = TAKEN.dump_json(now).decode()
    uow.session.add(row)
    return True


def settle(uow: UnitOfWork, context: Context, visit_ids: Iterable[str], *, quiet: str | None = None) -> None:
    """Visits whose doors changed: when they arrived, and the verdict that rests on it. Never an alert or a turn.

    The caller judges and records the visit `quiet` itself.
    """
    uow.session.flush()
    for visit_id in sorted(visit_ids):
        visit = store.get(uow.session, visit_id)
        if visit is None or not _moved(uow, visit) or visit_id == quiet:
            continue
        if visit.customer_id is not None:
            judge_visit(uow, context, visit)
        store.record(uow, visit)


def _moved(uow: UnitOfWork, visit: VisitRow) -> bool:
    """Set when the party arrived: its earliest signal. What never was has none."""
    claims = ask(uow.session, _BROUGHT, visit=visit.visit_id).all()
    parts = [part for row in claims for part in taken(row)]
    at = min((earliest(row.at, taken(row)) for row in claims), default=visit.opened_at)
    if at == visit.arrived_at:
        return False
    inputs = {
        "signals": sorted(row.signal_id for row in claims),
        "doors": TAKEN.dump_python(tuple(parts), mode="json"),
        "arrived_at": at.isoformat(),
    }
    decisions.keep(uow, visit.visit_id, "arrived", "earliest_signal", inputs)
    visit.arrived_at = at
    uow.session.add(visit)
    return True


def _in_order(row: SignalRow) -> tuple[object, ...]:
    return in_order(Signal.model_validate({"signal_id": row.signal_id, "at": row.at, "kind": row.kind}))


def _between(session: Session, begin: datetime, end: datetime) -> Sequence[CrossingRow]:
    return objects(session, _CROSSED, begin=begin, end=end)


def forget_before(session: Session, at: datetime) -> None:
    """Crossings as events are: their sums are kept, and so is what parties made of them."""
    session.exec(delete(CrossingRow).where(col(CrossingRow.at) < at))
