"""Appeals in the database. `record` is the only way a change leaves it: revision and uplink fact."""

from collections.abc import Sequence
from typing import Literal

from sqlmodel import Session, col, select

from contracts.appeal_result import AppealResult
from contracts.appeals_api import AppealView
from contracts.facts import AppealRecorded
from gateway.appeals.tables import AppealRow
from gateway.keys import Keys
from gateway.writer import UnitOfWork

_SAME = {
    "appeal_id",
    "revision",
    "visit_id",
    "verdict_id",
    "party_kind",
    "party_id",
    "agent_id",
    "state",
    "filed_at",
    "decided_at",
    "result_verdict_id",
}


def get(session: Session, appeal_id: str) -> AppealRow | None:
    return session.get(AppealRow, appeal_id)


def against(session: Session, verdict_id: str, party_id: str) -> AppealRow | None:
    """What that party filed against that verdict."""
    query = select(AppealRow).where(AppealRow.verdict_id == verdict_id, AppealRow.party_id == party_id)
    return session.exec(query).first()


def open_of_consultants(session: Session, visit_id: str) -> bool:
    """Whether a consultant's appeal about that visit waits for its decision."""
    query = select(AppealRow.appeal_id).where(
        AppealRow.visit_id == visit_id, AppealRow.party_kind == "consultant", AppealRow.state == "open"
    )
    return session.exec(query.limit(1)).first() is not None


def page(
    session: Session, *, state: str | None, party_id: str | None, cursor: str | None, limit: int
) -> Sequence[AppealRow]:
    """Newest first; `cursor` is the last appeal id of the page before."""
    query = select(AppealRow).order_by(col(AppealRow.appeal_id).desc()).limit(limit)
    if state is not None:
        query = query.where(AppealRow.state == state)
    if party_id is not None:
        query = query.where(AppealRow.party_id == party_id)
    if cursor is not None:
        query = query.where(AppealRow.appeal_id < cursor)
    return session.exec(query).all()


def record(uow: UnitOfWork, keys: Keys, row: AppealRow, result: AppealResult | None = None) -> None:
    """`result`: the verdict after the decision as a channel may read it."""
    row.revision += 1
    uow.session.add(row)
    sealer = keys.sealer
    uow.uplink(
        AppealRecorded.model_validate(
            {
                **row.model_dump(include=_SAME | {"decided_by"}),
                "sealed_text": sealer.seal(text(keys, row), record=row.appeal_id),
                "sealed_reason": sealer.seal(reason(keys, row), record=row.appeal_id) if row.reason else "",
                "result": result,
            }
        )
    )


def blank(keys: Keys, row: AppealRow) -> None:
    """What both sides wrote is erased; an empty text says so."""
    row.text = keys.encrypt("", record=record_of(row.appeal_id, "text"))
    row.reason = None


def view(keys: Keys, row: AppealRow, names: dict[str, str]) -> AppealView:
    return AppealView.model_validate(
        {
            **row.model_dump(include=_SAME),
            "party_name": names.get(row.party_id, ""),
            "text": text(keys, row),
            "filed_by": names.get(row.filed_by, row.filed_by),
            "decided_by": names.get(row.decided_by or "", ""),
            "reason": reason(keys, row),
        }
    )


def record_of(appeal_id: str, column: Literal["text", "reason"]) -> str:
    return f"appeal:{appeal_id}:{column}"


def text(keys: Keys, row: AppealRow) -> str:
    return keys.decrypt(row.text, record=record_of(row.appeal_id, "text"))


def reason(keys: Keys, row: AppealRow) -> str:
    return "" if row.reason is None else keys.decrypt(row.reason, record=record_of(row.appeal_id, "reason"))
