"""Who owns a customer now, and who may claim a visit back: what stands between one verdict and the next."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from gateway.attribution import gather, store
from gateway.attribution.case import family_of, read
from gateway.attribution.evidence import Evidence, Signal
from gateway.attribution.ownership import Ownership, customer_of, ownership_at
from gateway.attribution.rules import Rules
from gateway.attribution.tables import VerdictRow
from gateway.context import Context
from gateway.localtime import local_day
from gateway.policy import store as policies
from gateway.visits.tables import VisitRow


def owner_now(session: Session, context: Context, customer_id: str) -> Ownership | None:
    """Ended or not; None: nobody ever owned them."""
    now = context.clock()
    _, policy = policies.current(session)
    return ownership_at(gather.owning(session, customer_id, now), now, Rules(policy, context.timezone))


def in_projects(
    session: Session, context: Context, customer_ids: Collection[str], projects: Collection[str]
) -> dict[str, dict[str, str | None]]:
    """By customer and project who owns them now; a claim that names no project holds in all."""
    now, rules = context.clock(), Rules(policies.current(session)[1], context.timezone)
    found = {}
    for customer_id, (party, signals) in gather.owning_parties(session, customer_ids, now).items():
        family = family_of(party, rules)
        theirs = [s for s in signals if (who := customer_of(s)) is None or who in family]
        found[customer_id] = {project: _owner_in(project, theirs, now, rules) for project in projects}
    return found


def _owner_in(project: str, signals: Iterable[Signal], now: datetime, rules: Rules) -> str | None:
    counted = (s for s in signals if rules.same_scope(getattr(s, "project", ""), project))
    owner = ownership_at(counted, now, rules)
    return None if owner is None or owner.ended else owner.consultant_id


def earlier_owner(session: Session, context: Context, verdict: VerdictRow) -> str | None:
    """Who may claim the customer of that visit back, while the verdict leaves that open."""
    said = store.said(verdict)
    if said.open_until is None or context.clock() > said.open_until:
        return None
    case = read(
        Evidence.model_validate_json(verdict.evidence),
        Rules(policies.at(session, verdict.policy_version), context.timezone),
    )
    return None if case.known is None or case.known.ended else case.known.consultant_id


def claimable(session: Session, context: Context, consultant_id: str) -> Iterator[tuple[VisitRow, VerdictRow]]:
    """The visits of the last days that this consultant may claim back, oldest first."""
    _, policy = policies.current(session)
    since = context.clock() - timedelta(hours=policy.owner_claim_hours) - timedelta(days=1)
    days = col(VisitRow.day) >= local_day(since, context.timezone)
    rows = session.exec(
        select(VisitRow).where(days, col(VisitRow.customer_id).is_not(None)).order_by(VisitRow.visit_id)
    )
    for visit in rows.all():
        newest = store.newest(session, visit.visit_id)
        if newest is not None and earlier_owner(session, context, newest) == consultant_id:
            yield visit, newest
