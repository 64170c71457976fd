"""Reviews in the database, and how one begins, grows and is put away."""

import json
from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, func, select

from contracts.ids import uuid7
from gateway.greetings import store as greetings
from gateway.greetings.domain import ReviewKind
from gateway.greetings.tables import GreetingRow
from gateway.policy import store as policies
from gateway.reviews.domain import PAIRS, Fact, kind_of
from gateway.reviews.tables import CandidateRow, ReviewRow
from gateway.writer import UnitOfWork


def get(session: Session, review_id: str) -> ReviewRow | None:
    return session.get(ReviewRow, review_id)


def page(session: Session, state: str | None, limit: int) -> Sequence[ReviewRow]:
    """Newest first."""
    query = select(ReviewRow).order_by(col(ReviewRow.opened_at).desc(), col(ReviewRow.review_id).desc()).limit(limit)
    return session.exec(query if state is None else query.where(ReviewRow.state == state)).all()


def count_open(session: Session) -> int:
    return session.exec(select(func.count()).select_from(ReviewRow).where(ReviewRow.state == "open")).one()


def overdue(session: Session, opened_before: datetime) -> Sequence[ReviewRow]:
    """Questions about who is here. Whether two files are one person may still be answered tomorrow."""
    return session.exec(
        select(ReviewRow).where(
            ReviewRow.state == "open",
            col(ReviewRow.kind).not_in(PAIRS),
            col(ReviewRow.opened_at) < opened_before,
        )
    ).all()


def on_visit(session: Session, visit_id: str) -> ReviewRow | None:
    """The open review about that visit."""
    return session.exec(select(ReviewRow).where(ReviewRow.state == "open", ReviewRow.visit_id == visit_id)).first()


def about_consent(session: Session, consent_id: str) -> ReviewRow | None:
    """The open review about a consent whose customer is gone."""
    return session.exec(select(ReviewRow).where(ReviewRow.state == "open", ReviewRow.consent_id == consent_id)).first()


def open_of_greeting(session: Session, greeting: GreetingRow) -> ReviewRow | None:
    """The open review that the greeting is evidence in."""
    review = get(session, greeting.review_id) if greeting.review_id else None
    return review if review is not None and review.state == "open" else None


def naming(session: Session, customer_id: str) -> ReviewRow | None:
    """The open review that has this customer as a candidate because of their face."""
    query = (
        select(ReviewRow)
        .join(CandidateRow, col(CandidateRow.review_id) == col(ReviewRow.review_id))
        .where(
            ReviewRow.state == "open",
            CandidateRow.customer_id == customer_id,
            col(CandidateRow.greeting_id).is_not(None),
        )
    )
    return session.exec(query.order_by(col(ReviewRow.opened_at).desc())).first()


def candidates(session: Session, review_id: str) -> Sequence[CandidateRow]:
    return session.exec(select(CandidateRow).where(CandidateRow.review_id == review_id)).all()


def facts(row: CandidateRow) -> list[Fact]:
    found: list[Fact] = json.loads(row.evidence)
    return found


def has_number(session: Session, review_id: str) -> bool:
    """Whether a typed number is among what contradicts itself."""
    return any(fact["code"] == "number" for row in candidates(session, review_id) for fact in facts(row))


def begin(uow: UnitOfWork, kind: ReviewKind, *, visit_id: str | None, consent_id: str | None = None) -> ReviewRow:
    version, _ = policies.current(uow.session)
    review = ReviewRow(
        review_id=uuid7(),
        kind=kind,
        state="open",
        opened_at=uow.now,
        visit_id=visit_id,
        consent_id=consent_id,
        policy_version=version,
    )
    _store(uow, review)
    return review


def add_number(uow: UnitOfWork, review: ReviewRow, customer_id: str, at: datetime) -> None:
    """The customer whose number was typed."""
    fact: Fact = {"code": "number", "at": at.isoformat()}
    uow.session.merge(CandidateRow(review_id=review.review_id, customer_id=customer_id, evidence=json.dumps([fact])))
    uow.session.flush()


def add_face(uow: UnitOfWork, review: ReviewRow, greeting: GreetingRow) -> None:
    """The customer that the cameras recognised, with the figures of each track; the kind of question follows."""
    seen: list[Fact] = [
        {
            "code": "face",
            "at": sighting.first_seen_at.isoformat(),
            "camera": sighting.camera,
            "score": sighting.score,
            "threshold": sighting.threshold,
            "second": sighting.second,
            "votes": sighting.votes,
            "frames": sighting.frames,
        }
        for sighting in greetings.sightings(uow.session, greeting.greeting_id)
    ]
    uow.session.merge(
        CandidateRow(
            review_id=review.review_id,
            customer_id=greeting.customer_id,
            greeting_id=greeting.greeting_id,
            evidence=json.dumps(seen),
        )
    )
    uow.session.flush()
    greeting.review_id = review.review_id
    uow.session.add(greeting)
    review.kind = kind_of(facts(row) for row in candidates(uow.session, review.review_id))
    _store(uow, review)


def put_away(uow: UnitOfWork, review: ReviewRow, reason: str) -> None:
    """Nobody needs to answer any more; `reason` says why."""
    review.state, review.decided_at, review.reason = "expired", uow.now, reason
    _store(uow, review)


def answered(uow: UnitOfWork, review: ReviewRow, by: str, decision: str | None, reason: str) -> None:
    review.state, review.decided_at, review.decided_by = "decided", uow.now, by
    review.decision, review.reason = decision, reason
    _store(uow, review)


def _store(uow: UnitOfWork, review: ReviewRow) -> None:
    uow.session.add(review)
    uow.session.flush()
    uow.changed("greetings")
    uow.changed("floor")
