"""A badge read at a door: who carries it works here or is no customer, and leaves the net count with the reason."""

from sqlmodel import Session, col, select

from contracts.events import BadgeRead, Data, Event
from contracts.ids import uuid7
from gateway.context import Context
from gateway.ingest.handlers import is_late
from gateway.policy import store as policies
from gateway.visits import book
from gateway.visits.signals import STAFF, Signal
from gateway.visits.tables import SignalRow
from gateway.writer import UnitOfWork


def on_badge(uow: UnitOfWork, context: Context, event: Event, data: Data) -> None:
    """Handler of `badge.read.v1`: one person more at the door who is no customer, also when it is told late.

    On the way out nobody came in. The same badge again within `badge_door_seconds` is the same passage.
    """
    if not isinstance(data, BadgeRead):
        raise TypeError(f"expected BadgeRead, got {type(data).__name__}")
    badge = f"badge:{data.badge}"
    if data.leaving or _read_already(uow.session, badge, event):
        return
    signal = Signal(
        signal_id=uuid7(),
        at=event.time,
        kind="mark",
        late=is_late(event, uow.now),
        reason=STAFF if data.kind == "staff" else data.reason,
        how="badge",
    )
    book.mark_people(uow, context, signal, by=badge, note="")


def _read_already(session: Session, badge: str, event: Event) -> bool:
    reach = policies.current(session)[1].badge_door
    session.flush()
    same = select(SignalRow.signal_id).where(
        SignalRow.kind == "mark",
        SignalRow.by == badge,
        col(SignalRow.at) >= event.time - reach,
        col(SignalRow.at) <= event.time + reach,
    )
    return session.exec(same.limit(1)).first() is not None
