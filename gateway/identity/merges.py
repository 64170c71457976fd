"""Merging two files that are one person's, and un-merging them. Nothing of either file is rewritten."""

from datetime import datetime

from sqlmodel import Session, col, or_, select

from contracts.facts import CustomerMerged
from contracts.identity_api import MergePage, MergeRequest, MergeState, MergeView
from contracts.ids import uuid7
from gateway import etags
from gateway.attribution.again import judge_again
from gateway.attribution.holders import owner_now
from gateway.auth import Principal, may
from gateway.context import Context
from gateway.customers import aliases, shown
from gateway.customers import store as customers
from gateway.customers.tables import CustomerRow, MergeRow
from gateway.identity.merging import SAID, Alias, refusal
from gateway.problems import ProblemError
from gateway.reviews import pairs
from gateway.roster import store as roster
from gateway.writer import UnitOfWork


def propose(uow: UnitOfWork, context: Context, principal: Principal, request: MergeRequest) -> MergeRow:
    """A manager's is done at once; anybody else's waits for a manager.

    Raises ProblemError 404, 409 `proposed_already` or a `Refusal` of `merging`.
    """
    for customer_id in (request.kept_id, request.merged_id):
        if customers.file(uow.session, customer_id) is None:
            raise ProblemError(404, "not_found", "no such customer")
    _check(uow.session, request.kept_id, request.merged_id)
    if open_between(uow.session, request.kept_id, request.merged_id) is not None:
        raise ProblemError(409, "proposed_already", "a manager is asked about these two files already")
    row = MergeRow(
        merge_id=uuid7(),
        kept_id=request.kept_id,
        merged_id=request.merged_id,
        state="proposed",
        reason=request.reason,
        proposed_at=uow.now,
        proposed_by=_who(principal),
    )
    uow.session.add(row)
    uow.session.flush()
    if may(principal, "manager"):
        _merge(uow, context, principal, row, "")
    return row


def accept(uow: UnitOfWork, context: Context, principal: Principal, merge_id: str, seen: str, reason: str) -> MergeRow:
    """Raises ProblemError 404, 412 `changed_meanwhile`, 409 `decided` or a `Refusal` of `merging`."""
    row = _to_change(uow.session, merge_id, seen, "proposed")
    _check(uow.session, row.kept_id, row.merged_id)
    _merge(uow, context, principal, row, reason)
    return row


def refuse(uow: UnitOfWork, principal: Principal, merge_id: str, seen: str, reason: str) -> MergeRow:
    """They are two people. Raises ProblemError 404, 412 `changed_meanwhile`, 409 `decided`."""
    row = _to_change(uow.session, merge_id, seen, "proposed")
    _decide(uow, principal, row, "refused", reason)
    return row


def end(uow: UnitOfWork, context: Context, principal: Principal, merge_id: str, seen: str, reason: str) -> MergeRow:
    """Un-merge: each file is by itself again, as it was. Raises ProblemError 404, 412, 409 `decided`."""
    row = _to_change(uow.session, merge_id, seen, aliases.MERGED)
    row.state, row.ended_at, row.ended_by, row.end_reason = "ended", uow.now, _who(principal), reason
    _store(uow, row)
    kept = _file(uow.session, row.kept_id)
    kept.owner_id = _left_with(uow.session, context, row)
    customers.record(uow, context.keys, kept)
    _tell(uow, row, uow.now)
    judge_again(uow, context, [row.kept_id, row.merged_id])
    return row


def _left_with(session: Session, context: Context, ended: MergeRow) -> str | None:
    """Who owns the kept file once that merge has ended: whoever did before, or by the other files merged."""
    if aliases.below(session, [ended.kept_id]):
        owner = owner_now(session, context, ended.kept_id)
        if owner is not None and not owner.ended:
            return owner.consultant_id
    return ended.kept_owner_id


def open_between(session: Session, one: str, other: str) -> MergeRow | None:
    """The proposal about these two files, whichever is to be kept."""
    pair = (one, other)
    return session.exec(
        select(MergeRow).where(
            MergeRow.state == "proposed", col(MergeRow.kept_id).in_(pair), col(MergeRow.merged_id).in_(pair)
        )
    ).first()


