"""Verdicts in the database."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlmodel import Session, col, func, select

from contracts.facts import VerdictRecorded
from contracts.gateway_api import RuleNote, VerdictView
from contracts.ids import uuid7
from gateway.asking import Columns, among, ask, given, objects, put
from gateway.attribution.domain import Verdict
from gateway.attribution.evidence import Evidence, Marked
from gateway.attribution.gate import GATE
from gateway.attribution.notes import FACE
from gateway.attribution.tables import RulingRow, VerdictRow
from gateway.visits.tables import SignalRow
from gateway.writer import UnitOfWork

_CLAIMS_TOLD = 500
_COLUMNS = {"source", "owner_id", "rule", "rules"}
Said = Columns
"""`visit_id`, `customer_id`, `made_at`, `source`, `channel_id` and `answer` of a verdict."""

_OF_VISIT = select(VerdictRow).where(VerdictRow.visit_id == given("visit"))
_NEWEST = _OF_VISIT.order_by(col(VerdictRow.verdict_id).desc()).limit(1)
_SAID = (
    select(VerdictRow)
    .with_only_columns(
        col(VerdictRow.visit_id),
        col(VerdictRow.customer_id),
        col(VerdictRow.made_at),
        col(VerdictRow.source),
        col(VerdictRow.channel_id),
        col(VerdictRow.answer),
    )
    .where(col(VerdictRow.visit_id).in_(among("visits")))
    .order_by(col(VerdictRow.verdict_id))
)
_MARKED = (
    select(SignalRow.visit_id, func.max(SignalRow.at).label("at"))
    .where(SignalRow.kind == "mark", col(SignalRow.visit_id).in_(among("visits")))
    .group_by(col(SignalRow.visit_id))
)
_RULINGS = select(RulingRow).where(col(RulingRow.visit_id).in_(among("visits"))).order_by(col(RulingRow.ruling_id))


def newest(session: Session, visit_id: str) -> VerdictRow | None:
    return next(iter(objects(session, _NEWEST, visit=visit_id)), None)


def of_visit(session: Session, visit_id: str) -> Sequence[VerdictRow]:
    """Oldest first."""
    return session.exec(_OF_VISIT.order_by(col(VerdictRow.verdict_id)), params={"visit": visit_id}).all()


def of_visits(session: Session, visit_ids: Sequence[str]) -> dict[str, list[Said]]:
    """Oldest first, without their evidence; a visit that was never judged has none."""
    found: dict[str, list[Said]] = {visit_id: [] for visit_id in visit_ids}
    for row in ask(session, _SAID, visits=list(visit_ids)):
        found[row.visit_id].append(row)
    return found


def get(session: Session, verdict_id: str) -> VerdictRow | None:
    return session.get(VerdictRow, verdict_id)


def weighed(row: VerdictRow) -> Evidence | None:
    """What the verdict read; None when it was erased or made before the evidence had this form."""
    try:
        return Evidence.model_validate_json(row.evidence)
    except ValidationError:
        return None


def rulings(session: Session, visit_ids: Sequence[str]) -> dict[str, list[Columns]]:
    """All their columns, oldest first; a visit that nobody ruled on has none."""
    found: dict[str, list[Columns]] = {visit_id: [] for visit_id in visit_ids}
    for row in ask(session, _RULINGS, visits=list(visit_ids)):
        found[row.visit_id].append(row)
    return found


def marked(session: Session, visits: Sequence[Columns]) -> tuple[Marked, ...]:
    """Of those visits (`visit_id`, `non_customer`), the ones marked as no customers' now, each as it was said last."""
    reasons = {visit.visit_id: visit.non_customer for visit in visits if visit.non_customer is not None}
    if not reasons:
        return ()
    rows = ask(session, _MARKED, visits=list(reasons))
    return tuple(Marked(at=row.at, visit_id=row.visit_id, reason=reasons[row.visit_id]) for row in rows)


def ruling_record(ruling_id: str) -> str:
    return f"ruling:{ruling_id}"


