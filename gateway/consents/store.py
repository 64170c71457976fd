"""Consents, refusals and check-ins as the database keeps them."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import delete, func, update
from sqlmodel import Session, col, or_, select

from contracts.faces_api import ConsentText, ConsentView, Guardian
from gateway.asking import ask, given
from gateway.consents.tables import (
    ConsentRow,
    ConsentTextRow,
    EnrolmentRow,
    FaceAct,
    KioskCheckIn,
    RefusalRow,
)
from gateway.customers import aliases
from gateway.keys import Keys

_GUARDIAN = TypeAdapter(Guardian)


def get(session: Session, consent_id: str) -> ConsentRow | None:
    return session.get(ConsentRow, consent_id)


def by_person_ref(session: Session, person_ref: str) -> ConsentRow | None:
    """Who a node saw; ended consents too, so that a late sight can be told from an unknown one."""
    return session.exec(select(ConsentRow).where(ConsentRow.person_ref == person_ref)).first()


def of_customer(session: Session, customer_id: str) -> Sequence[ConsentRow]:
    """On whichever of the person's files, newest first."""
    query = select(ConsentRow).where(col(ConsentRow.customer_id).in_(aliases.group(session, customer_id)))
    return session.exec(query.order_by(col(ConsentRow.given_at).desc())).all()


def of_withdrawal(session: Session, withdrawal_id: str) -> Sequence[ConsentRow]:
    query = select(ConsentRow).where(ConsentRow.withdrawal_id == withdrawal_id)
    return session.exec(query.order_by(col(ConsentRow.given_at))).all()


def may_have_template(session: Session, consent: ConsentRow) -> bool:
    """Whether a camera was ever asked to enrol under it: what it took may lie in the vault, said or not yet said."""
    if consent.enrolled_at is not None:
        return True
    row = session.get(EnrolmentRow, consent.consent_id)
    return row is not None and row.node != ""


def forgettable(session: Session, consents: Sequence[ConsentRow]) -> list[ConsentRow]:
    """Those whose deletion is still to be proven: nodes are told of each, and nothing waits for words on others.

    Left out is what is being deleted already, what every node has long been told, and what no camera ever worked for.
    """
    return [
        consent
        for consent in consents
        if consent.withdrawal_id is None
        and not consent.settled
        and (consent.state != "ended" or may_have_template(session, consent))
    ]


def templates_kept(consents: Sequence[ConsentRow]) -> bool:
    """Whether a template of any of them may still lie in the vault."""
    return any(consent.enrolled_at is not None and not consent.settled for consent in consents)


def over_at(session: Session, now: datetime, limit: int) -> Sequence[ConsentRow]:
    """Living consents whose time has passed, oldest first."""
    query = select(ConsentRow).where(ConsentRow.state != "ended", ConsentRow.until <= now)
    return session.exec(query.order_by(col(ConsentRow.until)).limit(limit)).all()


def waiting_since(session: Session, given_before: datetime) -> Sequence[ConsentRow]:
    """Consents without a template, given before that time."""
    return session.exec(
        select(ConsentRow).where(ConsentRow.state == "granted", ConsentRow.given_at < given_before)
    ).all()


def next_deadlines(session: Session) -> tuple[datetime | None, datetime | None]:
    """The next `until` of all that live, and when the oldest consent without a template was given."""
    return ask(session, _NEXT_OVER).scalar(), ask(session, _OLDEST_GRANT).scalar()


def count(session: Session, state: str) -> int:
    query = select(func.count()).select_from(ConsentRow).where(ConsentRow.state == state)
    if state != "ended":
        query = query.where(ConsentRow.state != "ended")
    return session.exec(query).one()


def ended_since(session: Session, at: datetime) -> int:
    query = select(func.count()).select_from(ConsentRow).where(col(ConsentRow.ended_at) >= at)
    return session.exec(query).one()


def keep_text(session: Session, text: ConsentText, now: datetime) -> None:
    """The words themselves, so that a record can be read back when settings have changed."""
    if session.get(ConsentTextRow, text.sha256) is None:
        session.add(
            ConsentTextRow(
                sha256=text.sha256,
                version=text.version,
                language=text.language,
                body=text.model_dump_json(),
                first_at=now,
            )
        )


_REFUSED = (
    select(RefusalRow.day)
    .where(
        RefusalRow.day == given("day"),
        or_(RefusalRow.visit_id == given("visit"), RefusalRow.phone_index == given("phone")),
    )
    .limit(1)
)
_NEXT_OVER = select(func.min(ConsentRow.until)).where(ConsentRow.state != "ended")
_OLDEST_GRANT = select(func.min(ConsentRow.given_at)).where(ConsentRow.state == "granted")


def refused(session: Session, day: str, visit_id: str, phone_index: str) -> bool:
    return ask(session, _REFUSED, day=day, visit=visit_id, phone=phone_index).first() is not None


def refusals(session: Session, day: str) -> int:
    return session.exec(select(func.count()).select_from(RefusalRow).where(RefusalRow.day == day)).one()


def forget(session: Session, *, today: str, checkins_before: datetime, acts_before: datetime) -> None:
    """Refusals of earlier days, check-ins nobody may be asked about any more, and old acts."""
    session.exec(delete(RefusalRow).where(col(RefusalRow.day) < today))
    session.exec(delete(KioskCheckIn).where(col(KioskCheckIn.at) < checkins_before))
    session.exec(delete(FaceAct).where(col(FaceAct.at) < acts_before))


def forget_ended(session: Session, ended_before: datetime) -> None:
    """Records of consents whose proof nobody may ask for any more."""
    old = select(ConsentRow.consent_id).where(
        ConsentRow.state == "ended", col(ConsentRow.settled).is_(True), col(ConsentRow.ended_at) < ended_before
    )
    session.exec(delete(EnrolmentRow).where(col(EnrolmentRow.consent_id).in_(old)))
    session.exec(delete(ConsentRow).where(col(ConsentRow.consent_id).in_(old)))


def settle_untracked(session: Session, ended_before: datetime) -> None:
    """Ended without a withdrawal and long told: nodes that missed it compare digests and begin anew."""
    session.exec(
        update(ConsentRow)
        .where(
            col(ConsentRow.settled).is_(False),
            col(ConsentRow.state) == "ended",
            col(ConsentRow.withdrawal_id).is_(None),
            col(ConsentRow.ended_at) < ended_before,
        )
        .values(settled=True)
    )


def forget_previews(session: Session, deadline_before: datetime) -> None:
    session.exec(
        update(EnrolmentRow)
        .where(col(EnrolmentRow.preview_token).is_not(None), col(EnrolmentRow.deadline) < deadline_before)
        .values(preview_token=None, preview_port=None)
    )


def seal_guardian(keys: Keys, consent_id: str, guardian: Guardian) -> bytes:
    return keys.encrypt(guardian.model_dump_json(), record=_guardian_record(consent_id))


def open_guardian(keys: Keys, consent: ConsentRow) -> Guardian | None:
    """Never logged. Raises DecryptError."""
    if consent.guardian is None:
        return None
    return _GUARDIAN.validate_json(keys.decrypt(consent.guardian, record=_guardian_record(consent.consent_id)))


def view(consent: ConsentRow) -> ConsentView:
    same = {
        "consent_id",
        "state",
        "text_version",
        "language",
        "given_at",
        "until",
        "ended_at",
        "end_cause",
        "engine",
        "withdrawal_id",
    }
    return ConsentView.model_validate(
        {**consent.model_dump(include=same), "by_guardian": consent.under_14},
    )


def _guardian_record(consent_id: str) -> str:
    return f"consent:{consent_id}:guardian"
