"""Greetings, sightings, check-ins and decisions in the database."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete
from sqlmodel import Session, col, func, select

from contracts.events import FaceRecognised
from contracts.ids import uuid7
from gateway.asking import given, objects, put
from gateway.greetings.domain import Decision, Inputs, NumberDecision, NumberInputs
from gateway.greetings.tables import CheckInMark, FaceDecisionRow, GreetingRow, SightingRow
from gateway.visits.tables import VisitRow
from gateway.writer import UnitOfWork

_OF_VISIT = (
    select(GreetingRow)
    .where(
        GreetingRow.visit_id == given("visit"),
        GreetingRow.customer_id == given("customer"),
        GreetingRow.state != "wrong",
        GreetingRow.linked_at >= given("since"),
    )
    .order_by(col(GreetingRow.linked_at).desc())
    .limit(1)
)


def get(session: Session, greeting_id: str) -> GreetingRow | None:
    return session.get(GreetingRow, greeting_id)


def of_visit(session: Session, visit: VisitRow, customer_id: str) -> GreetingRow | None:
    """The greeting of this customer since the party last arrived on this visit."""
    known = {"visit": visit.visit_id, "customer": customer_id, "since": visit.waiting_since}
    return next(iter(objects(session, _OF_VISIT, **known)), None)


def is_face_alone(session: Session, visit: VisitRow) -> bool:
    """Whether nothing but a face says whose visit this is: no number, nobody's word, and nobody has received them."""
    if visit.customer_id is None or visit.state not in ("waiting", "offered"):
        return False
    greeting = of_visit(session, visit, visit.customer_id)
    if greeting is None or greeting.how not in ("new", "reopen") or greeting.state == "confirmed":
        return False
    return not has_number(session, visit)


def has_number(session: Session, visit: VisitRow) -> bool:
    """Whether its customer checked in since the party last arrived: by number, or by touching «that is me»."""
    typed = select(CheckInMark.mark_id).where(
        CheckInMark.visit_id == visit.visit_id,
        CheckInMark.customer_id == visit.customer_id,
        CheckInMark.at >= visit.waiting_since,
    )
    return session.exec(typed.limit(1)).first() is not None


def said_not_me(session: Session, customer_id: str) -> datetime | None:
    """When somebody last said of a greeting that it was not this customer."""
    query = select(func.max(GreetingRow.decided_at)).where(
        GreetingRow.customer_id == customer_id, GreetingRow.state == "wrong", GreetingRow.decided_by != ""
    )
    return session.exec(query).one()


def seen_at_camera(
    session: Session, node: str, camera: str, since: datetime
) -> Sequence[tuple[GreetingRow, SightingRow]]:
    """Who was recognised there since then and is not taken back."""
    query = (
        select(GreetingRow, SightingRow)
        .join(SightingRow, col(SightingRow.greeting_id) == col(GreetingRow.greeting_id))
        .where(
            SightingRow.node == node,
            SightingRow.camera == camera,
            col(SightingRow.last_seen_at) >= since,
            col(GreetingRow.state).in_(("open", "confirmed", "expired")),
        )
        .order_by(col(SightingRow.last_seen_at), col(GreetingRow.greeting_id))
    )
    return session.exec(query).all()


def sightings(session: Session, greeting_id: str) -> Sequence[SightingRow]:
    """Newest first."""
    query = select(SightingRow).where(SightingRow.greeting_id == greeting_id)
    return session.exec(query.order_by(col(SightingRow.last_seen_at).desc(), col(SightingRow.score).desc())).all()


def tracks_near(session: Session, data: FaceRecognised, begin: datetime, end: datetime) -> set[int]:
    """Tracks of that camera on which the same person was last seen after `begin` and before `end`."""
    query = (
        select(SightingRow.track)
        .join(GreetingRow, col(GreetingRow.greeting_id) == col(SightingRow.greeting_id))
        .where(
            SightingRow.node == data.node,
            SightingRow.camera == data.camera,
            SightingRow.last_seen_at > begin,
            SightingRow.last_seen_at < end,
            GreetingRow.consent_id == data.consent_id,
            col(GreetingRow.state) != "wrong",
        )
    )
    return set(session.exec(query))


