"""Merges of files, told back to a gateway that was restored or made anew."""

from collections.abc import Collection

from contracts.down_api import MergeDown
from gateway.customers import aliases
from gateway.customers import store as customers
from gateway.customers.tables import MergeRow
from gateway.writer import UnitOfWork


def bring_back(uow: UnitOfWork, told: MergeDown) -> Collection[str]:
    """The files that it changes; none where the office knows better.

    Head office has neither who merged them nor why, and of the kept file only the owner that both have together.
    """
    row = uow.session.get(MergeRow, told.merge_id)
    if row is None:
        row = _unknown(uow, told)
    elif row.revision >= told.revision:
        return ()
    if told.state == aliases.MERGED and _contradicts(uow, told):
        return ()
    row.state, row.revision = told.state, told.revision
    if told.state == "ended":
        row.ended_at = told.at
    elif row.decided_at is None:
        row.decided_at = told.at
    uow.session.add(row)
    _changed(uow)
    return (row.kept_id, row.merged_id)


def forget(uow: UnitOfWork, merge_id: str) -> Collection[str]:
    row = uow.session.get(MergeRow, merge_id)
    if row is None:
        return ()
    uow.session.delete(row)
    _changed(uow)
    return (row.kept_id, row.merged_id)


def _unknown(uow: UnitOfWork, told: MergeDown) -> MergeRow:
    kept = customers.file(uow.session, told.kept_id)
    return MergeRow(
        merge_id=told.merge_id,
        kept_id=told.kept_id,
        merged_id=told.merged_id,
        state=told.state,
        reason="",
        proposed_at=told.at,
        proposed_by="",
        kept_owner_id=None if kept is None else kept.owner_id,
    )


def _contradicts(uow: UnitOfWork, told: MergeDown) -> bool:
    """Files form stars (ADR 042): another live merge has one of them where this one cannot have it."""
    return any(
        live.merged_id in (told.kept_id, told.merged_id) or live.kept_id == told.merged_id
        for live in aliases.touching(uow.session, told.kept_id, told.merged_id)
    )


def _changed(uow: UnitOfWork) -> None:
    uow.session.flush()
    aliases.changed(uow.session)
