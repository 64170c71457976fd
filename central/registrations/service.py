"""Registrations: accepted at the instant they are committed, withdrawn, read by whom they concern."""

import math
from collections.abc import Collection, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from central import numbers
from central.access import Caller
from central.appeals import told as appeals
from central.channels import repository as channels
from central.down import feed
from central.idempotency import body_hash, claim
from central.offices import repository as offices
from central.paging import cursor_of, cut
from central.policies import service as policies
from central.problems import ProblemError, not_found
from central.registrations import domain, repository
from central.registrations.tables import Registration
from central.runtime import Runtime
from central.timeframe import zone_of
from central.vault import Vault
from central.visits import claims
from contracts.central_api import Page
from contracts.channels_api import RegistrationPost, RegistrationState, RegistrationView
from contracts.cursors import Cursor
from contracts.down_api import NumberSecret, RegistrationDown
from contracts.ids import uuid7
from contracts.policy import PolicyConfig
from contracts.rest import FieldError
from contracts.sealing import Sealer


async def register(runtime: Runtime, caller: Caller, key: str, body: RegistrationPost) -> tuple[RegistrationView, bool]:
    """Accept a registration once per key; answers it and whether it is new.

    One that repeats a live one of the same channel is accepted, void, and says so. Raises ProblemError 403, 404, 409,
    422, 429 `too_many_registrations` to an agent.
    """
    agent_id = _whose(caller, body)
    secret = numbers.read(body.number)
    digest = body_hash(runtime.vault.index("body", key), "registrations", body)
    async with runtime.database.write() as session:
        working = await channels.working(session, agent_id, body.office)
        if working is None:
            raise not_found("office that this agent works for")
        await _known_project(session, body.office, body.project)
        office = await offices.lock(session, body.office, runtime.clock())
        now = runtime.clock()
        taken = await claim(session, who=caller.name, key=key, digest=digest, fact_id=uuid7(), now=now)
        if taken.first:
            policy, zone = await policies.in_force(session, body.office), zone_of(office.time_zone)
            if caller.agent_id is not None:
                await _within_limits(session, body.office, agent_id, now, policy)
            kept = numbers.keep(runtime.vault, secret, record=_record(taken.fact_id))
            same = await repository.same_number(session, body.office, working[1].channel_id, kept)
            repeats = domain.repeated(same, body.project, now, policy, zone)
            session.add(
                Registration(
                    registration_id=taken.fact_id,
                    office=body.office,
                    project=body.project,
                    channel_id=working[1].channel_id,
                    agent_id=agent_id,
                    number_encrypted=kept.encrypted,
                    phone_index=kept.phone_index,
                    phone37_index=kept.phone37_index,
                    accepted_at=now,
                    repeats=None if repeats is None else repeats.registration_id,
                    entered_by=caller.name,
                )
            )
            await feed.note(session, body.office, "registration", [taken.fact_id], now)
        row = await session.get_one(Registration, taken.fact_id)
        return (await _views(session, runtime, caller, [row]))[0], taken.first


async def _within_limits(
    session: AsyncSession, office: str, agent_id: str, now: datetime, policy: PolicyConfig
) -> None:
    """Raises ProblemError 429 with the seconds until the oldest of them is a day old."""
    most = policy.registrations_per_day
    made = await repository.accepted_since(session, office, agent_id, now - domain.DAY, most)
    if len(made) >= most:
        wait = max(1, math.ceil((made[-1] + domain.DAY - now).total_seconds()))
        said = f"an agent registers at most {most} numbers within 24 hours: head office enters more"
        raise ProblemError(429, "too_many_registrations", said, headers={"Retry-After": str(wait)})


def _whose(caller: Caller, body: RegistrationPost) -> str:
    """An agent registers for themselves, head office for the agent it names."""
    if caller.agent_id is not None:
        if body.agent_id not in (None, caller.agent_id):
            raise ProblemError(403, "forbidden", "an agent registers for themselves")
        return caller.agent_id
    if body.agent_id is None:
        raise ProblemError(422, "invalid_request", errors=[FieldError(field="agent_id", code="missing")])
    return body.agent_id


async def _known_project(session: AsyncSession, office: str, project: str) -> None:
    found = await channels.project(session, office, project) if project else None
    if project and (found is None or not found.active):
        raise ProblemError(422, "invalid_request", errors=[FieldError(field="project", code="unknown_project")])


