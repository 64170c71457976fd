"""Drafts in the database, encrypted."""

from datetime import datetime

from sqlalchemy import delete as sql_delete
from sqlmodel import Session, col

from contracts.gateway_api import Draft
from gateway.drafts.tables import DraftRow
from gateway.keys import Keys
from gateway.writer import UnitOfWork


def put(uow: UnitOfWork, keys: Keys, draft_id: str, draft: Draft) -> None:
    body = keys.encrypt(draft.model_dump_json(), record=_record(draft_id))
    uow.session.merge(DraftRow(draft_id=draft_id, body=body, updated_at=uow.now))


def get(session: Session, keys: Keys, draft_id: str, oldest: datetime) -> Draft | None:
    """None when unknown or last written before `oldest`."""
    row = session.get(DraftRow, draft_id)
    if row is None or row.updated_at < oldest:
        return None
    return Draft.model_validate_json(keys.decrypt(row.body, record=_record(draft_id)))


def delete(uow: UnitOfWork, draft_id: str) -> None:
    uow.session.exec(sql_delete(DraftRow).where(col(DraftRow.draft_id) == draft_id))


def forget_before(uow: UnitOfWork, oldest: datetime) -> None:
    uow.session.exec(sql_delete(DraftRow).where(col(DraftRow.updated_at) < oldest))


def _record(draft_id: str) -> str:
    return f"draft:{draft_id}"
