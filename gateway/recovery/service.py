"""Counts come back from central once, before anything is sent to it: then both know the same of every minute.

A minute that a destroyed database had counted and told is at central alone when its events are no longer at the nodes;
one that it had counted and not told is at the nodes alone. `FootfallMinute.through` says which is which.
"""

import logging
from datetime import datetime, timedelta

import httpx

from contracts.central_api import CountedPage
from contracts.facts import FootfallMinute
from gateway.context import Context
from gateway.footfall import service as footfall
from gateway.footfall import store as minutes
from gateway.footfall.domain import Minute, rejoin
from gateway.footfall.store import MinuteKey
from gateway.recovery import store
from gateway.writer import UnitOfWork

log = logging.getLogger(__name__)
REACH = timedelta(days=31)
"""Nodes report at most this late; the office's own comparison with earlier weeks needs four of them."""


async def recover(context: Context, central: httpx.AsyncClient) -> None:
    """Until central's counts are ours too; at once when nothing was lost.

    Raises httpx.HTTPError, pydantic.ValidationError: central is away, and it is tried again.
    """
    with context.database.read() as session:
        lost = store.since(session)
    if lost is None:
        return
    begin, taken = lost - REACH, 0
    while True:
        answer = await central.get("/v1/recovery/footfall", params={"since": begin.isoformat()})
        answer.raise_for_status()
        page = CountedPage.model_validate_json(answer.content)
        taken += await context.writer.run(lambda uow, items=page.items: take(uow, items))  # type: ignore[misc]
        if page.next_since is None:
            break
        begin = page.next_since
    await context.writer.run(lambda uow: store.end(uow.session))
    log.info("counts have come back from central", extra={"minutes": taken, "since": _day(lost)})


def take(uow: UnitOfWork, counted: list[FootfallMinute]) -> int:
    """Reconcile these minutes; return how many of ours changed. Doing it again changes nothing."""
    connection, changed = uow.session.connection(), 0
    for item in counted:
        node, _, device = item.device.partition("/")
        key = MinuteKey(item.minute, node, device, item.line)
        ours = minutes.load(connection, [key])[key]
        theirs = Minute(item.count_in, item.count_out, item.revision, dict(item.through))
        whole = rejoin(ours, theirs, store.crossings(connection, key, theirs.through))
        if whole == ours:
            continue
        changed += 1
        minutes.save(connection, {key: whole})
        if whole != theirs:
            footfall.tell(uow, key, whole)
    if changed:
        uow.changed("floor")
    return changed


def _day(at: datetime) -> str:
    return at.date().isoformat()
