"""The evidence of a visit, from what the office holds and what central sent."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

from sqlmodel import Session, col, or_, select

from gateway.asking import Columns, among, ask, given
from gateway.attribution import store
from gateway.attribution.evidence import (
    Assigned,
    Called,
    Came,
    Contact,
    Departed,
    Evidence,
    FaceMatch,
    Member,
    OwnerClaim,
    Received,
    Referral,
    Registration,
    Ruled,
    Scan,
    Signal,
    Standing,
    Stated,
)
from gateway.attribution.marked import in_force, of_customers
from gateway.attribution.ownership import customer_of
from gateway.attribution.tables import (
    AgentScanRow,
    AssignmentRow,
    BuyingPartyRow,
    CallRow,
    GateAnswerRow,
    OwnerClaimRow,
    ReferralRow,
    RegistrationRow,
)
from gateway.customers import aliases
from gateway.customers.tables import CustomerRow
from gateway.facts.tables import FollowUpRow
from gateway.greetings.tables import GreetingRow, SightingRow
from gateway.roster.tables import PersonRow
from gateway.visits.tables import VisitRow

Visits = Sequence[Columns]
"""Columns of `_VISITS`."""
Links = Sequence[Columns]
"""Columns of buying parties."""
Told = Mapping[str, Sequence[store.Said]]
"""Verdicts by visit, oldest first."""
People = Mapping[str, str]
"""Every file of the buying party, with the file that speaks for it: merged files are one person's."""

_VISITS = select(VisitRow).with_only_columns(
    col(VisitRow.visit_id),
    col(VisitRow.customer_id),
    col(VisitRow.kind),
    col(VisitRow.opened_at),
    col(VisitRow.accepted_at),
    col(VisitRow.closed_at),
    col(VisitRow.consultant_id),
    col(VisitRow.project),
    col(VisitRow.non_customer),
)
_THIS_VISIT = _VISITS.where(col(VisitRow.visit_id) == given("visit"))
_THEIR_VISITS = _VISITS.where(col(VisitRow.customer_id).in_(among("files")))
_PARTIES = select(BuyingPartyRow.party_id).where(col(BuyingPartyRow.customer_id).in_(among("files"))).distinct()
_LINKS = select(BuyingPartyRow).where(col(BuyingPartyRow.party_id).in_(_PARTIES))
_FILES = select(CustomerRow.customer_id, CustomerRow.phone_index, CustomerRow.phone37_index).where(
    col(CustomerRow.customer_id).in_(among("files"))
)
_CALLS = select(CallRow).where(col(CallRow.customer_id).in_(among("files")))
_CONTACTS = select(FollowUpRow).where(col(FollowUpRow.customer_id).in_(among("files")))
_ASSIGNED = select(AssignmentRow).where(col(AssignmentRow.customer_id).in_(among("files")))
_DEPARTED = select(PersonRow.person_id, PersonRow.left_at).where(col(PersonRow.left_at).is_not(None))
_CLAIMS = select(OwnerClaimRow).where(col(OwnerClaimRow.visit_id).in_(among("visits")))
_REGISTRATIONS = select(RegistrationRow).where(
    or_(
        col(RegistrationRow.phone_index).in_(among("full")),
        col(RegistrationRow.phone_index).is_(None) & col(RegistrationRow.phone37_index).in_(among("masked")),
    )
)
_REFERRALS = select(ReferralRow).where(col(ReferralRow.phone_index).in_(among("full")))
_SCANS = select(AgentScanRow).where(AgentScanRow.visit_id == given("visit"))
_STATED = select(GateAnswerRow).where(GateAnswerRow.visit_id == given("visit"))
_FACES = (
    select(SightingRow)
    .join(GreetingRow, col(GreetingRow.greeting_id) == col(SightingRow.greeting_id))
    .where(
        GreetingRow.visit_id == given("visit"),
        col(GreetingRow.customer_id).in_(among("files")),
        GreetingRow.state != "wrong",
    )
    .order_by(col(SightingRow.score).desc(), col(SightingRow.first_seen_at))
    .limit(1)
)


def evidence(session: Session, visit: VisitRow, now: datetime) -> Evidence:
    """All that is known of the visitor and their buying party, in no particular order. Nothing else is read."""
    links = _links(session, visit.customer_id)
    named = [visit.customer_id] if visit.customer_id else []
    people = aliases.groups(session, [*named, *(link.customer_id for link in links)])
    visits = _visits(session, visit, people)
    told = store.of_visits(session, [v.visit_id for v in visits])
    files = ask(session, _FILES, files=list(people)).all()
    face, scans = _face(session, visit), _scans(session, visit)
    signs = [visit.arrived_at, *(s.at for s in scans if not s.refused), *([] if face is None else [face.at])]
    return Evidence.model_validate(
        {
            "visit_id": visit.visit_id,
            "project": visit.project,
            "visit_kind": visit.kind,
            "party": _party(visit.customer_id, links, people),
            "arrived_at": min(signs),
            "signals": (
                *(_came(v, told, people) for v in visits if v.customer_id is not None),
                *_owning(session, visits, told, links, people, now),
            ),
            "registrations": _registrations(session, files, people),
            "referrals": _referrals(session, files, people),
            "scans": scans,
            "gate": _gate(session, visit),
            "standing": tuple(
                _standing(v, told[v.visit_id][-1], people) for v in visits if v.customer_id and told[v.visit_id]
            ),
            "marked": store.marked(session, visits),
            "face": face,
        }
    )