def between(session: Session, since: datetime, until: datetime) -> Iterator[VerdictRow]:
    """Made at or after `since` and before `until`, in the order they were made."""
    query = select(VerdictRow).where(col(VerdictRow.made_at) >= since, col(VerdictRow.made_at) < until)
    yield from session.exec(query.order_by(col(VerdictRow.verdict_id)).execution_options(yield_per=200))


def append(uow: UnitOfWork, weighed: Evidence, verdict: Verdict, policy_version: int, appeal_until: datetime) -> None:
    """A new verdict beside the earlier ones, open to appeal up to `appeal_until`, last instant in."""
    verdict_id = uuid7()
    put(
        uow.session,
        VerdictRow,
        verdict_id=verdict_id,
        visit_id=weighed.visit_id,
        customer_id=weighed.customer_id,
        made_at=uow.now,
        source=verdict.source,
        owner_id=verdict.owner_id,
        rule=verdict.rule,
        channel_id=verdict.channel_id,
        answer=verdict.model_dump_json(exclude=_COLUMNS),
        evidence=weighed.model_dump_json(),
        rules=json.dumps([note.model_dump() for note in verdict.rules]),
        policy_version=policy_version,
    )
    lost = [{"rule": n.rule, "outcome": n.outcome, "reason": n.reason} for n in verdict.rules if n.outcome != "won"]
    named = {"source", "owner_id", "rule", "channel_id", "agent_id", "referrer_id", "claim_id"}
    uow.uplink(
        VerdictRecorded.model_validate(
            {
                **verdict.model_dump(include=named),
                "verdict_id": verdict_id,
                "visit_id": weighed.visit_id,
                "made_at": uow.now,
                "lost_rules": lost,
                "policy_version": policy_version,
                "appeal_until": appeal_until,
                "claims": weighed_claims(verdict),
            }
        )
    )


def weighed_claims(verdict: Verdict) -> list[dict[str, Any]]:
    """What became of each claim, by opaque id: who made one may read that of theirs."""
    listed = [claim for note in verdict.rules for claim in note.facts.get("claims", ())]
    return [
        {
            "claim_id": claim["claim_id"],
            "outcome": _outcome(verdict, claim),
            "reason": _why(verdict, claim),
            "at": claim["at"],
        }
        for claim in listed[:_CLAIMS_TOLD]
    ]


def _outcome(verdict: Verdict, claim: dict[str, Any]) -> str:
    if claim["claim_id"] == verdict.claim_id:
        return "won"
    return "conflict" if claim["claim_id"] in verdict.conflict else "lost"


def _why(verdict: Verdict, claim: dict[str, Any]) -> str:
    won = next((note.reason for note in verdict.rules if note.outcome == "won"), "")
    return won if claim["claim_id"] == verdict.claim_id else claim["lost_by"] or won


def said(row: VerdictRow) -> Verdict:
    """The verdict as it was made."""
    kept = {"source": row.source, "owner_id": row.owner_id, "rule": row.rule, "rules": notes(row)}
    return Verdict.model_validate({**answer(row), **kept})


def answer(row: VerdictRow | Said) -> dict[str, Any]:
    known: dict[str, Any] = json.loads(row.answer)
    return known


def stated(rules: Iterable[RuleNote]) -> list[RuleNote]:
    """What the visitor's own answers came to."""
    return [note for note in rules if note.rule == GATE]


def names_face(rules: Iterable[RuleNote]) -> bool:
    """Whether a consented face match was among the evidence."""
    return any(note.rule == FACE for note in rules)


def view(row: VerdictRow, names: dict[str, str]) -> VerdictView:
    same = row.model_dump(include={"verdict_id", "visit_id", "made_at", "source", "owner_id", "rule", "policy_version"})
    return VerdictView.model_validate(
        {**answer(row), **same, "owner_name": names.get(row.owner_id or ""), "rules": notes(row)}
    )


def notes(row: VerdictRow) -> list[RuleNote]:
    return [RuleNote.model_validate(note) for note in json.loads(row.rules)]
