"""Verdicts in the database, and the evidence that the office itself holds."""

import json
from collections.abc import Iterable, Sequence

from sqlmodel import Session, col, select

from contracts.events import VerdictRecorded
from contracts.gateway_api import RuleNote, VerdictView
from contracts.ids import uuid7
from gateway.attribution.domain import FACE, Contact, Evidence, FaceMatch, Received, Signal, Verdict
from gateway.attribution.tables import VerdictRow
from gateway.facts.tables import FollowUpRow
from gateway.greetings.tables import GreetingRow, SightingRow
from gateway.roster.tables import PersonRow
from gateway.visits.tables import VisitRow
from gateway.writer import UnitOfWork


def evidence(session: Session, visit: VisitRow) -> Evidence:
    """All that is known of the visit's customer, in no particular order."""
    departed = session.exec(select(PersonRow.person_id).where(col(PersonRow.active).is_(False))).all()
    return Evidence.model_validate(
        {
            "visit_id": visit.visit_id,
            "customer_id": visit.customer_id,
            "visit_kind": visit.kind,
            "arrived_at": visit.opened_at,
            "departed": frozenset(departed),
            "signals": tuple(_signals(session, visit)),
            "face": _face(session, visit),
        }
    )


def newest(session: Session, visit_id: str) -> VerdictRow | None:
    query = select(VerdictRow).where(VerdictRow.visit_id == visit_id).order_by(col(VerdictRow.verdict_id).desc())
    return session.exec(query.limit(1)).first()


def of_visit(session: Session, visit_id: str) -> Sequence[VerdictRow]:
    """Oldest first."""
    query = select(VerdictRow).where(VerdictRow.visit_id == visit_id).order_by(col(VerdictRow.verdict_id))
    return session.exec(query).all()


def append(uow: UnitOfWork, weighed: Evidence, verdict: Verdict, policy_version: int) -> None:
    """A new verdict beside the earlier ones."""
    row = VerdictRow(
        verdict_id=uuid7(),
        visit_id=weighed.visit_id,
        made_at=uow.now,
        source=verdict.source,
        owner_id=verdict.owner_id,
        rule=verdict.rule,
        evidence=weighed.model_dump_json(),
        rules=json.dumps([note.model_dump() for note in verdict.rules]),
        policy_version=policy_version,
    )
    uow.session.add(row)
    lost = [{"rule": n.rule, "outcome": n.outcome, "reason": n.reason} for n in verdict.rules if n.outcome != "won"]
    uow.uplink(
        VerdictRecorded(
            verdict_id=row.verdict_id,
            visit_id=row.visit_id,
            made_at=row.made_at,
            source=verdict.source,
            owner_id=verdict.owner_id,
            rule=verdict.rule,
            lost_rules=lost,
            policy_version=policy_version,
        )
    )


def names_face(rules: Iterable[RuleNote]) -> bool:
    """Whether a consented face match was among the evidence."""
    return any(note.rule == FACE for note in rules)


def view(row: VerdictRow, names: dict[str, str]) -> VerdictView:
    same = row.model_dump(include={"verdict_id", "visit_id", "made_at", "source", "owner_id", "rule", "policy_version"})
    return VerdictView.model_validate({**same, "owner_name": names.get(row.owner_id or ""), "rules": notes(row)})


def notes(row: VerdictRow) -> list[RuleNote]:
    return [RuleNote.model_validate(note) for note in json.loads(row.rules)]


def _face(session: Session, visit: VisitRow) -> FaceMatch | None:
    """The best moment of the greeting that this visit's customer was recognised by, unless it was taken back."""
    found = session.exec(
        select(SightingRow)
        .join(GreetingRow, col(GreetingRow.greeting_id) == col(SightingRow.greeting_id))
        .where(
            GreetingRow.visit_id == visit.visit_id,
            GreetingRow.customer_id == visit.customer_id,
            GreetingRow.state != "wrong",
        )
        .order_by(col(SightingRow.score).desc(), col(SightingRow.first_seen_at))
        .limit(1)
    ).first()
    if found is None:
        return None
    return FaceMatch(
        at=found.first_seen_at, node=found.node, camera=found.camera, score=found.score, threshold=found.threshold
    )


def _signals(session: Session, visit: VisitRow) -> list[Signal]:
    if visit.customer_id is None:
        visits: Sequence[VisitRow] = [visit]
        contacts: Sequence[FollowUpRow] = []
    else:
        visits = session.exec(select(VisitRow).where(VisitRow.customer_id == visit.customer_id)).all()
        contacts = session.exec(select(FollowUpRow).where(FollowUpRow.customer_id == visit.customer_id)).all()
    received: list[Signal] = [
        Received.model_validate(
            {"at": v.accepted_at, "visit_id": v.visit_id, "consultant_id": v.consultant_id, "source": v.source}
        )
        for v in visits
        if v.accepted_at is not None and v.consultant_id is not None
    ]
    return received + [Contact(at=c.at, consultant_id=c.consultant_id, reached=c.reached) for c in contacts]
