"""Consultants sign in, go away, come back and sign out; and the rota as the screens show it."""

from datetime import date, timedelta

from sqlmodel import Session

from contracts.gateway_api import TurnOrder
from contracts.rota_api import AwayRequest, RotaEntry, RotaView
from gateway.context import Context
from gateway.localtime import local_day
from gateway.offers import service as offers
from gateway.policy import store as policies
from gateway.problems import ProblemError
from gateway.roster import store as roster
from gateway.rota import store
from gateway.rota.domain import absence_from
from gateway.rota.model import ORDERS, Seat
from gateway.rota.order import carried_on, tie_window
from gateway.rota.standing import Standing
from gateway.rota.tables import PlaceRow, SeatRow
from gateway.visits import store as visits
from gateway.writer import UnitOfWork

SILENCE_NOTICED = timedelta(minutes=1)
"""Shorter silences of a tablet cannot have made anybody absent; a policy counts in minutes."""


def sign_in(uow: UnitOfWork, context: Context, person_id: str) -> None:
    """Take a place at the end of today's order; who signed in at the same time is put in this week's order.

    Signing in again while signed in changes nothing.
    """
    day = local_day(uow.now, context.timezone)
    row = store.seat_row(uow.session, day, person_id)
    if row is not None and row.signed_out_at is None:
        return
    uow.session.merge(SeatRow(day=day, person_id=person_id, signed_in_at=uow.now, free_since=uow.now))
    uow.session.flush()
    for order in ORDERS:
        _take_place(uow, context, day, person_id, order)
    _changed(uow, context, person_id)


def _take_place(uow: UnitOfWork, context: Context, day: str, person_id: str, order: TurnOrder) -> None:
    """The last place. Those tied with them, whom no turn has moved yet, are put in order among themselves."""
    known = store.place_row(uow.session, day, person_id, order)
    last = store.last_place(uow.session, day, order) + 1
    mine = known or PlaceRow(day=day, person_id=person_id, turn_order=order, place=last)
    mine.place, mine.moved = last, known is not None
    rows = [*_tied(uow, context, day, order), mine] if known is None else [mine]
    today = date.fromisoformat(day)
    ranked = carried_on(
        [row.person_id for row in rows],
        store.week_before(uow.session, today, order),
        store.turns_before(uow.session, today, order),
    )
    by_person = {row.person_id: row for row in rows}
    for person, place in zip(ranked, sorted(row.place for row in rows), strict=True):
        by_person[person].place = place
    store.put_places(uow, rows)


def _tied(uow: UnitOfWork, context: Context, day: str, order: TurnOrder) -> list[PlaceRow]:
    _, policy = policies.current(uow.session)
    if not policy.next_day_continues:
        return []
    window = tie_window(uow.now.astimezone(context.timezone), policy)
    tied = [
        store.place_row(uow.session, day, row.person_id, order)
        for row in store.seat_rows(uow.session, day)
        if tie_window(row.signed_in_at.astimezone(context.timezone), policy) == window
    ]
    return [row for row in tied if row is not None and not row.moved]


async def heard_of(context: Context, person_id: str | None) -> None:
    """Their tablet is awake. Back from a silence that had made them absent, they may be asked anew."""
    now = context.clock()
    silent = None if person_id is None else context.presence.seen(person_id, now)
    if person_id is not None and silent is not None and silent > SILENCE_NOTICED:
        await context.writer.run(lambda uow: _awake(uow, context, person_id, silent))


def _awake(uow: UnitOfWork, context: Context, person_id: str, silent: timedelta) -> None:
    _, policy = policies.current(uow.session)
    row = store.seat_row(uow.session, local_day(uow.now, context.timezone), person_id)
    if row is None or row.signed_out_at is not None or silent <= policy.undeclared_absence:
        return
    if row.away_reason is None:
        row.free_since = uow.now
        uow.session.add(row)
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
    """Declare an absence; what is on their tablet goes to the next.

    Declared anew before they are back it is the same absence: it began when it did, and is as long as it is.
    """
    row = _seat(uow, context, person_id)
    unbroken = row.away_since if row.away_reason is not None else None
    _, policy = policies.current(uow.session)
    absence = absence_from(request.reason, request.minutes, uow.now, policy)
    offers.decline_pending(uow, person_id, request.reason)
    row.away_reason, row.away_since, row.away_until = absence.reason, unbroken or absence.since, absence.until
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
    now = context.clock()
    day = local_day(now, context.timezone)
    _, policy = policies.current(session)
    found = Standing.read(session, context, day)
    ordered = found.called_in_order(session, now, "walk_in")
    channel = found.called_in_order(session, now, "channel") if policy.channel_order == "own" else []
    people = roster.people(session, context.keys, role="consultant")
    entered = {
        p.person_id: RotaEntry(consultant_id=p.person_id, name=p.name, state="signed_out", place=None, team=p.team)
        for p in people
    }
    seated = [_seated(entered[seat.consultant_id], seat, found, place) for place, seat in enumerate(ordered, 1)]
    for place, seat in enumerate(channel, 1):
        entered[seat.consultant_id].channel_place = place
    _count(session, day, entered)
    return [*seated, *(entry for entry in entered.values() if entry.place is None)]


def _seated(entry: RotaEntry, seat: Seat, found: Standing, place: int) -> RotaEntry:
    entry.state, entry.place = seat.state, place
    entry.signed_in_at = found.rows[seat.consultant_id].signed_in_at
    if seat.absence is not None:
        entry.away_reason, entry.away_until = seat.absence.reason, seat.absence.until
    party = found.serving.get(seat.consultant_id) or found.offered.get(seat.consultant_id)
    if party is not None:
        entry.visit_id = party[0]
    return entry


def _count(session: Session, day: str, entered: dict[str, RotaEntry]) -> None:
    """Turns offered today and how they ended, and make-ups still owed, of both orders together."""
    for (person_id, state), number in store.turns_of(session, day).items():
        entry = entered.get(person_id)
        if entry is not None:
            entry.turns_offered += number
            entry.turns_received += number if state == "accepted" else 0
            entry.turns_lost += number if state == "lost" else 0
    for owed in store.open_make_ups(session):
        if owed.person_id in entered:
            entered[owed.person_id].make_ups += 1


def view(session: Session, context: Context) -> RotaView:
    return RotaView(date=local_day(context.clock(), context.timezone), entries=entries(session, context))


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
