"""An event as the outbox stores it: the JSON of `contracts.events.Event` without `stream` and `sequence`.

Put together from parts that are valid already: building and checking the model again took half of an append.
"""

from datetime import datetime
from functools import lru_cache

from contracts.events import Data
from edge_agent.clock import Stamp


def envelope(data: Data, *, event_id: str, source: str, stamp: Stamp) -> str:
    """`source` and the stamp's boot id are plain names: nothing in them needs escaping."""
    synced = "true" if stamp.synced else "false"
    return (
        f'{{"specversion":"1.0","id":"{event_id}","source":"{source}","type":"{data.TYPE}","time":"{_text(stamp.time)}",'
        f'"datacontenttype":"application/json","bootid":"{stamp.boot_id}","monotonicms":{stamp.monotonic_ms},'
        f'"clocksync":{synced},"data":{data.__pydantic_serializer__.to_json(data).decode()}}}'
    )


@lru_cache(maxsize=1)
def _text(time: datetime) -> str:
    """Of one reading many events may come: they bear one time."""
    return time.isoformat().replace("+00:00", "Z")