def owning(session: Session, customer_id: str, now: datetime) -> tuple[Signal, ...]:
    """What says who owns that person between visits."""
    people = aliases.groups(session, [customer_id])
    visits = ask(session, _THEIR_VISITS, files=list(people)).all()
    told = store.of_visits(session, [visit.visit_id for visit in visits])
    signals = tuple(_owning(session, visits, told, (), people, now))
    return tuple(of_customers(signals, in_force(store.marked(session, visits), signals)))


def owning_parties(
    session: Session, customer_ids: Collection[str], now: datetime
) -> dict[str, tuple[tuple[Member, ...], tuple[Signal, ...]]]:
    """Of several people at once: their buying party, and what says who owns any of it between visits."""
    links = ask(session, _LINKS, files=list(aliases.groups(session, customer_ids))).all()
    people = aliases.groups(session, [*customer_ids, *(link.customer_id for link in links)])
    visits = ask(session, _THEIR_VISITS, files=list(people)).all()
    told = store.of_visits(session, [visit.visit_id for visit in visits])
    signals = tuple(_owning(session, visits, told, links, people, now))
    counted = tuple(of_customers(signals, in_force(store.marked(session, visits), signals)))
    found = {}
    for each in customer_ids:
        named = {link.party_id for link in links if people[link.customer_id] == people[each]}
        party = _party(each, [link for link in links if link.party_id in named], people)
        theirs = {None, *(member.customer_id for member in party)}
        found[each] = party, tuple(signal for signal in counted if customer_of(signal) in theirs)
    return found


def _owning(
    session: Session,
    visits: Visits,
    told: Told,
    links: Links,
    people: People,
    now: datetime,
) -> Iterator[Signal]:
    """Visits received, calls, follow-ups, a manager's words and rulings, who has left, and claims of earlier owners."""
    rulings = store.rulings(session, [visit.visit_id for visit in visits])
    for visit in visits:
        ruled = rulings[visit.visit_id]
        if visit.accepted_at is not None and visit.consultant_id:
            yield _received(visit, told, links, people, now, hidden=_hidden(ruled))
        yield from (_ruled(visit, ruling, people) for ruling in ruled if ruling.hidden is None)
    yield from _spoken(session, people)
    yield from _assigned(session, people)
    yield from _departures(session)
    yield from _owner_claims(session, visits)


def _links(session: Session, customer_id: str | None) -> Links:
    """Of every buying party that one of the visitor's files is in."""
    if customer_id is None:
        return ()
    return ask(session, _LINKS, files=aliases.group(session, customer_id)).all()


def _party(customer_id: str | None, links: Links, people: People) -> tuple[Member, ...]:
    """Each person once, the closest relation counting. To a sibling of the party all others are as siblings."""
    if customer_id is None:
        return ()
    me = people[customer_id]
    sibling_in = {link.party_id for link in links if people[link.customer_id] == me and link.relation == "sibling"}
    others: dict[str, str] = {}
    for link in links:
        relation = "sibling" if link.party_id in sibling_in else _as_seen(link.relation)
        person = people[link.customer_id]
        if person != me and others.get(person, "sibling") == "sibling":
            others[person] = relation
    members = [Member.model_validate({"customer_id": i, "relation": r}) for i, r in sorted(others.items())]
    return (Member(customer_id=me), *members)


def _as_seen(relation: str) -> str:
    """The first of a party is to the others what `spouse` stands for: family without question."""
    return "spouse" if relation == "self" else relation


def _visits(session: Session, visit: VisitRow, people: People) -> Visits:
    if not people:
        return ask(session, _THIS_VISIT, visit=visit.visit_id).all()
    return ask(session, _THEIR_VISITS, files=list(people)).all()


def _came(visit: Columns, told: Told, people: People) -> Came:
    newest = told[visit.visit_id][-1:]
    return Came(
        at=visit.opened_at,
        visit_id=visit.visit_id,
        customer_id=people[visit.customer_id or ""],
        brought_by=newest[0].channel_id if newest else None,
        project=visit.project,
    )


def _received(visit: Columns, told: Told, links: Links, people: People, now: datetime, *, hidden: bool) -> Received:
    """Identified late is: when the visit was over. In good faith is: before the family was known to be one."""
    who = people.get(visit.customer_id or "")
    identified = next((v.made_at for v in told[visit.visit_id] if _person(v.customer_id, people) == who), now)
    linked = min((link.linked_at for link in links if people[link.customer_id] == who), default=None)
    return Received.model_validate(
        {
            "at": visit.accepted_at,
            "visit_id": visit.visit_id,
            "customer_id": who,
            "consultant_id": visit.consultant_id,
            "first": visit.kind == "first" and (linked is None or visit.opened_at < linked),
            "unidentified": visit.closed_at is not None and identified > visit.closed_at,
            "hidden": hidden,
            "project": visit.project,
        }
    )


