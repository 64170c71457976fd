"""Questions whether two files are one person: asked once a pair; yes proposes a merge, and nothing merges by itself."""

import json
from collections.abc import Iterator, Mapping, Sequence

from sqlmodel import Session, col, select

from gateway.greetings.domain import ReviewKind
from gateway.reviews import store
from gateway.reviews.domain import PAIRS, Fact
from gateway.reviews.tables import CandidateRow, ReviewRow
from gateway.writer import UnitOfWork


def ask(
    uow: UnitOfWork,
    kind: ReviewKind,
    evidence: Mapping[str, Sequence[str]],
    *,
    rule: str,
    consent_id: str | None = None,
) -> None:
    """`evidence`: of each of the two files the codes of what speaks for it. Answered once, never asked again.

    A key that two files share is more than a likeness: it is asked about even where the likeness was.
    """
    one, other = sorted(evidence)
    if any(review.kind == kind for review in _between(uow.session, one, other)):
        return
    review = store.begin(uow, kind, visit_id=None, consent_id=consent_id)
    for customer_id, codes in evidence.items():
        said: list[Fact] = [{"code": code, "at": uow.now.isoformat(), "rule": rule} for code in codes]
        row = CandidateRow(review_id=review.review_id, customer_id=customer_id, evidence=json.dumps(said))
        uow.session.add(row)
    uow.session.flush()


def about(session: Session, one: str, other: str) -> str | None:
    """The newest question about these two files."""
    return max((review.review_id for review in _between(session, one, other)), default=None)


def put_away(uow: UnitOfWork, one: str, other: str) -> None:
    """They were merged: nobody needs to answer any more."""
    for review in list(_between(uow.session, one, other)):
        if review.state == "open":
            store.put_away(uow, review, "merged")


def _between(session: Session, one: str, other: str) -> Iterator[ReviewRow]:
    mine = select(CandidateRow.review_id).where(CandidateRow.customer_id == one)
    both = select(CandidateRow.review_id).where(
        CandidateRow.customer_id == other, col(CandidateRow.review_id).in_(mine)
    )
    query = select(ReviewRow).where(col(ReviewRow.review_id).in_(both), col(ReviewRow.kind).in_(PAIRS))
    yield from session.exec(query)