def told_apart(session: Session, one: str, other: str) -> bool:
    """A manager said that these two files are two people."""
    pair = (one, other)
    between = (col(MergeRow.kept_id).in_(pair), col(MergeRow.merged_id).in_(pair))
    return (
        session.exec(select(MergeRow).where(col(MergeRow.state).in_(("refused", "ended")), *between)).first()
        is not None
    )


def page(
    context: Context, state: MergeState | None, customer_id: str | None, cursor: str | None, limit: int
) -> MergePage:
    """Newest first; `cursor` is the last merge id of the page before. `customer_id`: on either side."""
    query = select(MergeRow).order_by(col(MergeRow.merge_id).desc()).limit(limit)
    if state is not None:
        query = query.where(MergeRow.state == state)
    if customer_id is not None:
        query = query.where(or_(MergeRow.kept_id == customer_id, MergeRow.merged_id == customer_id))
    if cursor is not None:
        query = query.where(MergeRow.merge_id < cursor)
    with context.database.read() as session:
        items = [view(session, context, row) for row in session.exec(query)]
    return MergePage(items=items, next_cursor=items[-1].merge_id if len(items) == limit else None)


def one(context: Context, merge_id: str) -> MergeView:
    """Raises ProblemError 404."""
    with context.database.read() as session:
        return view(session, context, _get(session, merge_id))


def view(session: Session, context: Context, row: MergeRow) -> MergeView:
    names = roster.names(session, context.keys)
    same = row.model_dump(include=set(MergeView.model_fields) - {"kept", "merged"})
    people = {field: names.get(same[field], same[field]) for field in ("proposed_by", "decided_by", "ended_by")}
    files = {
        side: shown.view(session, context, _file(session, customer_id), names)
        for side, customer_id in (("kept", row.kept_id), ("merged", row.merged_id))
    }
    return MergeView.model_validate({**same, **people, **files})


def _merge(uow: UnitOfWork, context: Context, principal: Principal, row: MergeRow, reason: str) -> None:
    kept, merged = _file(uow.session, row.kept_id), _file(uow.session, row.merged_id)
    others = aliases.below(uow.session, [row.kept_id])
    row.kept_owner_id = others[0].kept_owner_id if others else kept.owner_id
    _decide(uow, principal, row, "merged", reason)
    if kept.owner_id is None:
        kept.owner_id = merged.owner_id
    customers.record(uow, context.keys, kept)
    pairs.put_away(uow, row.kept_id, row.merged_id)
    _tell(uow, row, uow.now)
    judge_again(uow, context, [row.kept_id])


def _decide(uow: UnitOfWork, principal: Principal, row: MergeRow, state: MergeState, reason: str) -> None:
    row.state, row.decided_at, row.decided_by, row.decision_reason = state, uow.now, _who(principal), reason
    _store(uow, row)


def _store(uow: UnitOfWork, row: MergeRow) -> None:
    row.revision += 1
    uow.session.add(row)
    uow.session.flush()
    aliases.changed(uow.session)
    uow.changed("floor")
    uow.changed("greetings")


def _tell(uow: UnitOfWork, row: MergeRow, at: datetime) -> None:
    same = row.model_dump(include={"merge_id", "revision", "kept_id", "merged_id", "state"})
    uow.uplink(CustomerMerged.model_validate({**same, "at": at}))


def _check(session: Session, kept_id: str, merged_id: str) -> None:
    standing = (Alias(row.kept_id, row.merged_id) for row in aliases.touching(session, kept_id, merged_id))
    code = refusal(Alias(kept_id, merged_id), standing)
    if code is not None:
        raise ProblemError(409, code, SAID[code])


def _to_change(session: Session, merge_id: str, seen: str, state: MergeState | str) -> MergeRow:
    row = _get(session, merge_id)
    etags.check(seen, row.revision)
    if row.state != state:
        raise ProblemError(409, "decided", f"this merge is {row.state}")
    return row


def _get(session: Session, merge_id: str) -> MergeRow:
    row = session.get(MergeRow, merge_id)
    if row is None:
        raise ProblemError(404, "not_found", "no such merge")
    return row


def _file(session: Session, customer_id: str) -> CustomerRow:
    row = customers.file(session, customer_id)
    if row is None:
        raise ProblemError(404, "not_found", "no such customer")
    return row


def _who(principal: Principal) -> str:
    return principal.person_id or principal.device_id or ""
