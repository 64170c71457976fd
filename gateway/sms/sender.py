"""Where text messages go. One sender a file's worth; a real one is added here and named in the configuration."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import delete
from sqlmodel import Session, col, select

from contracts.faces_api import SimulatedMessage
from contracts.ids import uuid7
from contracts.values import Phone
from gateway.config import SmsConfig
from gateway.keys import Keys
from gateway.sms.tables import SimulatedMessageRow
from gateway.writer import UnitOfWork


@dataclass(frozen=True, slots=True)
class TextMessage:
    to: Phone
    text: str


class SmsSender(Protocol):
    """Sends for an office. Called in the transaction that makes the code; a sender that talks to a network does so
    after the commit (`uow.after_commit`) and away from the event loop."""

    def send(self, uow: UnitOfWork, message: TextMessage) -> None: ...


class SimulatedSender:
    """Keeps messages, encrypted, for whoever holds the demo's telephone."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    def send(self, uow: UnitOfWork, message: TextMessage) -> None:
        message_id = uuid7()
        row = SimulatedMessageRow(
            message_id=message_id,
            at=uow.now,
            to=self._keys.encrypt(message.to, record=_record(message_id, "to")),
            text=self._keys.encrypt(message.text, record=_record(message_id, "text")),
        )
        uow.session.add(row)


def sender_of(config: SmsConfig, keys: Keys) -> SmsSender | None:
    """None: this office sends no messages."""
    return SimulatedSender(keys) if config.sender == "simulated" else None


def simulated(session: Session, keys: Keys, *, cursor: str | None, limit: int) -> list[SimulatedMessage]:
    """Newest first; `cursor` is the last message id of the page before."""
    query = select(SimulatedMessageRow).order_by(col(SimulatedMessageRow.message_id).desc()).limit(limit)
    rows = session.exec(query if cursor is None else query.where(SimulatedMessageRow.message_id < cursor))
    return [
        SimulatedMessage(
            message_id=row.message_id,
            at=row.at,
            to=keys.decrypt(row.to, record=_record(row.message_id, "to")),
            text=keys.decrypt(row.text, record=_record(row.message_id, "text")),
        )
        for row in rows
    ]


def forget_before(session: Session, at: datetime) -> None:
    session.exec(delete(SimulatedMessageRow).where(col(SimulatedMessageRow.at) < at))


def _record(message_id: str, column: str) -> str:
    return f"sms:{message_id}:{column}"
