"""Filing an appeal and deciding it. To uphold one is new evidence, and that makes a new verdict; the old one stays."""

from datetime import datetime
from typing import Any

from contracts.appeal_result import AppealResult, DatedEvidence
from contracts.appeals_api import AcceptedEvidence, AppealDecision, AppealView, BroughtBy, FollowedUp, HiddenRequest
from contracts.ids import uuid7
from gateway import etags
from gateway.alerts import service as alerts
from gateway.appeals import domain, names, store
from gateway.appeals.domain import Filing, Party
from gateway.appeals.tables import AppealRow
from gateway.attribution import store as verdicts
from gateway.attribution.seen import Reader, seen_by
from gateway.attribution.service import judge_visit
from gateway.attribution.tables import AgentScanRow, CallRow, RulingRow, VerdictRow
from gateway.context import Context
from gateway.facts.tables import FollowUpRow
from gateway.policy import store as policies
from gateway.problems import ProblemError
from gateway.roster import store as roster
from gateway.visits import store as visits
from gateway.visits.tables import VisitRow
from gateway.writer import UnitOfWork

_EVIDENCE_TOLD = 200
_STATUS = {"not_your_verdict": 403, "party_to_it": 403, "outcome_contradicts": 422, "hidden_from_a_channel": 422}
_WHY = {
    "not_your_verdict": "only who is concerned by a verdict may appeal against it",
    "already_appealed": "an appeal of this party against this verdict exists",
    "verdict_superseded": "a newer verdict on this visit exists: appeal against that one",
    "appeal_period_over": "the period for appeals against this verdict is over",
    "already_decided": "this appeal has been decided",
    "not_received": "nobody received this visit, so nobody can have hidden it",
    "hidden_from_a_channel": "a visit is hidden from its owner: a channel's appeal is not answered by that",
    "outcome_contradicts": "hidden is for who owns and against who assisted, not hidden the other way round",
    "appeal_open": "a consultant's appeal on this visit is open: rule with the decision on it",
    "party_to_it": "a manager who is a party to it cannot decide it",
}


def file_appeal(
    uow: UnitOfWork,
    context: Context,
    *,
    verdict_id: str,
    party: Party,
    filed_by: str,
    text: str,
    filed_at: datetime | None = None,
    appeal_id: str | None = None,
) -> AppealRow:
    """An appeal of `party` against the newest verdict on a visit, under the policy of that verdict.

    One that came from central has its own `appeal_id` and `filed_at` (when the agent filed it, in gateway time); the
    same id again gives the appeal as it stands. Raises ProblemError 404, 403 `not_your_verdict`, 409
    `appeal_period_over`, `verdict_superseded`, `already_appealed`.
    """
    known = None if appeal_id is None else store.get(uow.session, appeal_id)
    if known is not None:
        return known
    verdict = verdicts.get(uow.session, verdict_id)
    if verdict is None:
        raise ProblemError(404, "not_found", "no such verdict")
    newest = verdicts.newest(uow.session, verdict.visit_id)
    filing = Filing(
        party=party,
        filed_at=filed_at or uow.now,
        made_at=verdict.made_at,
        superseded=newest is not None and newest.verdict_id != verdict_id,
        appealed=store.against(uow.session, verdict_id, party.id) is not None,
    )
    policy = policies.at(uow.session, verdict.policy_version)
    _refuse(domain.refused(filing, _concerned(verdict), policy, context.timezone))
    made = appeal_id or uuid7()
    row = AppealRow(
        appeal_id=made,
        visit_id=verdict.visit_id,
        verdict_id=verdict_id,
        party_kind=party.kind,
        party_id=party.id,
        agent_id=party.agent_id,
        text=context.keys.encrypt(text, record=store.record_of(made, "text")),
        filed_at=filing.filed_at,
        filed_by=filed_by,
    )
    store.record(uow, context.keys, row)
    return row


