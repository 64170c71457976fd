"""The rota in the database."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from contracts.gateway_api import TurnDecision
from contracts.ids import uuid7
from gateway.offers.tables import OfferRow
from gateway.roster.tables import PersonRow
from gateway.rota.domain import Absence, Ask, Decision, Inputs, Seat, SeatState
from gateway.rota.tables import MakeUpRow, SeatRow, TurnDecisionRow
from gateway.visits.tables import VisitRow
from gateway.writer import UnitOfWork


def seat_rows(session: Session, day: str) -> Sequence[SeatRow]:
    """Who signed in that day and still works here, in the order of the ring."""
    works_here = select(PersonRow.person_id).where(col(PersonRow.active), PersonRow.role == "consultant")
    query = select(SeatRow).where(SeatRow.day == day, col(SeatRow.person_id).in_(works_here))
    return session.exec(query.order_by(col(SeatRow.place))).all()


def seat_row(session: Session, day: str, person_id: str) -> SeatRow | None:
    return session.get(SeatRow, (day, person_id))


@dataclass(frozen=True, slots=True)
class Standing:
    """The rota of a day as one read finds it: rows by consultant, who is asked, who serves which visit, who is owed."""

    rows: dict[str, SeatRow]
    offered: set[str]
    serving: dict[str | None, str]
    owed: dict[str, datetime]

    @property
    def seats(self) -> list[Seat]:
        """Everybody who signed in today, with the state that offers and visits give them."""
        return [_seat(row, _state(row, self), self.owed.get(row.person_id)) for row in self.rows.values()]


def standing(session: Session, day: str) -> Standing:
    return Standing(
        {row.person_id: row for row in seat_rows(session, day)},
        set(session.exec(select(OfferRow.consultant_id).where(OfferRow.state == "pending"))),
        dict(session.exec(select(VisitRow.consultant_id, VisitRow.visit_id).where(VisitRow.state == "serving")).all()),
        {m.person_id: m.missed_at for m in open_make_ups(session)},
    )


def seats(session: Session, day: str) -> list[Seat]:
    return standing(session, day).seats


def open_make_ups(session: Session) -> Sequence[MakeUpRow]:
    return session.exec(select(MakeUpRow).where(col(MakeUpRow.used_at).is_(None))).all()


def last_place(session: Session, day: str) -> int:
    return session.exec(select(func.max(SeatRow.place)).where(SeatRow.day == day)).one() or 0


def asks(session: Session, visit_id: str) -> tuple[Ask, ...]:
    """Who was already offered this visit. Offers withdrawn were never an answer."""
    query = select(OfferRow).where(OfferRow.visit_id == visit_id, OfferRow.state != "withdrawn")
    return tuple(
        Ask(consultant_id=o.consultant_id, at=o.offered_at, to_all=o.to_all, declined=o.state == "declined")
        for o in session.exec(query.order_by(col(OfferRow.offer_id)))
    )


def apply(uow: UnitOfWork, day: str, visit_id: str, decision: Decision) -> None:
    """Move the ring and keep the make-ups that the decision gave or used."""
    place = last_place(uow.session, day)
    for person_id in decision.to_end:
        row = seat_row(uow.session, day, person_id)
        if row is not None:
            place += 1
            row.place = place
            uow.session.add(row)
    for person_id in decision.make_ups_opened:
        owe(uow, person_id, visit_id)
    for owed in open_make_ups(uow.session):
        if owed.person_id == decision.make_up_used:
            owed.used_at = uow.now
            uow.session.add(owed)


def owe(uow: UnitOfWork, person_id: str, visit_id: str) -> None:
    """Open a make-up for a missed turn; one at a time each."""
    if all(owed.person_id != person_id for owed in open_make_ups(uow.session)):
        uow.session.add(MakeUpRow(make_up_id=uuid7(), person_id=person_id, visit_id=visit_id, missed_at=uow.now))
        uow.session.flush()


def keep(uow: UnitOfWork, inputs: Inputs, decision: Decision, offer_id: str | None) -> None:
    """Store the decision with all it read."""
    uow.session.add(
        TurnDecisionRow(
            decision_id=uuid7(),
            visit_id=inputs.request.visit_id,
            decided_at=uow.now,
            offer_id=offer_id,
            rule=decision.rule,
            uses_turn=decision.uses_turn,
            inputs=inputs.model_dump_json(),
            decision=decision.model_dump_json(),
            policy_version=inputs.policy_version,
        )
    )


def decisions(session: Session, visit_id: str) -> Sequence[TurnDecisionRow]:
    """Oldest first."""
    query = select(TurnDecisionRow).where(TurnDecisionRow.visit_id == visit_id)
    return session.exec(query.order_by(col(TurnDecisionRow.decision_id))).all()


def was_decided(session: Session, visit_id: str) -> bool:
    query = select(TurnDecisionRow.decision_id).where(TurnDecisionRow.visit_id == visit_id).limit(1)
    return session.exec(query).first() is not None


def decision_view(row: TurnDecisionRow, names: dict[str, str]) -> TurnDecision:
    made = Decision.model_validate_json(row.decision)
    return TurnDecision(
        decided_at=row.decided_at,
        offer_id=row.offer_id,
        rule=row.rule,
        uses_turn=row.uses_turn,
        candidates=[c.model_copy(update={"name": names.get(c.consultant_id, "")}) for c in made.candidates],
    )


def turns_of(session: Session, day: str) -> Counter[tuple[str, str]]:
    """How many turns each consultant was offered that day, by (consultant, how it ended)."""
    query = select(OfferRow.consultant_id, OfferRow.state, func.count()).where(
        OfferRow.day == day, col(OfferRow.uses_turn), OfferRow.state != "withdrawn"
    )
    grouped = session.exec(query.group_by(OfferRow.consultant_id, OfferRow.state))
    return Counter({(person, state): count for person, state, count in grouped})


def free_again(uow: UnitOfWork, day: str, person_id: str) -> None:
    """They may be asked anew for whatever waits."""
    row = seat_row(uow.session, day, person_id)
    if row is not None:
        row.free_since = uow.now
        uow.session.add(row)


def _state(row: SeatRow, found: Standing) -> SeatState:
    if row.person_id in found.serving:
        return "serving"
    if row.person_id in found.offered:
        return "offered"
    if row.signed_out_at is not None:
        return "signed_out"
    return "free" if row.away_reason is None else "away"


def _seat(row: SeatRow, state: SeatState, missed_at: datetime | None) -> Seat:
    return Seat(
        consultant_id=row.person_id,
        place=row.place,
        state=state,
        free_since=row.free_since,
        absence=absence_of(row),
        make_up_since=missed_at,
    )


def absence_of(row: SeatRow) -> Absence | None:
    if row.away_reason is None or row.away_since is None:
        return None
    return Absence.model_validate({"reason": row.away_reason, "since": row.away_since, "until": row.away_until})
