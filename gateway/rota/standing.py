"""The rota of a day as one read of the database finds it, and the inputs of a decision made from it."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from sqlalchemy import Text, type_coerce
from sqlmodel import Session, col, select

from contracts.gateway_api import TurnOrder
from gateway.asking import Columns, ask, given
from gateway.context import Context
from gateway.customers import store as customers
from gateway.localtime import local_day
from gateway.offers.tables import OfferRow
from gateway.policy import PolicyConfig
from gateway.policy import store as policies
from gateway.roster.tables import PersonRow
from gateway.rota import decisions, store
from gateway.rota.domain import order_of
from gateway.rota.model import Absence, Inputs, Override, Request, Seat, SeatState
from gateway.rota.order import in_order
from gateway.rota.presence import Presence
from gateway.rota.tables import SeatRow
from gateway.visits.tables import VisitRow

NEEDS = ("product:", "school:")
"""Tags of a customer's file that are skills asked for."""


_SEATED = (
    select(SeatRow, PersonRow.team, type_coerce(PersonRow.skills, Text).label("skills"), col(PersonRow.started_on))
    .join(PersonRow, col(PersonRow.person_id) == col(SeatRow.person_id))
    .where(SeatRow.day == given("day"), col(PersonRow.active), PersonRow.role == "consultant")
    .order_by(col(SeatRow.signed_in_at), col(SeatRow.person_id))
)
_ASKED = (
    select(OfferRow.consultant_id, VisitRow.visit_id, VisitRow.kind)
    .join(VisitRow, col(VisitRow.visit_id) == col(OfferRow.visit_id))
    .where(OfferRow.state == "pending")
)
_SERVING = select(VisitRow.consultant_id, VisitRow.visit_id, VisitRow.kind).where(
    VisitRow.state == "serving", VisitRow.state != "closed", col(VisitRow.consultant_id).is_not(None)
)


@dataclass(frozen=True, slots=True)
class Standing:
    """Who signed in and still works here, with what narrows who is called, in the order they did.

    Who is asked and who serves, by consultant: the visit, and whether the party is a returning customer.
    """

    day: str
    rows: dict[str, Columns]
    offered: dict[str, tuple[str, bool]]
    serving: dict[str, tuple[str, bool]]
    presence: Presence

    @classmethod
    def read(cls, session: Session, context: Context, day: str) -> "Standing":
        return cls(
            day,
            {row.person_id: row for row in ask(session, _SEATED, day=day)},
            {person: (visit, kind == "return") for person, visit, kind in ask(session, _ASKED)},
            {person: (visit, kind == "return") for person, visit, kind in ask(session, _SERVING)},
            context.presence,
        )

    @property
    def anyone_free(self) -> bool:
        return any(self._state(row) == "free" for row in self.rows.values())

    def can_take(self, person_id: str) -> bool:
        """Here, and with nobody."""
        row = self.rows.get(person_id)
        return row is not None and self._state(row) in ("free", "offered")

    def seats(self, session: Session, order: TurnOrder) -> tuple[Seat, ...]:
        """Everybody who signed in today, with their place in `order` and the state that offers and visits give them."""
        owed = {m.person_id: m.missed_at for m in store.open_make_ups(session, order)}
        places = store.places(session, self.day, order)
        last = store.last_turns(session, (self.day, self.day), order)
        return tuple(
            self._seat(row, places[person], owed.get(person), last.get(person))
            for person, row in self.rows.items()
            if person in places
        )

    def called_in_order(self, session: Session, now: datetime, order: TurnOrder) -> list[Seat]:
        """As they will be called, without those who signed out."""
        version, policy = policies.current(session)
        inputs = Inputs(
            request=Request(visit_id=""),
            order=order,
            seats=self.seats(session, order),
            now=now,
            arrival_time=policy.rota_opens,
            today=date.fromisoformat(self.day),
            policy_version=version,
        )
        return [seat for seat in in_order(inputs, policy) if seat.state != "signed_out"]

    def _state(self, row: Columns) -> SeatState:
        if row.person_id in self.serving:
            return "serving"
        if row.person_id in self.offered:
            return "offered"
        if row.signed_out_at is not None:
            return "signed_out"
        return "free" if row.away_reason is None else "away"

    def _seat(self, row: Columns, place: int, missed_at: datetime | None, last_turn_at: datetime | None) -> Seat:
        busy = self.serving.get(row.person_id) or self.offered.get(row.person_id)
        seen_at = self.presence.last(row.person_id)
        return Seat(
            consultant_id=row.person_id,
            place=place,
            state=self._state(row),
            free_since=row.free_since,
            seen_at=seen_at if seen_at is not None and seen_at >= row.signed_in_at else None,
            absence=absence_of(row),
            busy_with_return=busy is not None and busy[1],
            make_up_since=missed_at,
            team=row.team,
            skills=_skills(row.skills),
            started_on=row.started_on,
            last_turn_at=last_turn_at,
        )


def read_inputs(
    session: Session, context: Context, now: datetime, visit: VisitRow, override: Override | None = None
) -> Inputs:
    """All that the decision about this visit reads, from the database as it stands."""
    day = local_day(now, context.timezone)
    return inputs_of(session, context, now, visit, Standing.read(session, context, day), override)


def inputs_of(
    session: Session,
    context: Context,
    now: datetime,
    visit: VisitRow,
    found: Standing,
    override: Override | None = None,
) -> Inputs:
    version, policy = policies.current(session)
    order = order_of(visit.source, policy)
    return Inputs(
        request=_request(session, context, visit, policy),
        order=order,
        seats=found.seats(session, order),
        now=now,
        arrival_time=visit.waiting_since.astimezone(context.timezone).time(),
        today=date.fromisoformat(found.day),
        policy_version=version,
        override=override,
    )


def _request(session: Session, context: Context, visit: VisitRow, policy: PolicyConfig) -> Request:
    return Request.model_validate(
        {
            "visit_id": visit.visit_id,
            "source": visit.source,
            "owner_id": visit.owner_id,
            "returning_to": visit.returning_to,
            "asked_for": visit.asked_for,
            "needs": _needs(session, context, visit, policy),
            "asked": decisions.asks(session, visit.visit_id, visit.waiting_since),
            "steps": decisions.steps(session, visit.visit_id, visit.waiting_since),
        }
    )


def _needs(session: Session, context: Context, visit: VisitRow, policy: PolicyConfig) -> tuple[str, ...]:
    """The visitor's language when not everybody speaks it, and what the customer's file says they look for."""
    customer = None if visit.customer_id is None else customers.get(session, visit.customer_id)
    tags = [] if customer is None else customers.secrets(context.keys, customer).details.tags
    language = () if visit.language == policy.office_language else (f"language:{visit.language}",)
    return (*language, *sorted(tag for tag in tags if tag.startswith(NEEDS)))


@lru_cache(maxsize=1000)
def _skills(stored: str) -> tuple[str, ...]:
    """Of the JSON of a roster: there are as many different ones as people, and each seat has them at every decision."""
    return tuple(json.loads(stored))


def absence_of(row: Columns) -> Absence | None:
    if row.away_reason is None or row.away_since is None:
        return None
    return Absence.model_validate({"reason": row.away_reason, "since": row.away_since, "until": row.away_until})
