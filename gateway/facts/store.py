"""Follow-ups and sales in the database."""

from contracts.gateway_api import TimelineEntry
from gateway.facts.tables import FollowUpRow, SaleRow
from gateway.keys import Keys


def follow_up(keys: Keys, row: FollowUpRow, names: dict[str, str]) -> TimelineEntry:
    """One that reached nobody is titled `follow_up.{channel}.missed`."""
    return TimelineEntry(
        at=row.at,
        kind="follow_up",
        title=f"follow_up.{row.channel}" + ("" if row.reached else ".missed"),
        by=names.get(row.consultant_id, ""),
        text=read_note(keys, row),
    )


def sale(row: SaleRow, names: dict[str, str]) -> TimelineEntry:
    return TimelineEntry(
        at=row.at,
        kind="sale",
        title=f"sale.{row.kind}",
        by=names.get(row.consultant_id, ""),
        text=row.unit_ref,
        amount_fen=row.amount_fen,
    )


def note_record(fact_id: str) -> str:
    return f"follow_up:{fact_id}"


def read_note(keys: Keys, row: FollowUpRow) -> str:
    return "" if row.note is None else keys.decrypt(row.note, record=note_record(row.fact_id))