def saw(uow: UnitOfWork, greeting_id: str, data: FaceRecognised, seen_at: datetime) -> None:
    """Keep what the camera saw; of one track its first and last moment, and the figures of its best."""
    row = uow.session.get(SightingRow, (greeting_id, data.node, data.camera, data.track))
    figures = data.model_dump(include={"score", "second", "threshold", "votes", "frames", "gallery", "engine", "model"})
    if row is None:
        row = SightingRow(
            greeting_id=greeting_id,
            node=data.node,
            camera=data.camera,
            track=data.track,
            first_seen_at=seen_at,
            last_seen_at=seen_at,
            **figures,
        )
    else:
        row.first_seen_at, row.last_seen_at = min(row.first_seen_at, seen_at), max(row.last_seen_at, seen_at)
        if data.score > row.score:
            for name, value in figures.items():
                setattr(row, name, value)
    uow.session.add(row)
    uow.session.flush()


def last_mark(session: Session, visit_id: str) -> CheckInMark | None:
    """How somebody last said who they are on that visit."""
    query = select(CheckInMark).where(CheckInMark.visit_id == visit_id)
    return session.exec(query.order_by(col(CheckInMark.at).desc(), col(CheckInMark.mark_id).desc()).limit(1)).first()


def marks_at(session: Session, node: str, camera: str, since: datetime) -> Sequence[CheckInMark]:
    """Check-ins at that camera's screen by which somebody said who they are, oldest first."""
    query = select(CheckInMark).where(
        CheckInMark.node == node,
        CheckInMark.camera == camera,
        col(CheckInMark.at) >= since,
        col(CheckInMark.customer_id).is_not(None),
    )
    return session.exec(query.order_by(col(CheckInMark.at), col(CheckInMark.mark_id))).all()


def keep(
    uow: UnitOfWork,
    trigger: str,
    inputs: Inputs | NumberInputs,
    decision: Decision | NumberDecision,
    greeting_id: str | None,
) -> None:
    """Store the decision with all it read."""
    put(
        uow.session,
        FaceDecisionRow,
        decision_id=uuid7(),
        kind="number" if isinstance(decision, NumberDecision) else "face",
        trigger=trigger,
        at=uow.now,
        rule=decision.rule,
        action=decision.action if isinstance(decision, Decision) else "weigh",
        greeting_id=greeting_id,
        inputs=inputs.model_dump_json(),
        decision=decision.model_dump_json(),
        policy_version=inputs.policy_version,
    )


def counted(session: Session) -> Counter[tuple[str, str]]:
    """How many recognitions ended how, by (action, rule), as far back as decisions are kept."""
    query = (
        select(FaceDecisionRow.action, FaceDecisionRow.rule, func.count())
        .where(FaceDecisionRow.kind == "face")
        .group_by(FaceDecisionRow.action, FaceDecisionRow.rule)
    )
    return Counter({(action, rule): number for action, rule, number in session.exec(query)})


def recent(session: Session, since: datetime) -> Sequence[GreetingRow]:
    """Alerts that began at `since` or later and were not taken back, newest first."""
    query = select(GreetingRow).where(
        col(GreetingRow.opened_at) >= since,
        col(GreetingRow.state).in_(("open", "confirmed")),
        col(GreetingRow.how).in_(("new", "reopen")),
    )
    return session.exec(query.order_by(col(GreetingRow.opened_at).desc())).all()


def seen_between(session: Session, begin: datetime, end: datetime) -> bool:
    """Whether somebody with an open greeting was last seen at or after `begin` and before `end`."""
    query = (
        select(SightingRow.greeting_id)
        .join(GreetingRow, col(GreetingRow.greeting_id) == col(SightingRow.greeting_id))
        .where(GreetingRow.state == "open", SightingRow.last_seen_at >= begin, SightingRow.last_seen_at < end)
    )
    return session.exec(query.limit(1)).first() is not None


def overdue(session: Session, now: datetime) -> Sequence[GreetingRow]:
    query = select(GreetingRow).where(GreetingRow.state == "open", GreetingRow.expires_at < now)
    return session.exec(query.order_by(col(GreetingRow.expires_at))).all()


def forget_before(session: Session, at: datetime) -> None:
    """Decisions, check-ins and greetings with their sightings older than `at`. Verdicts keep what they read."""
    old = select(GreetingRow.greeting_id).where(col(GreetingRow.opened_at) < at)
    session.exec(delete(SightingRow).where(col(SightingRow.greeting_id).in_(old)))
    session.exec(delete(GreetingRow).where(col(GreetingRow.opened_at) < at))
    session.exec(delete(CheckInMark).where(col(CheckInMark.at) < at))
    session.exec(delete(FaceDecisionRow).where(col(FaceDecisionRow.at) < at))
