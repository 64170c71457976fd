"""Searching customer files: what was typed is read, looked up, written down, and only then shown."""

import asyncio

from contracts.identity_api import FoundCustomer, SearchPage, SearchRequest
from gateway.auth import Principal
from gateway.context import Context
from gateway.customers import shown as shown_files
from gateway.customers import store as customers
from gateway.identity import lookups, store
from gateway.identity.search import Term, terms
from gateway.problems import ProblemError
from gateway.roster import store as roster

CATCH_UP = 500


async def search(context: Context, principal: Principal, request: SearchRequest) -> SearchPage:
    """Raises ProblemError 422 `unreadable_search`, 429 `too_many_lookups`."""
    wanted = terms(request.text)
    if not wanted:
        said = "give a phone number, its first 3 and last 4 digits or last 4, an ID number, a name, pinyin or initials"
        raise ProblemError(422, "unreadable_search", said)
    found = await asyncio.to_thread(_page, context, wanted, request)
    kinds = [term.kind for term in wanted]
    refusal = await context.writer.run(
        lambda uow: lookups.note(uow, context, principal, kinds, request.text, len(found.items))
    )
    if refusal is not None:
        raise refusal
    return found


async def catch_up(context: Context) -> None:
    """Index the readings of names that were stored before readings were kept."""
    while await context.writer.run(lambda uow: customers.index_unread(uow.session, context.keys, CATCH_UP)):
        pass


def _page(context: Context, wanted: tuple[Term, ...], request: SearchRequest) -> SearchPage:
    after = None if request.cursor is None else store.Place.parse(request.cursor)
    with context.database.read() as session:
        hits = store.search(session, store.digests(context.keys, wanted), after, request.limit + 1)
        shown = hits[: request.limit]
        speaking = customers.by_ids(session, (hit.place.customer_id for hit in shown))
        people: dict[str, store.Found] = {}
        for hit in shown:
            people.setdefault(speaking[hit.place.customer_id].customer_id, hit)
        names = roster.names(session, context.keys)
        speaking_files = {file.customer_id: file for file in speaking.values()}
        shown_as = shown_files.views(session, context, speaking_files.values(), names)
        items = [
            FoundCustomer(customer=shown_as[customer_id], reasons=list(hit.reasons))
            for customer_id, hit in people.items()
        ]
    return SearchPage(items=items, next_cursor=shown[-1].place.cursor if len(hits) > len(shown) else None)
