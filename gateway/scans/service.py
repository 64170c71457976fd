"""A scan is kept whatever it proves; a good one joins the visit that is checked in after it at the same screen."""

from datetime import timedelta

from sqlmodel import Session, col, or_, select

from contracts.agent_code import AgentCode
from contracts.down_api import AgentSecret
from contracts.ids import uuid7
from contracts.scans_api import ScanAnswer, ScanRefusal, ScanRequest
from contracts.values import mask_name
from gateway.asking import given, objects
from gateway.attribution.service import judge_visit
from gateway.attribution.tables import AgentRow, AgentScanRow
from gateway.auth import Principal
from gateway.context import Context
from gateway.downsync import store as downsync
from gateway.keys import Keys
from gateway.policy import store as policies
from gateway.problems import ProblemError
from gateway.scans.domain import KnownAgent, refusal
from gateway.visits import store as visits
from gateway.writer import UnitOfWork

_UNUSED = (
    select(AgentScanRow)
    .where(
        AgentScanRow.screen == given("screen"),
        col(AgentScanRow.at) >= given("since"),
        col(AgentScanRow.visit_id).is_(None),
        AgentScanRow.agent_id != "",
        or_(col(AgentScanRow.checkin).is_(None), AgentScanRow.checkin == given("key")),
    )
    .order_by(col(AgentScanRow.scan_id))
)


def scan(
    uow: UnitOfWork, context: Context, principal: Principal, text: str, checkin: str | None = None
) -> AgentScanRow:
    """Weigh a code and keep what was found, without the code itself. `checkin`: the key of the one it is read for."""
    code = AgentCode.parse(text)
    row = None if code is None else uow.session.get(AgentRow, code.agent_id)
    known = None if code is None or row is None else _known(uow.session, context.keys, row, code.window)
    central_now = uow.now + timedelta(milliseconds=downsync.state(uow.session).offset_ms)
    sold = {each.project for each in context.config.projects}
    refused = refusal(code, known, office=context.config.office, now=central_now, projects=sold)
    kept = AgentScanRow(
        scan_id=uuid7(),
        channel_id="" if row is None else row.channel_id,
        agent_id="" if row is None else row.agent_id,
        at=uow.now,
        refused=refused,
        screen=screen_name(principal),
        used=None if refused or code is None else code.window,
        checkin=checkin,
        project="" if row is None or code is None else code.project,
    )
    uow.session.add(kept)
    uow.session.flush()
    return kept


def scan_for(uow: UnitOfWork, context: Context, principal: Principal, request: ScanRequest) -> ScanAnswer:
    """The answer to a screen; with a visit, that visit is judged with it.

    Who brought a party that has gone was not here with it: a code read later proves nothing of that visit, and a
    manager who believes it says so in an appeal. Raises ProblemError 404, 403, 409 `visit_closed`.
    """
    visit_id = request.visit_id
    if visit_id is not None and principal.role == "kiosk":
        raise ProblemError(403, "forbidden", "a kiosk's scan belongs to the check-in that follows it")
    visit = None if visit_id is None else visits.get(uow.session, visit_id)
    if visit_id is not None and visit is None:
        raise ProblemError(404, "not_found", "no such visit")
    if visit is not None and visit.state == "closed":
        raise ProblemError(409, "visit_closed", "the party has gone: a code is read while they are here")
    row = scan(uow, context, principal, request.code, request.checkin)
    if visit is not None and row.agent_id:
        row.visit_id = visit.visit_id
        judge_visit(uow, context, visit)
        visits.record(uow, visit)
    return answer(uow.session, context.keys, row)


def join(uow: UnitOfWork, principal: Principal, key: str, visit_id: str) -> AgentScanRow | None:
    """The scans read at this screen a moment ago for this check-in belong to its visit, else the newest that was read
    for none. Answers what they come to: the first good one, else the newest; None when there is none.

    A refused one joins as well: a verdict says that somebody tried, and why it proves nothing.
    """
    _, policy = policies.current(uow.session)
    since = uow.now - timedelta(minutes=policy.scan_minutes)
    known = {"screen": screen_name(principal), "since": since, "key": key}
    found = objects(uow.session, _UNUSED, **known)
    rows = [row for row in found if row.checkin == key] or list(found[-1:])
    for row in rows:
        row.visit_id = visit_id
        uow.session.add(row)
    uow.session.flush()
    return next((row for row in rows if not row.refused), rows[-1] if rows else None)


def answer(session: Session, keys: Keys, row: AgentScanRow) -> ScanAnswer:
    agent = session.get(AgentRow, row.agent_id)
    refused: ScanRefusal = row.refused  # type: ignore[assignment]  # written by `refusal` alone
    return ScanAnswer(
        scan_id=row.scan_id,
        at=row.at,
        refused=refused,
        channel_name="" if agent is None else agent.channel_name,
        agent_name="" if agent is None else mask_name(_secret(keys, agent).name),
        visit_id=row.visit_id,
    )


def screen_name(principal: Principal) -> str:
    return principal.device_id or principal.person_id or ""


def _known(session: Session, keys: Keys, row: AgentRow, window: int) -> KnownAgent:
    before = select(AgentScanRow.scan_id).where(AgentScanRow.agent_id == row.agent_id, AgentScanRow.used == window)
    used = session.exec(before).first() is not None
    return KnownAgent(row.channel_id, row.active, _secret(keys, row).key, used)


def _secret(keys: Keys, row: AgentRow) -> AgentSecret:
    return AgentSecret.model_validate_json(keys.decrypt(row.secret, record=f"agent:{row.agent_id}"))
