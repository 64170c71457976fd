"""Consultants sign in, go away, come back and sign out; and the rota as the screens show it."""

from sqlmodel import Session

from contracts.gateway_api import AwayRequest, RotaEntry, RotaView
from gateway.context import Context
from gateway.localtime import local_day
from gateway.offers import service as offers
from gateway.policy import store as policies
from gateway.problems import ProblemError
from gateway.roster import store as roster
from gateway.rota import store
from gateway.rota.domain import Seat, absence_from, in_order
from gateway.rota.tables import SeatRow
from gateway.visits import store as visits
from gateway.writer import UnitOfWork


def sign_in(uow: UnitOfWork, context: Context, person_id: str) -> None:
    """Take a place at the end of today's order. Signing in again while signed in changes nothing."""
    day = local_day(uow.now, context.timezone)
    row = store.seat_row(uow.session, day, person_id)
    if row is not None and row.signed_out_at is None:
        return
    place = store.last_place(uow.session, day) + 1
    fresh = SeatRow(day=day, person_id=person_id, place=place, signed_in_at=uow.now, free_since=uow.now)
    uow.session.merge(fresh)
    _changed(uow, context, person_id)


def sign_out(uow: UnitOfWork, context: Context, person_id: str) -> None:
    """Leave today's order. Raises ProblemError 409 `still_serving` while a party is with them."""
    row = _seat(uow, context, person_id)
    if visits.served_by(uow.session, person_id):
        raise ProblemError(409, "still_serving", "finish the visit first")
    offers.decline_pending(uow, person_id, None)
    row.signed_out_at = uow.now
    row.away_reason = row.away_since = row.away_until = None
    uow.session.add(row)
    _changed(uow, context, person_id)


def away(uow: UnitOfWork, context: Context, person_id: str, request: AwayRequest) -> None:
    """Declare an absence; what is on their tablet goes to the next."""
    row = _seat(uow, context, person_id)
    _, policy = policies.current(uow.session)
    absence = absence_from(request.reason, request.minutes, uow.now, policy)
    offers.decline_pending(uow, person_id, request.reason)
    row.away_reason, row.away_since, row.away_until = absence.reason, absence.since, absence.until
    uow.session.add(row)
    _changed(uow, context, person_id)


def back(uow: UnitOfWork, context: Context, person_id: str) -> None:
    """Ready again; may be asked anew for whatever waits."""
    row = _seat(uow, context, person_id)
    row.away_reason = row.away_since = row.away_until = None
    row.free_since = uow.now
    uow.session.add(row)
    _changed(uow, context, person_id)


def entries(session: Session, context: Context) -> list[RotaEntry]:
    """Everybody on the roster: those in the order first, as they will be called, then those not signed in."""
    day = local_day(context.clock(), context.timezone)
    found = store.standing(session, day)
    ordered = in_order(tuple(found.seats))
    turns = store.turns_of(session, day)
    names = {p.person_id: p.name for p in roster.people(session, context.keys, role="consultant")}
    in_place = [s for s in ordered if s.state != "signed_out"]
    seated = [
        _entry(seat, found.rows[seat.consultant_id], place, names.get(seat.consultant_id, ""))
        for place, seat in enumerate(in_place, 1)
    ]
    absent = [
        RotaEntry(consultant_id=person_id, name=name, state="signed_out", place=None)
        for person_id, name in names.items()
        if person_id not in {seat.consultant_id for seat in in_place}
    ]
    for entry in (*seated, *absent):
        ended = {state: n for (person, state), n in turns.items() if person == entry.consultant_id}
        entry.turns_offered = sum(ended.values())
        entry.turns_received = ended.get("accepted", 0)
        entry.turns_lost = ended.get("lost", 0)
        entry.make_ups = int(entry.consultant_id in found.owed)
        entry.visit_id = found.serving.get(entry.consultant_id)
    return [*seated, *absent]


def view(session: Session, context: Context) -> RotaView:
    return RotaView(date=local_day(context.clock(), context.timezone), entries=entries(session, context))


def _entry(seat: Seat, row: SeatRow, place: int, name: str) -> RotaEntry:
    return RotaEntry(
        consultant_id=seat.consultant_id,
        name=name,
        state=seat.state,
        place=place,
        signed_in_at=row.signed_in_at,
        away_reason=None if seat.absence is None else seat.absence.reason,
        away_until=None if seat.absence is None else seat.absence.until,
    )


def _seat(uow: UnitOfWork, context: Context, person_id: str) -> SeatRow:
    row = store.seat_row(uow.session, local_day(uow.now, context.timezone), person_id)
    if row is None or row.signed_out_at is not None:
        raise ProblemError(409, "not_signed_in", "sign in to the rota first")
    return row


def _changed(uow: UnitOfWork, context: Context, person_id: str) -> None:
    uow.session.flush()
    offers.dispatch(uow, context)
    uow.changed("offers")
    uow.changed("floor")
    uow.changed("queue")
