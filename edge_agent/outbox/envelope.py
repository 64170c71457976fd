"""An event as the outbox stores it: the JSON of `contracts.events.Event` without `stream` and `sequence`.

Put together from parts that are valid already: building and checking the model again took half of an append.
"""

from contracts.events import Data
from edge_agent.clock import Stamp


def envelope(data: Data, *, event_id: str, source: str, stamp: Stamp) -> str:
    """`source` and the stamp's boot id are plain names: nothing in them needs escaping."""
    time = stamp.time.isoformat().replace("+00:00", "Z")
    synced = "true" if stamp.synced else "false"
    return (
        f'{{"specversion":"1.0","id":"{event_id}","source":"{source}","type":"{data.TYPE}","time":"{time}",'
        f'"datacontenttype":"application/json","bootid":"{stamp.boot_id}","monotonicms":{stamp.monotonic_ms},'
        f'"clocksync":{synced},"data":{data.model_dump_json()}}}'
    )
