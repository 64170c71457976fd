"""What happens for each type of event, inside the ingest transaction.

Features register at start (`HANDLERS["queue.button.v1"].append(on_button)`). A handler that raises turns its event into
a dead letter; the stream goes on.
"""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from contracts.events import Data, Event
from gateway.writer import UnitOfWork

if TYPE_CHECKING:
    from gateway.context import Context

Handler = Callable[[UnitOfWork, "Context", Event, Data], None]
"""`event.time` is the corrected time: the gateway's own when the device's clock was wrong."""

HANDLERS: dict[str, list[Handler]] = defaultdict(list)

LATE = timedelta(minutes=2)


def is_late(event: Event, now: datetime) -> bool:
    """Late is not live: such an event corrects counts, and never raises an alert or gives a turn (design.md)."""
    return now - event.time > LATE
