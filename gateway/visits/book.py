"""Signals as they come: each is kept with the decision that followed and the people at the doors it stands for."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from contracts.ids import uuid7
from gateway.context import Context
from gateway.localtime import local_day
from gateway.policy import PolicyConfig
from gateway.policy import store as policies
from gateway.visits import decisions, doors, store
from gateway.visits.domain import LastVisit, Match, match_arrival
from gateway.visits.parties import Claim, Doors, earliest
from gateway.visits.signals import ArrivalKind, Kind, Signal
from gateway.visits.tables import SignalRow, VisitRow
from gateway.writer import UnitOfWork


@dataclass(frozen=True, slots=True)
class Sign:
    """How a party showed that it is here, and when."""

    kind: ArrivalKind
    at: datetime


# ---- arrivals ------------------------------------------------------------------------------------------------------
def last_of(session: Session, context: Context, customer_id: str) -> LastVisit | None:
    _, policy = policies.current(session)
    return store.last_of(session, customer_id, policy.closing_time, context.timezone)


def judge(uow: UnitOfWork, context: Context, customer_id: str, at: datetime, people: int) -> Match:
    """Whether this arrival of a known customer is their visit that goes on, one taken up again, or a new one."""
    _, policy = policies.current(uow.session)
    last = last_of(uow.session, context, customer_id)
    return match_arrival(last, back_at(uow.session, policy, last, at, people), policy)


def back_at(session: Session, policy: PolicyConfig, last: LastVisit | None, at: datetime, people: int) -> datetime:
    """The earliest sign of this arrival: whoever left a while ago may have come through the door in time."""
    left = None if last is None else last.closed_at
    if left is None or not policy.step_out < at - left <= policy.step_out + policy.checkin_door:
        return at
    since = max(left, at - policy.checkin_door)
    return earliest(at, Doors(doors.free_between(session, since, at)).take(Claim("", at, people, since, at)))


def arrived(
    uow: UnitOfWork, context: Context, visit: VisitRow, sign: Sign, match: Match, last: LastVisit | None, people: int
) -> None:
    """Keep the signal of an arrival that `match` put on `visit`, whose `party_size` is still what it was before.

    A new visit goes by its first signal. `last` is the party's visit before this arrival.
    """
    _, policy = policies.current(uow.session)
    signal = Signal(
        signal_id=visit.visit_id if match.action == "new" else uuid7(),
        at=sign.at,
        kind=sign.kind,
        party=visit.customer_id,
        people=people,
    )
    row = _row(signal, visit.day, visit.visit_id, policy.checkin_door)
    left = None if last is None else last.closed_at
    seen = back_at(uow.session, policy, last, sign.at, people)
    if match.action == "join":
        row.claimed = max(0, people - visit.party_size)
    else:
        row.claimed = people
        row.doors_from = row.doors_from if left is None else max(row.doors_from, left)
    if match.action == "reopen":
        row.re_entering = min(people, visit.party_size)
    uow.session.add(row)
    decisions.keep_arrival(uow, visit.visit_id, match, signal, last, seen)
    doors.settle(uow, context, doors.rematch(uow, sign.at) | {visit.visit_id}, quiet=visit.visit_id)


def too_late(uow: UnitOfWork, context: Context, sign: Sign) -> None:
    """Kept and nothing more: late is not live. Whoever it was is in the count of the doors."""
    signal = Signal(signal_id=uuid7(), at=sign.at, kind=sign.kind, late=True)
    uow.session.add(_row(signal, local_day(sign.at, context.timezone), None, timedelta(0)))


# ---- what is said of a visit ---------------------------------------------------------------------------------------
def told(
    uow: UnitOfWork,
    context: Context,
    visit: VisitRow,
    kind: Kind,
    rule: str,
    *,
    people: int = 0,
    reason: str = "",
    by: str = "",
    how: str = "",
    note: str = "",
    at: datetime | None = None,
) -> None:
    """Keep a signal about a visit with the decision that followed; `people` more claim the doors around it.

    `at`: when it happened, now unless given.
    """
    _, policy = policies.current(uow.session)
    signal = Signal.model_validate(
        {
            "signal_id": uuid7(),
            "at": at or uow.now,
            "kind": kind,
            "about": visit.visit_id,
            "party": visit.customer_id if kind == "named" else None,
            "people": people or 1,
            "reason": reason,
            "how": how,
        }
    )
    row = _row(signal, visit.day, visit.visit_id, policy.checkin_door)
    row.claimed, row.by, row.note = people, by, sealed(context, signal.signal_id, note)
    uow.session.add(row)
    facts = signal.model_dump(mode="json", exclude_defaults=True)
    decisions.keep(uow, visit.visit_id, kind, rule, {"signal": facts, "by": by})
    if people:
        doors.settle(uow, context, doors.rematch(uow, uow.now), quiet=visit.visit_id)


def last_sign_at(session: Session, visit_id: str) -> datetime | None:
    """When it was said last that people of that visit are here."""
    said = select(func.max(SignalRow.at)).where(SignalRow.visit_id == visit_id, col(SignalRow.kind).in_(doors.BRINGING))
    return session.exec(said).one()


def release(uow: UnitOfWork, context: Context, visit: VisitRow, *, returned_only: bool = False) -> None:
    """An arrival never was: who came through the doors then is somebody else. `returned_only`: the latest return."""
    uow.session.flush()
    query = select(SignalRow).where(SignalRow.visit_id == visit.visit_id, col(SignalRow.kind).in_(doors.BRINGING))
    if returned_only:
        query = query.where(SignalRow.re_entering > 0).order_by(col(SignalRow.at).desc()).limit(1)
    rows = uow.session.exec(query).all()
    for row in rows:
        row.visit_id, row.claimed, row.re_entering = None, 0, 0
        uow.session.add(row)
    if rows:
        doors.settle(uow, context, doors.rematch(uow, min(row.at for row in rows)), quiet=visit.visit_id)


def mark_people(uow: UnitOfWork, context: Context, signal: Signal, *, by: str, note: str) -> SignalRow:
    """People at a door who are no customers; they claim who came in around then."""
    _, policy = policies.current(uow.session)
    reach = policy.badge_door if signal.how in ("badge", "scan") else policy.checkin_door
    row = _row(signal, local_day(signal.at, context.timezone), None, reach)
    row.claimed, row.by, row.note = signal.people, by, sealed(context, signal.signal_id, note)
    uow.session.add(row)
    doors.settle(uow, context, doors.rematch(uow, signal.at))
    uow.changed("floor")
    return row


def unmark_people(uow: UnitOfWork, context: Context, marked: SignalRow, *, by: str) -> None:
    signal = Signal(signal_id=uuid7(), at=uow.now, kind="unmark", about=marked.signal_id)
    row = _row(signal, marked.day, None, timedelta(0))
    row.by = by
    uow.session.add(row)
    marked.claimed = 0
    uow.session.add(marked)
    doors.settle(uow, context, doors.rematch(uow, marked.at))
    uow.changed("floor")


def sealed(context: Context, signal_id: str, note: str) -> bytes | None:
    """A note of the reception may name people."""
    return context.keys.encrypt(note, record=f"signal:{signal_id}") if note else None


def _row(signal: Signal, day: str, visit_id: str | None, reach: timedelta) -> SignalRow:
    """By itself a signal claims nobody at the doors."""
    return SignalRow(
        **signal.model_dump(),
        day=day,
        visit_id=visit_id,
        doors_from=signal.at - reach,
        doors_until=signal.at + reach,
    )
