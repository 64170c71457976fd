"""What is shown of bookings: to the desk all, to a consultant those they made or are booked for."""

from sqlmodel import Session

from contracts.bookings_api import BookingList, BookingView
from contracts.values import mask_name
from gateway.auth import Principal
from gateway.bookings import store
from gateway.bookings.domain import KnownBooking, shown_state
from gateway.bookings.tables import BookingRow
from gateway.context import Context
from gateway.customers import aliases
from gateway.customers.service import accessible
from gateway.customers.tables import CustomerRow
from gateway.localtime import local_day
from gateway.problems import ProblemError
from gateway.roster import store as roster


def of_day(context: Context, principal: Principal, day: str | None) -> BookingList:
    """`day` None: the office's today."""
    with context.database.read() as session:
        found = store.of_day(session, day or local_day(context.clock(), context.timezone))
        names = roster.names(session, context.keys)
        return BookingList(items=[view(context, row, names) for row in found if concerns(principal, row)])


def of_customer(context: Context, principal: Principal, customer_id: str) -> BookingList:
    """All that is kept of that person, newest first. Raises ProblemError 404, 403 `not_your_customer`."""
    with context.database.read() as session:
        found = store.of_numbers(session, numbers_of(session, context, principal, customer_id))
        names = roster.names(session, context.keys)
        return BookingList(items=[view(context, row, names) for row in found])


def numbers_of(session: Session, context: Context, principal: Principal, customer_id: str) -> set[str]:
    """By which their bookings are found, of all files of that person. Raises ProblemError 404, 403."""
    ids = aliases.group(session, accessible(session, context, principal, customer_id).customer_id)
    files = (session.get(CustomerRow, each) for each in ids)
    return {file.phone_index for file in files if file is not None and file.phone_index is not None}


def one(context: Context, principal: Principal, booking_id: str) -> BookingView:
    """Raises ProblemError 404, 403 `not_your_booking`."""
    with context.database.read() as session:
        row = readable(session, principal, booking_id)
        return view(context, row, roster.names(session, context.keys))


def readable(session: Session, principal: Principal, booking_id: str) -> BookingRow:
    """Raises ProblemError 404, 403 `not_your_booking`."""
    row = store.get(session, booking_id)
    if row is None:
        raise ProblemError(404, "not_found", "no such booking")
    if not concerns(principal, row):
        raise ProblemError(403, "not_your_booking", "only who made it, who is booked and the desk may see a booking")
    return row


def concerns(principal: Principal, row: BookingRow) -> bool:
    return principal.role != "consultant" or principal.person_id in (row.booked_by, row.consultant_id)


def view(context: Context, row: BookingRow, names: dict[str, str]) -> BookingView:
    who = store.person(context.keys, row)
    same = row.model_dump(include=set(BookingView.model_fields) - {"state", "code", "booked_by"})
    return BookingView.model_validate(
        same
        | {
            "state": shown_state(KnownBooking(row.state, row.until), context.clock()),
            "name": mask_name(who.name),
            "phone": who.phone.masked,
            "consultant_name": names.get(row.consultant_id or ""),
            "booked_by": names.get(row.booked_by, row.booked_by),
            "code": store.code(context.keys, row),
        }
    )
