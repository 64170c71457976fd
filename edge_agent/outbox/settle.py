"""What acknowledgements, forks and holes do to the outbox."""

from dataclasses import dataclass, replace

from contracts.events import Tombstone
from contracts.ids import uuid7
from contracts.messages import Ack
from edge_agent.clock import Stamp
from edge_agent.outbox.transaction import Transaction

PRUNED = "pruned"


@dataclass(frozen=True, slots=True)
class Row:
    """One stored event as the sender needs it."""

    sequence: int
    covers_from: int
    body: str


def settle(tx: Transaction, ack: Ack, committed: int) -> None:
    """Remember how far the receiver is, `committed` as `Delivery` understood it, and forget what is safe."""
    if ack.stream != tx.state.stream:
        return
    # `safe` is the receiver's own word: rows made below an earlier `safe` (a hole told again) must outlive it.
    gone = tx.connection.execute(
        "DELETE FROM events WHERE stream=? AND sequence<=?", (ack.stream, min(ack.safe, tx.state.last))
    )
    tx.rows -= gone.rowcount
    tx.state = replace(tx.state, committed=committed, safe=ack.safe, epoch=ack.epoch)


def start_new_stream(tx: Transaction) -> str:
    """Leave a stream that is no longer taken. What is not safe keeps its id and is numbered from 1 again.

    Tombstones are about the old numbers and stay behind. What was offered in the old stream counts as offered in the
    new one: the receiver may know it by its id.
    """
    fresh = uuid7()
    tx.connection.execute("DELETE FROM events WHERE type=?", (Tombstone.TYPE,))
    (offered,) = tx.connection.execute(
        "SELECT count(*) FROM events WHERE sequence<=?", (max(tx.state.offered, tx.state.committed),)
    ).fetchone()
    tx.connection.execute(
        """UPDATE events SET stream=?1, sequence=place, covers_from=place
           FROM (SELECT id AS old, row_number() OVER (ORDER BY sequence) AS place FROM events) WHERE id=old""",
        (fresh,),
    )
    (count,) = tx.connection.execute("SELECT count(*) FROM events").fetchone()
    tx.rows, tx.folded_through = count, 0
    tx.state = replace(
        tx.state, stream=fresh, next_sequence=count + 1, committed=0, safe=0, offered=offered, epoch=None
    )
    return fresh


def reserve(tx: Transaction, through: int) -> int:
    """Promise durably that rows up to `through` may leave the machine from now on."""
    tx.state = replace(tx.state, offered=max(tx.state.offered, through))
    return tx.state.offered


def plug_hole(tx: Transaction, after: int, stamp: Stamp) -> None:
    """Say that what the receiver asks for is gone: a tombstone from `after` + 1 to just before the first row kept."""
    row = tx.connection.execute(
        "SELECT covers_from FROM events WHERE stream=? AND sequence>? ORDER BY sequence LIMIT 1",
        (tx.state.stream, after),
    ).fetchone()
    through = (row[0] if row else tx.state.next_sequence) - 1
    if through > after:
        tx.entomb(after + 1, through, PRUNED, stamp)