def decide(
    uow: UnitOfWork, context: Context, appeal_id: str, manager_id: str, seen: str, decision: AppealDecision
) -> AppealRow:
    """Once, by a manager who has read it as it stands (`seen`, its ETag).

    Raises ProblemError 404, 412 `changed_meanwhile`, 409 `already_decided`, 403 `party_to_it`, 422
    `unknown_consultant`, and of a ruling on a hidden visit 409 `not_received`, 422 `outcome_contradicts`,
    `hidden_from_a_channel`.
    """
    row = store.get(uow.session, appeal_id)
    if row is None:
        raise ProblemError(404, "not_found", "no such appeal")
    etags.check(seen, row.revision)
    verdict, visit = verdicts.get(uow.session, row.verdict_id), visits.get(uow.session, row.visit_id)
    if verdict is None or visit is None:
        raise ProblemError(404, "not_found", "the verdict or its visit was erased")
    party = Party("consultant" if row.party_kind == "consultant" else "channel", row.party_id)
    view = store.view(context.keys, row, {})
    _refuse(domain.undecidable(view.state, manager_id, party, _concerned(verdict)))
    row.state = domain.decided(view.state, decision.outcome) or row.state
    row.decided_at, row.decided_by = uow.now, manager_id
    row.reason = context.keys.encrypt(decision.reason, record=store.record_of(appeal_id, "reason"))
    before = verdicts.newest(uow.session, row.visit_id) or verdict
    if decision.ruling is not None and decision.ruling.hidden is not None:
        owners, received = domain.owners(verdicts.said(before)), visit.accepted_at is not None
        _refuse(domain.cannot_rule(decision.ruling.hidden, decision.outcome, party, owners, received=received))
    _take_in(uow, context, row, visit, decision)
    newest = verdicts.newest(uow.session, row.visit_id)
    _tell(uow, context, row, party, visit, decision, before, newest or before)
    row.result_verdict_id = None if newest is None else newest.verdict_id
    store.record(uow, context.keys, row, None if newest is None else _result(row, newest))
    return row


def _tell(
    uow: UnitOfWork,
    context: Context,
    row: AppealRow,
    party: Party,
    visit: VisitRow,
    decision: AppealDecision,
    before: VerdictRow,
    after: VerdictRow,
) -> None:
    """Both sides of a decision that the verdict follows; of one that leaves it as it was, who appealed."""
    receiver = visit.consultant_id if decision.ruling or decision.evidence else None
    known = (verdicts.said(before), verdicts.said(after)) if decision.ruling or decision.evidence else ()
    alerts.ruled(uow, context, row.appeal_id, row.visit_id, domain.both_sides(party, receiver, *known))


def _result(row: AppealRow, newest: VerdictRow) -> AppealResult | None:
    """What goes up of the verdict: as the channel reads it; nothing of a consultant's appeal."""
    if row.party_kind != "channel":
        return None
    reader = Reader("channel", row.party_id, row.agent_id)
    seen = seen_by(reader, verdicts.said(newest), verdicts.weighed(newest))
    return AppealResult(
        verdict_id=newest.verdict_id,
        made_at=newest.made_at,
        source=seen.source,
        rule=seen.rule,
        paid_to=seen.paid_to,
        evidence=[DatedEvidence(kind=e.kind, at=e.at, own=e.own) for e in seen.evidence[-_EVIDENCE_TOLD:]],
    )


def rule_hidden(uow: UnitOfWork, context: Context, visit_id: str, manager_id: str, request: HiddenRequest) -> None:
    """A manager rules whether the visit was kept from the owner, and nobody has asked them to.

    Raises ProblemError 404, 409 `not_received`, `appeal_open`: then the decision on the appeal says it.
    """
    visit = visits.get(uow.session, visit_id)
    if visit is None:
        raise ProblemError(404, "not_found", "no such visit")
    if visit.accepted_at is None:
        _refuse("not_received")
    if store.open_of_consultants(uow.session, visit_id):
        _refuse("appeal_open")
    _keep_ruling(
        uow,
        context,
        visit,
        RulingRow(**_signed(uow, context, manager_id, request.reason, visit), hidden=request.hidden),
    )


