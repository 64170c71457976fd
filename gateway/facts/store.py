"""Follow-ups and sales in the database."""

from collections.abc import Collection

from sqlmodel import Session, col, select

from contracts.gateway_api import TimelineEntry
from gateway.facts.tables import FollowUpRow, SaleRow
from gateway.keys import Keys


def timeline(session: Session, keys: Keys, customer_ids: Collection[str], names: dict[str, str]) -> list[TimelineEntry]:
    """In no particular order. A follow-up that reached nobody is titled `follow_up.{channel}.missed`."""
    calls = session.exec(select(FollowUpRow).where(col(FollowUpRow.customer_id).in_(customer_ids)))
    sales = session.exec(select(SaleRow).where(col(SaleRow.customer_id).in_(customer_ids)))
    return [
        TimelineEntry(
            at=row.at,
            kind="follow_up",
            title=f"follow_up.{row.channel}" + ("" if row.reached else ".missed"),
            by=names.get(row.consultant_id, ""),
            text=read_note(keys, row),
        )
        for row in calls
    ] + [
        TimelineEntry(
            at=row.at,
            kind="sale",
            title=f"sale.{row.kind}",
            by=names.get(row.consultant_id, ""),
            text=row.unit_ref,
            amount_fen=row.amount_fen,
        )
        for row in sales
    ]


def note_record(fact_id: str) -> str:
    return f"follow_up:{fact_id}"


def read_note(keys: Keys, row: FollowUpRow) -> str:
    return "" if row.note is None else keys.decrypt(row.note, record=note_record(row.fact_id))
