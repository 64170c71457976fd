"""Codes as the database keeps them."""

from datetime import datetime

from sqlalchemy import delete, func, update
from sqlmodel import Session, col, select

from gateway.sms.tables import CodeRow, GrantRow


def sent_to(session: Session, phone_index: str, since: datetime) -> int:
    query = select(func.count()).select_from(CodeRow)
    return session.exec(query.where(CodeRow.phone_index == phone_index, CodeRow.sent_at > since)).one()


def sent_by(session: Session, device_id: str, since: datetime) -> int:
    query = select(func.count()).select_from(CodeRow)
    return session.exec(query.where(CodeRow.device_id == device_id, CodeRow.sent_at > since)).one()


def replace_earlier(session: Session, phone_index: str) -> None:
    session.exec(update(CodeRow).where(col(CodeRow.phone_index) == phone_index).values(replaced=True))


def forget_before(session: Session, at: datetime) -> None:
    session.exec(delete(CodeRow).where(col(CodeRow.sent_at) < at))
    session.exec(delete(GrantRow).where(col(GrantRow.expires_at) < at))