def _hidden(rulings: Sequence[Columns]) -> bool:
    """As the newest ruling that says so has it."""
    return next((bool(ruling.hidden) for ruling in reversed(rulings) if ruling.hidden is not None), False)


def _ruled(visit: Columns, ruling: Columns, people: People) -> Ruled:
    same = ("ruling_id", "source", "channel_id", "agent_id", "referrer_id", "claim_id", "owner_id")
    since = visit.accepted_at or visit.opened_at
    return Ruled.model_validate(
        {
            **{name: getattr(ruling, name) for name in same},
            "at": since,
            "ruled_at": ruling.at,
            "visit_id": visit.visit_id,
            "customer_id": _person(visit.customer_id, people),
            "project": visit.project,
        }
    )


def _spoken(session: Session, people: People) -> Iterator[Signal]:
    for call in ask(session, _CALLS, files=list(people)):
        speaking = people[call.customer_id]
        yield Called(at=call.at, customer_id=speaking, consultant_id=call.consultant_id, project=call.project)
    for said in ask(session, _CONTACTS, files=list(people)):
        speaking = people[said.customer_id]
        yield Contact(at=said.at, customer_id=speaking, consultant_id=said.consultant_id, reached=said.reached)


def _assigned(session: Session, people: People) -> Iterator[Assigned]:
    for row in ask(session, _ASSIGNED, files=list(people)):
        yield Assigned(at=row.at, customer_id=people[row.customer_id], consultant_id=row.consultant_id)


def _person(customer_id: str | None, people: People) -> str | None:
    """Who that file stands for now; the file itself when it is no longer among them."""
    return None if customer_id is None else people.get(customer_id, customer_id)


def _departures(session: Session) -> Iterator[Departed]:
    for person in ask(session, _DEPARTED):
        yield Departed(at=person.left_at, consultant_id=person.person_id)


def _owner_claims(session: Session, visits: Visits) -> Iterator[OwnerClaim]:
    for claim in ask(session, _CLAIMS, visits=[visit.visit_id for visit in visits]):
        yield OwnerClaim(at=claim.at, visit_id=claim.visit_id, consultant_id=claim.consultant_id)


def _registrations(session: Session, files: Sequence[Columns], people: People) -> tuple[Registration, ...]:
    """By the full number, or by its first 3 and last 4 now that the full number is known."""
    full = {f.phone_index: people[f.customer_id] for f in files if f.phone_index is not None}
    masked = {(f.phone37_index, people[f.customer_id]) for f in files if f.phone37_index is not None}
    rows = ask(session, _REGISTRATIONS, full=list(full), masked=list({index for index, _ in masked})).all()
    found = [(row, full[row.phone_index]) for row in rows if row.phone_index is not None]
    found += [
        (row, customer_id)
        for row in rows
        for index, customer_id in sorted(masked)
        if row.phone_index is None and row.phone37_index == index
    ]
    return tuple(
        Registration.model_validate({**row._asdict(), "customer_id": customer_id, "masked": row.phone_index is None})
        for row, customer_id in found
    )


def _referrals(session: Session, files: Sequence[Columns], people: People) -> tuple[Referral, ...]:
    known = {f.phone_index: people[f.customer_id] for f in files if f.phone_index is not None}
    rows = ask(session, _REFERRALS, full=list(known))
    return tuple(Referral.model_validate({**r._asdict(), "customer_id": known[r.phone_index]}) for r in rows)


def _scans(session: Session, visit: VisitRow) -> tuple[Scan, ...]:
    rows = ask(session, _SCANS, visit=visit.visit_id)
    return tuple(Scan.model_validate(row._asdict()) for row in rows)


def _gate(session: Session, visit: VisitRow) -> tuple[Stated, ...]:
    rows = ask(session, _STATED, visit=visit.visit_id)
    return tuple(Stated.model_validate(row._asdict()) for row in rows)


def _standing(visit: Columns, newest: store.Said, people: People) -> Standing:
    named = store.answer(newest)
    same = {key: named.get(key) for key in ("channel_id", "agent_id", "referrer_id", "claim_id")}
    return Standing.model_validate(
        {
            **same,
            "conflict": named.get("conflict", ()),
            "visit_id": visit.visit_id,
            "customer_id": people[visit.customer_id or ""],
            "at": visit.opened_at,
            "source": newest.source,
            "project": visit.project,
        }
    )


def _face(session: Session, visit: VisitRow) -> FaceMatch | None:
    """The best moment of the greeting that this visit's customer was recognised by, unless it was taken back."""
    theirs = aliases.group(session, visit.customer_id or "")
    found = ask(session, _FACES, visit=visit.visit_id, files=theirs).first()
    if found is None:
        return None
    return FaceMatch(
        at=found.first_seen_at, node=found.node, camera=found.camera, score=found.score, threshold=found.threshold
    )
