"""Adds door crossings to minute sums, and sends the new sums to central, in the transaction that took the events."""

from collections import defaultdict

from contracts.events import DoorCrossing, Event
from contracts.facts import FootfallMinute
from gateway.footfall import store
from gateway.footfall.domain import Crossing, Minute, add
from gateway.footfall.store import MinuteKey
from gateway.writer import UnitOfWork


class MinuteSums:
    """What one batch adds. Central is sent one absolute sum per minute and batch, not one per event."""

    def __init__(self) -> None:
        self._added: dict[MinuteKey, list[Crossing]] = defaultdict(list)

    def add(self, node: str, device: str, event: Event, crossing: DoorCrossing) -> None:
        """`event.time` is its corrected time: a late report is counted in the minute it speaks of."""
        minute = event.time.replace(second=0, microsecond=0)
        at = Crossing(event.stream, event.sequence, crossing.count_in, crossing.count_out)
        self._added[MinuteKey(minute, node, device, crossing.line)].append(at)

    def write(self, uow: UnitOfWork) -> None:
        if not self._added:
            return
        connection = uow.session.connection()
        before = store.load(connection, self._added)
        after = {key: add(before[key], crossings) for key, crossings in self._added.items()}
        changed = {key: sums for key, sums in after.items() if sums is not before[key]}
        store.save(connection, changed)
        for key, sums in changed.items():
            tell(uow, key, sums)
        uow.changed("floor")
        self._added.clear()


def tell(uow: UnitOfWork, key: MinuteKey, sums: Minute) -> None:
    """Send one minute to central as it stands now."""
    uow.uplink(
        FootfallMinute(
            device=f"{key.node}/{key.device}",
            line=key.line,
            minute=key.minute,
            count_in=sums.count_in,
            count_out=sums.count_out,
            revision=sums.revision,
            through=sums.through,
        )
    )
