"""Masked registrations of several channels that nothing decides between, as the office has them now (domain.md)."""

from datetime import datetime, timedelta

from sqlalchemy import func
from sqlmodel import Session, col, select

from contracts.periods import end_of
from contracts.verdicts_api import ClaimConflict, ConflictingClaim
from gateway.attribution import agents, store
from gateway.attribution.evidence import Registration
from gateway.attribution.tables import VerdictRow
from gateway.context import Context
from gateway.customers import store as customers
from gateway.keys import Keys
from gateway.policy import store as policies
from gateway.tickets import store as tickets
from gateway.visits import store as visits

_LONGEST = timedelta(days=31)
"""Older ones are not listed, however long an office leaves them open to appeal."""


def standing(context: Context) -> list[ClaimConflict]:
    """Newest first: of each visit whose newest verdict is a conflict, while that is open to appeal."""
    now = context.clock()
    with context.database.read() as session:
        rows = _newest(session, now - _LONGEST)
        found = [_told(session, context, row) for row in rows]
    return sorted((one for one in found if one.appeal_until >= now), key=lambda one: one.made_at, reverse=True)


def _newest(session: Session, since: datetime) -> list[VerdictRow]:
    torn = func.json_array_length(VerdictRow.answer, "$.conflict") > 0
    query = select(VerdictRow).where(col(VerdictRow.made_at) >= since, torn)
    last = {row.visit_id: row for row in session.exec(query.order_by(col(VerdictRow.verdict_id)))}
    of_each = {visit_id: store.newest(session, visit_id) for visit_id in last}
    return [row for row in last.values() if of_each[row.visit_id] == row]


def _told(session: Session, context: Context, row: VerdictRow) -> ClaimConflict:
    policy = policies.at(session, row.policy_version)
    evidence, torn = store.weighed(row), set(store.said(row).conflict)
    claims = [] if evidence is None else [each for each in evidence.registrations if each.registration_id in torn]
    visit = visits.get(session, row.visit_id)
    issued = tickets.of_visits(session, [row.visit_id]).get(row.visit_id)
    return ClaimConflict(
        visit_id=row.visit_id,
        verdict_id=row.verdict_id,
        made_at=row.made_at,
        opened_at=row.made_at if visit is None else visit.opened_at,
        ticket_number=None if issued is None else issued.number,
        customer=_customer(session, context.keys, row.customer_id),
        appeal_until=end_of(row.made_at, policy.appeal_days, policy.day_count, context.timezone),
        claims=_claims(session, context.keys, claims),
    )


def _claims(session: Session, keys: Keys, claims: list[Registration]) -> list[ConflictingClaim]:
    names = agents.names(session, keys, channels={c.channel_id for c in claims}, agents={c.agent_id for c in claims})
    return [
        ConflictingClaim(
            registration_id=claim.registration_id,
            channel_name=names.get(claim.channel_id, ""),
            agent_name=names.get(claim.agent_id, ""),
            accepted_at=claim.accepted_at,
        )
        for claim in sorted(claims, key=lambda c: (c.accepted_at, c.registration_id))
    ]


def _customer(session: Session, keys: Keys, customer_id: str | None) -> str:
    file = None if customer_id is None else customers.get(session, customer_id)
    if file is None:
        return ""
    shown = customers.view(session, keys, file, {})
    return shown.name or shown.phone
