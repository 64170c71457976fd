"""What a right code allows: one withdrawal within a few minutes, and to watch it, at the screen that sent the code."""

import secrets
from datetime import datetime

from sqlmodel import Session

from gateway.auth import Principal, token_hash
from gateway.sms.tables import GrantRow


def make(session: Session, *, phone_index: str, device_id: str, expires_at: datetime) -> str:
    grant = secrets.token_urlsafe(32)
    row = GrantRow(grant_sha256=token_hash(grant), phone_index=phone_index, device_id=device_id, expires_at=expires_at)
    session.add(row)
    return grant


def unspent(session: Session, grant: str, principal: Principal, now: datetime) -> str | None:
    """The keyed index of the proven number; None when the grant allows nothing (any more)."""
    row = _valid(session, grant, principal, now)
    return row.phone_index if row is not None and row.withdrawal_id is None else None


def spend(session: Session, grant: str, withdrawal_id: str, readable_until: datetime) -> None:
    """From now on it only reads that withdrawal, a few minutes more."""
    row = session.get(GrantRow, token_hash(grant))
    if row is not None:
        row.withdrawal_id, row.expires_at = withdrawal_id, readable_until
        session.add(row)


def reads(session: Session, grant: str, principal: Principal, withdrawal_id: str, now: datetime) -> bool:
    row = _valid(session, grant, principal, now)
    return row is not None and row.withdrawal_id == withdrawal_id


def _valid(session: Session, grant: str, principal: Principal, now: datetime) -> GrantRow | None:
    row = session.get(GrantRow, token_hash(grant))
    if row is None or row.device_id != principal.device_id or now >= row.expires_at:
        return None
    return row