async def withdraw(runtime: Runtime, caller: Caller, registration_id: str) -> RegistrationView:
    """It claims nothing from now on; withdrawn twice is withdrawn once. Raises ProblemError 404."""
    async with runtime.database.write() as session:
        row = await _readable(session, caller, registration_id)
        await offices.lock(session, row.office, runtime.clock())
        await session.refresh(row)
        if row.withdrawn_at is None:
            row.withdrawn_at = runtime.clock()
            await feed.note(session, row.office, "registration", [registration_id], row.withdrawn_at)
        return (await _views(session, runtime, caller, [row]))[0]


async def one(runtime: Runtime, caller: Caller, registration_id: str) -> RegistrationView:
    async with runtime.database.read() as session:
        return (await _views(session, runtime, caller, [await _readable(session, caller, registration_id)]))[0]


async def page(
    runtime: Runtime, caller: Caller, cursor: str | None, office: str | None, channel_id: str | None
) -> Page:
    """Newest first; an agent's own and nobody else's."""
    async with runtime.database.read() as session:
        rows = await repository.page(
            session, cursor_of(cursor), office=office, channel_id=channel_id, agent_id=caller.agent_id
        )
        shown, following = cut(rows, lambda row: Cursor(row.accepted_at, row.registration_id))
        views = await _views(session, runtime, caller, shown)
    return Page(items=[view.model_dump(mode="json") for view in views], next_cursor=following)


async def _readable(session: AsyncSession, caller: Caller, registration_id: str) -> Registration:
    """Another agent's registration seems not to exist. Raises ProblemError 404."""
    row = await repository.find(session, registration_id)
    if row is None or caller.agent_id not in (None, row.agent_id):
        raise not_found("registration")
    return row


async def _views(
    session: AsyncSession, runtime: Runtime, caller: Caller, rows: Sequence[Registration]
) -> list[RegistrationView]:
    now = runtime.clock()
    rules = {office: await _rules(session, office) for office in {row.office for row in rows}}
    said = await claims.of_claims(session, [(row.office, row.registration_id) for row in rows])
    heard = await appeals.beside(session, runtime.vault, rows, said, agent_id=caller.agent_id, now=now)
    repeated = {row.registration_id: await session.get_one(Registration, row.repeats) for row in rows if row.repeats}
    views = []
    for row in rows:
        until = domain.protected_until(row.accepted_at, *rules[row.office])
        first = repeated.get(row.registration_id)
        views.append(
            RegistrationView(
                **row.model_dump(include=_SAME),
                number=numbers.shown(_number(runtime.vault, row)),
                masked=row.phone_index is None,
                protected_until=until,
                state=_state(row, now, until),
                repeats_until=None if first is None else domain.protected_until(first.accepted_at, *rules[row.office]),
                verdicts=heard[row.registration_id],
            )
        )
    return views


def _state(row: Registration, now: datetime, until: datetime) -> RegistrationState:
    return domain.state(withdrawn_at=row.withdrawn_at, repeats=row.repeats is not None, now=now, until=until)


async def _rules(session: AsyncSession, office: str) -> tuple[PolicyConfig, ZoneInfo]:
    known = await offices.find(session, office)
    if known is None:
        raise not_found("office")
    return await policies.in_force(session, office), zone_of(known.time_zone)


async def forget_numbers(
    session: AsyncSession, vault: Vault, office: str, phone_indexes: Collection[bytes]
) -> list[str]:
    """The person was erased: what was registered in full for their numbers names nobody. Answers which."""
    rows = await repository.of_numbers(session, office, phone_indexes)
    for row in rows:
        blank = numbers.keep(vault, NumberSecret(phone37=""), record=_record(row.registration_id))
        row.number_encrypted, row.phone_index, row.phone37_index = blank.encrypted, None, blank.phone37_index
    await session.flush()
    return [row.registration_id for row in rows]


async def down(
    session: AsyncSession, vault: Vault, sealer: Sealer, office: str, ids: Sequence[str]
) -> dict[str, RegistrationDown]:
    return {
        row.registration_id: RegistrationDown(
            **row.model_dump(include=set(RegistrationDown.model_fields)),
            sealed=sealer.seal(_number(vault, row).model_dump_json(), record=row.registration_id),
        )
        for row in await repository.of_office(session, office, ids)
    }


def _number(vault: Vault, row: Registration) -> NumberSecret:
    return numbers.opened(vault, row.number_encrypted, record=_record(row.registration_id))


def _record(registration_id: str) -> str:
    return f"registration/{registration_id}/number"


_SAME = {
    "registration_id",
    "office",
    "project",
    "channel_id",
    "agent_id",
    "accepted_at",
    "withdrawn_at",
}
