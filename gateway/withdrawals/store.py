"""Withdrawals as the database keeps them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func
from sqlmodel import Session, col, select

from contracts.faces_api import NodeConfirmation, Withdrawal
from gateway.consents import store as consents
from gateway.withdrawals.domain import Word
from gateway.withdrawals.tables import ForgottenRow, WithdrawalNode, WithdrawalRow

PAGE = 200


def get(session: Session, withdrawal_id: str) -> WithdrawalRow | None:
    return session.get(WithdrawalRow, withdrawal_id)


def page(session: Session, state: str | None) -> Sequence[WithdrawalRow]:
    """The newest, at most `PAGE`; pending ones, oldest first, all of them."""
    query = select(WithdrawalRow)
    if state == "pending":
        return session.exec(query.where(WithdrawalRow.state == state).order_by(WithdrawalRow.withdrawal_id)).all()
    if state is not None:
        query = query.where(WithdrawalRow.state == state)
    return session.exec(query.order_by(col(WithdrawalRow.withdrawal_id).desc()).limit(PAGE)).all()


def pending(session: Session) -> int:
    query = select(func.count()).select_from(WithdrawalRow).where(WithdrawalRow.state == "pending")
    return session.exec(query).one()


def nodes(session: Session, withdrawal_id: str) -> Sequence[WithdrawalNode]:
    query = select(WithdrawalNode).where(WithdrawalNode.withdrawal_id == withdrawal_id)
    return session.exec(query.order_by(WithdrawalNode.node)).all()


def waiting_for(session: Session, node: str) -> Sequence[WithdrawalNode]:
    """Every withdrawal that still waits for that node's word."""
    query = select(WithdrawalNode).where(WithdrawalNode.node == node, WithdrawalNode.state == "pending")
    return session.exec(query.order_by(WithdrawalNode.withdrawal_id)).all()


def words(session: Session, node: str, consent_ids: Sequence[str]) -> list[Word]:
    query = select(ForgottenRow).where(ForgottenRow.node == node, col(ForgottenRow.consent_id).in_(consent_ids))
    return [Word(row.consent_id, row.templates, row.at) for row in session.exec(query)]


def issued_on(session: Session, prefix: str) -> int:
    """Certificates whose number begins so."""
    query = select(func.count()).select_from(WithdrawalRow)
    return session.exec(query.where(col(WithdrawalRow.certificate_no).startswith(prefix, autoescape=True))).one()


def forget_before(session: Session, completed_before: datetime) -> None:
    """Old withdrawals with their certificates, and what nodes confirmed before then."""
    old = select(WithdrawalRow.withdrawal_id).where(
        WithdrawalRow.state == "complete", col(WithdrawalRow.completed_at) < completed_before
    )
    session.exec(delete(WithdrawalNode).where(col(WithdrawalNode.withdrawal_id).in_(old)))
    session.exec(delete(WithdrawalRow).where(col(WithdrawalRow.withdrawal_id).in_(old)))
    session.exec(delete(ForgottenRow).where(col(ForgottenRow.at) < completed_before))


def confirmation(row: WithdrawalNode) -> NodeConfirmation:
    same = {"node", "state", "vault", "templates", "at", "by"}
    return NodeConfirmation.model_validate(row.model_dump(include=same))


def view(session: Session, row: WithdrawalRow) -> Withdrawal:
    same = {
        "withdrawal_id",
        "state",
        "requested_at",
        "requested_by",
        "cause",
        "stops_by",
        "completed_at",
        "certificate_no",
    }
    return Withdrawal.model_validate(
        {
            **row.model_dump(include=same),
            "consent_ids": [c.consent_id for c in consents.of_withdrawal(session, row.withdrawal_id)],
            "nodes": [confirmation(node) for node in nodes(session, row.withdrawal_id)],
        }
    )
