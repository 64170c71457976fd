"""What of one stream may be taken now: contiguous, once, and only while the outbox is not forked. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from central.ingest.batch import Candidate


@dataclass(slots=True)
class StreamPlan:
    """`committed`: where the stream stands once `take` is written. Nothing is taken from a forked stream."""

    committed: int
    take: list[Candidate] = field(default_factory=list)
    duplicates: int = 0
    forked: bool = False


def plan_stream(committed: int, recorded: Mapping[int, str], candidates: Sequence[Candidate]) -> StreamPlan:
    """`recorded` holds the event ids already taken, by sequence, at least for the candidates' sequences.

    A sequence at or below `committed` without a recorded id was settled by a tombstone: the late event is a duplicate.
    """
    plan = StreamPlan(committed)
    ids = dict(recorded)
    for candidate in sorted(candidates, key=lambda c: c.sequence):
        known = ids.get(candidate.sequence)
        if known is not None and known != candidate.event_id:
            return StreamPlan(committed, forked=True)
        if candidate.sequence <= plan.committed:
            plan.duplicates += 1
        elif candidate.first <= plan.committed + 1:
            plan.take.append(candidate)
            plan.committed = candidate.sequence
            ids[candidate.sequence] = candidate.event_id
        else:
            break
    return plan