def page(
    context: Context, *, state: str | None, party_id: str | None, cursor: str | None, limit: int
) -> list[AppealView]:
    with context.database.read() as session:
        rows = store.page(session, state=state, party_id=party_id, cursor=cursor, limit=limit)
        known = names.of(session, context.keys, rows)
        return [store.view(context.keys, row, known) for row in rows]


def one(context: Context, appeal_id: str) -> AppealView:
    """Raises ProblemError 404."""
    with context.database.read() as session:
        row = store.get(session, appeal_id)
        if row is None:
            raise ProblemError(404, "not_found", "no such appeal")
        return store.view(context.keys, row, names.of(session, context.keys, [row]))


def _take_in(uow: UnitOfWork, context: Context, row: AppealRow, visit: VisitRow, decision: AppealDecision) -> None:
    """What the decision adds to the evidence; the visit is judged again with it."""
    if decision.evidence is not None:
        _check_people(uow, context, getattr(decision.evidence, "consultant_id", None))
        _keep_evidence(uow, visit, decision.evidence)
        _judge(uow, context, visit)
    if decision.ruling is not None:
        _check_people(uow, context, decision.ruling.owner_id)
        signed = _signed(uow, context, row.decided_by or "", decision.reason, visit)
        ruling = RulingRow(**signed, appeal_id=row.appeal_id, **decision.ruling.model_dump())
        _keep_ruling(uow, context, visit, ruling)


def _keep_evidence(uow: UnitOfWork, visit: VisitRow, evidence: AcceptedEvidence) -> None:
    """As if it had been noted when it happened."""
    if isinstance(evidence, BroughtBy):
        scan = evidence.model_dump(exclude={"kind"})
        uow.session.add(AgentScanRow(scan_id=uuid7(), visit_id=visit.visit_id, at=visit.opened_at, **scan))
    elif visit.customer_id is None:
        raise ProblemError(409, "customer_unknown", "the visit has no customer whom anybody could have spoken with")
    elif isinstance(evidence, FollowedUp):
        contact = evidence.model_dump(exclude={"kind"})
        uow.session.add(FollowUpRow(fact_id=uuid7(), customer_id=visit.customer_id, reached=True, **contact))
    else:
        call = evidence.model_dump(exclude={"kind"})
        uow.session.add(CallRow(call_id=uuid7(), customer_id=visit.customer_id, **call))


def _signed(uow: UnitOfWork, context: Context, manager_id: str, reason: str, visit: VisitRow) -> dict[str, Any]:
    made = uuid7()
    sealed = context.keys.encrypt(reason, record=verdicts.ruling_record(made))
    return {"ruling_id": made, "visit_id": visit.visit_id, "at": uow.now, "ruled_by": manager_id, "reason": sealed}


def _keep_ruling(uow: UnitOfWork, context: Context, visit: VisitRow, ruling: RulingRow) -> None:
    uow.session.add(ruling)
    _judge(uow, context, visit)


def _judge(uow: UnitOfWork, context: Context, visit: VisitRow) -> None:
    judge_visit(uow, context, visit)
    visits.record(uow, visit)


def _check_people(uow: UnitOfWork, context: Context, person_id: str | None) -> None:
    if person_id is not None and roster.get(uow.session, context.keys, person_id) is None:
        raise ProblemError(422, "unknown_consultant", "nobody of this office")


def _concerned(verdict: VerdictRow) -> frozenset[str]:
    return domain.consultants(verdicts.weighed(verdict), verdicts.said(verdict))


def _refuse(code: str) -> None:
    if code:
        raise ProblemError(_STATUS.get(code, 409), code, _WHY[code])
