"""Pages of an office's changes, each thing as it stands now, personal parts sealed for the office."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from central.appeals import down as appeals
from central.calls import service as calls
from central.channels import views as channels
from central.customers import service as customers
from central.down import feed
from central.down.tables import DownChange
from central.ingest import repository as ingest
from central.offices import repository as offices
from central.policies import service as policies
from central.problems import ProblemError, not_found
from central.referrals import service as referrals
from central.registrations import service as registrations
from central.runtime import Runtime
from contracts.down_api import DOWN_BYTES, DownItem, DownKind, DownPage

Builder = Callable[..., Awaitable[Mapping[str, Any]]]
"""`(session, vault, sealer, office, ids)` → body by id; what is gone has none."""
BUILDERS: dict[DownKind, Builder] = {
    "customer": customers.down,
    "registration": registrations.down,
    "referral": referrals.down,
    "agent": channels.agents_down,
    "policy": policies.down,
    "appeal": appeals.down,
    "call": calls.down,
    "merge": customers.merges_down,
}


async def page(runtime: Runtime, office: str, after: str | None, limit: int) -> DownPage:
    """What changed after the cursor. Raises ProblemError 404, 410, 422."""
    async with runtime.database.read() as session:
        if await offices.find(session, office) is None:
            raise not_found("office")
        epoch = await ingest.epoch(session)
        sequence = await _sequence(session, office, epoch, after)
        changes = await feed.after(session, office, sequence, limit + 1)
        items = await _items(session, runtime, office, changes[:limit])
    sent = _fitting(items)
    last = items[sent - 1].revision if sent else sequence
    return DownPage(
        office=office,
        cursor=f"{epoch}.{last}",
        more=sent < len(changes),
        server_time=runtime.clock(),
        items=items[:sent],
    )


async def _sequence(session: AsyncSession, office: str, epoch: str, after: str | None) -> int:
    """Where a cursor stands. Raises ProblemError 422 for a text that is none, 410 for one that leads nowhere."""
    if after is None:
        return 0
    database, _, number = after.partition(".")
    if not (number.isascii() and number.isdigit()) or len(number) > 18:
        raise ProblemError(422, "invalid_cursor")
    newest, forgotten = await feed.head(session, office)
    if database != epoch or int(number) > newest:
        raise ProblemError(410, "cursor_of_another_database", "begin again without a cursor")
    if int(number) < forgotten:
        raise ProblemError(410, "cursor_too_old", "deletions since then were forgotten: begin again without a cursor")
    return int(number)


async def _items(session: AsyncSession, runtime: Runtime, office: str, changes: Sequence[DownChange]) -> list[DownItem]:
    ids: dict[DownKind, list[str]] = defaultdict(list)
    for change in changes:
        if not change.deleted:
            ids[_kind(change)].append(change.item_id)
    vault, sealer = runtime.vault, runtime.sealers[office]
    bodies = {kind: await BUILDERS[kind](session, vault, sealer, office, wanted) for kind, wanted in ids.items()}
    return [_item(change, bodies.get(_kind(change), {}).get(change.item_id)) for change in changes]


def _item(change: DownChange, body: BaseModel | None) -> DownItem:
    return DownItem(
        kind=_kind(change),
        id=change.item_id,
        revision=change.sequence,
        deleted=body is None,
        body=None if body is None else body.model_dump(mode="json"),
    )


def _kind(change: DownChange) -> DownKind:
    return next(kind for kind in BUILDERS if kind == change.kind)


def _fitting(items: Sequence[DownItem]) -> int:
    """How many items a page may carry: as many as fit, and one always."""
    size = 0
    for place, item in enumerate(items):
        size += len(item.model_dump_json())
        if size > DOWN_BYTES:
            return max(place, 1)
    return len(items)
