"""The rota in the database: seats, places in each order, and the make-ups owed."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import update
from sqlmodel import Session, col, func, select

from contracts.gateway_api import TurnOrder
from contracts.ids import uuid7
from gateway.asking import Columns, ask, given, put
from gateway.offers.tables import OfferRow
from gateway.roster.tables import PersonRow
from gateway.rota.model import Decision
from gateway.rota.order import DayShare
from gateway.rota.tables import MakeUpRow, PlaceRow, SeatRow
from gateway.writer import UnitOfWork

REMEMBERED = timedelta(days=31)
"""How far back the last turn offered is looked for."""

_SEATS = (
    select(SeatRow)
    .where(
        SeatRow.day == given("day"),
        col(SeatRow.person_id).in_(
            select(PersonRow.person_id).where(col(PersonRow.active), PersonRow.role == "consultant")
        ),
    )
    .order_by(col(SeatRow.signed_in_at), col(SeatRow.person_id))
)
_PLACES = select(PlaceRow.person_id, PlaceRow.place).where(
    PlaceRow.day == given("day"), PlaceRow.turn_order == given("order")
)
_LAST_PLACE = select(func.max(PlaceRow.place)).where(
    PlaceRow.day == given("day"), PlaceRow.turn_order == given("order")
)
_OPEN_MAKE_UPS = select(MakeUpRow).where(col(MakeUpRow.used_at).is_(None))
_OPEN_MAKE_UPS_OF_ORDER = _OPEN_MAKE_UPS.where(MakeUpRow.turn_order == given("order"))
_MOVE = (
    update(PlaceRow)
    .where(
        col(PlaceRow.day) == given("of_day"),
        col(PlaceRow.person_id) == given("person"),
        col(PlaceRow.turn_order) == given("order"),
    )
    .values(place=given("to"), moved=True)
)
_USED = (
    update(MakeUpRow)
    .where(
        col(MakeUpRow.person_id) == given("person"),
        col(MakeUpRow.turn_order) == given("order"),
        col(MakeUpRow.used_at).is_(None),
    )
    .values(used_at=given("now"))
)
_LAST_TURNS = (
    select(OfferRow.consultant_id, func.max(OfferRow.offered_at))
    .where(
        col(OfferRow.day).between(given("first_day"), given("last_day")),
        OfferRow.turn_order == given("order"),
        col(OfferRow.uses_turn),
        OfferRow.state != "withdrawn",
    )
    .group_by(OfferRow.consultant_id)
)


def seat_rows(session: Session, day: str) -> Sequence[SeatRow]:
    """Who signed in that day and still works here."""
    return session.exec(_SEATS, params={"day": day}).all()


def seat_row(session: Session, day: str, person_id: str) -> SeatRow | None:
    return session.get(SeatRow, (day, person_id))


def places(session: Session, day: str, order: TurnOrder) -> dict[str, int]:
    return dict(ask(session, _PLACES, day=day, order=order).all())


def place_row(session: Session, day: str, person_id: str, order: TurnOrder) -> PlaceRow | None:
    return session.get(PlaceRow, (day, person_id, order))


def open_make_ups(session: Session, order: TurnOrder | None = None) -> Sequence[Columns]:
    if order is None:
        return ask(session, _OPEN_MAKE_UPS).all()
    return ask(session, _OPEN_MAKE_UPS_OF_ORDER, order=order).all()


def last_place(session: Session, day: str, order: TurnOrder) -> int:
    return ask(session, _LAST_PLACE, day=day, order=order).scalar() or 0


def apply(uow: UnitOfWork, day: str, visit_id: str, decision: Decision) -> None:
    """Move the ring and keep the make-ups that the decision gave or used."""
    place = last_place(uow.session, day, decision.order)
    for person_id in decision.to_end:
        to = {"of_day": day, "person": person_id, "order": decision.order, "to": place + 1}
        place += ask(uow.session, _MOVE, **to).rowcount
    for person_id in decision.make_ups_opened:
        owe(uow, person_id, visit_id, decision.order)
    if decision.make_up_used is not None:
        ask(uow.session, _USED, person=decision.make_up_used, order=decision.order, now=uow.now)


def owe(uow: UnitOfWork, person_id: str, visit_id: str, order: TurnOrder) -> None:
    """Open a make-up for a missed turn; one at a time each."""
    if all(owed.person_id != person_id for owed in open_make_ups(uow.session, order)):
        missed = {"person_id": person_id, "visit_id": visit_id, "turn_order": order, "missed_at": uow.now}
        put(uow.session, MakeUpRow, make_up_id=uuid7(), **missed)


def to_head(uow: UnitOfWork, day: str, person_id: str, order: TurnOrder) -> None:
    """Before everybody else of the ring; open make-ups still come first."""
    first = uow.session.exec(
        select(func.min(PlaceRow.place)).where(PlaceRow.day == day, PlaceRow.turn_order == order)
    ).one()
    row = place_row(uow.session, day, person_id, order)
    if row is not None and first is not None:
        row.place, row.moved = first - 1, True
        uow.session.add(row)


def turns_of(session: Session, day: str) -> Counter[tuple[str, str]]:
    """How many turns each consultant was offered that day, by (consultant, how it ended)."""
    query = select(OfferRow.consultant_id, OfferRow.state, func.count()).where(
        OfferRow.day == day, col(OfferRow.uses_turn), OfferRow.state != "withdrawn"
    )
    grouped = session.exec(query.group_by(OfferRow.consultant_id, OfferRow.state))
    return Counter({(person, state): count for person, state, count in grouped})


def last_turns(session: Session, days: tuple[str, str], order: TurnOrder) -> dict[str, datetime]:
    """When each was last offered a turn of that order within these days, both included."""
    found = ask(session, _LAST_TURNS, first_day=days[0], last_day=days[1], order=order)
    return {person: at for person, at in found if at is not None}


def turns_before(session: Session, today: date, order: TurnOrder) -> dict[str, datetime]:
    """When each was last offered a turn of that order before today."""
    days = str(today - REMEMBERED), str(today - timedelta(days=1))
    return last_turns(session, days, order)


def week_before(session: Session, today: date, order: TurnOrder) -> list[DayShare]:
    """The days of this week (it begins on Monday) before today: who signed in, and what turns they were offered."""
    days = [str(today - timedelta(days=n)) for n in range(today.weekday(), 0, -1)]
    if not days:
        return []
    span = days[0], days[-1]
    query = select(OfferRow.day, OfferRow.consultant_id, func.count()).where(
        col(OfferRow.day).between(*span),
        OfferRow.turn_order == order,
        col(OfferRow.uses_turn),
        OfferRow.state != "withdrawn",
    )
    offered: dict[str, dict[str, int]] = {day: {} for day in days}
    for day, person, count in session.exec(query.group_by(OfferRow.day, OfferRow.consultant_id)):
        offered[day][person] = count
    present: dict[str, set[str]] = {day: set() for day in days}
    for day, person in session.exec(select(SeatRow.day, SeatRow.person_id).where(col(SeatRow.day).between(*span))):
        present[day].add(person)
    return [DayShare(frozenset(present[day]), offered[day]) for day in days]


def put_places(uow: UnitOfWork, rows: Iterable[PlaceRow]) -> None:
    uow.session.add_all(rows)
    uow.session.flush()


def free_again(uow: UnitOfWork, day: str, person_id: str) -> None:
    """They may be asked anew for whatever waits."""
    row = seat_row(uow.session, day, person_id)
    if row is not None:
        row.free_since = uow.now
        uow.session.add(row)
