"""Adds door crossings to minute sums, and sends the new sums to central, in the transaction that took the events."""

from collections import defaultdict
from datetime import datetime

from contracts.events import DoorCrossing, FootfallMinute
from gateway.footfall import store
from gateway.footfall.store import MinuteKey
from gateway.writer import UnitOfWork


class MinuteSums:
    """What one batch adds. Central is sent one absolute sum per minute and batch, not one per event."""

    def __init__(self) -> None:
        self._added: dict[MinuteKey, list[int]] = defaultdict(lambda: [0, 0])

    def add(self, node: str, device: str, time: datetime, crossing: DoorCrossing) -> None:
        """`time` is the corrected time of the event: a late report is counted in the minute it speaks of."""
        added = self._added[MinuteKey(time.replace(second=0, microsecond=0), node, device, crossing.line)]
        added[0] += crossing.count_in
        added[1] += crossing.count_out

    def write(self, uow: UnitOfWork) -> None:
        connection = uow.session.connection()
        for key, (came, left) in self._added.items():
            count_in, count_out, revision = store.add(connection, key, came, left)
            uow.uplink(
                FootfallMinute(
                    device=f"{key.node}/{key.device}",
                    line=key.line,
                    minute=key.minute,
                    count_in=count_in,
                    count_out=count_out,
                    revision=revision,
                )
            )
        if self._added:
            uow.changed("floor")
        self._added.clear()
