"""The rules of each office as head office sets them; a gateway that hears of them works by them."""

import logging
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from central import etags
from central.down import feed
from central.offices import repository as offices
from central.policies.tables import OfficePolicy
from central.problems import not_found
from central.runtime import Runtime
from central.vault import Vault
from contracts.channels_api import PolicyView
from contracts.down_api import PolicyDown
from contracts.policy import PolicyConfig
from contracts.policy_check import stored
from contracts.sealing import Sealer

log = logging.getLogger(__name__)


async def put(runtime: Runtime, office: str, policy: PolicyConfig, seen: str | None) -> PolicyView:
    """The same rules again keep their version. `seen`: the If-Match of a change. Raises ProblemError 404, 412, 428."""
    async with runtime.database.write() as session:
        if await offices.find(session, office) is None:
            raise not_found("office")
        now = runtime.clock()
        await offices.lock(session, office, now)
        newest = await _newest(session, office)
        if newest is not None:
            etags.check(seen, newest.version)
        if newest is None or _parsed(newest) != policy:
            version = 1 if newest is None else newest.version + 1
            newest = OfficePolicy(office=office, version=version, since=now, body=policy.model_dump_json())
            session.add(newest)
            await feed.note(session, office, "policy", [office], now)
        return _view(newest)


async def read(runtime: Runtime, office: str) -> PolicyView:
    """Raises ProblemError 404 when head office has set none: the office works by its own."""
    async with runtime.database.read() as session:
        newest = await _newest(session, office)
    if newest is None:
        raise not_found("policy of this office")
    return _view(newest)


async def in_force(session: AsyncSession, office: str) -> PolicyConfig:
    """What head office set, or the defaults."""
    newest = await _newest(session, office)
    return PolicyConfig() if newest is None else _parsed(newest)


async def down(
    session: AsyncSession, vault: Vault, sealer: Sealer, office: str, ids: Sequence[str]
) -> dict[str, PolicyDown]:
    newest = await _newest(session, office)
    return {} if newest is None else {office: PolicyDown(version=newest.version, policy=_parsed(newest))}


async def _newest(session: AsyncSession, office: str) -> OfficePolicy | None:
    statement = select(OfficePolicy).where(col(OfficePolicy.office) == office)
    return (await session.scalars(statement.order_by(col(OfficePolicy.version).desc()).limit(1))).first()


def _parsed(row: OfficePolicy) -> PolicyConfig:
    policy, unread = stored(row.body)
    if unread:
        facts = {"office": row.office, "version": row.version, "rules": unread}
        log.error("rules of a stored policy cannot be read: their defaults count", extra=facts)
    return policy


def _view(row: OfficePolicy) -> PolicyView:
    return PolicyView(office=row.office, version=row.version, since=row.since, policy=_parsed(row))
