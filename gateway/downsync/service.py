"""One page from central: taken in with its cursor in one transaction, then what it changes is judged again."""

import logging

from sqlalchemy.exc import OperationalError

from contracts.down_api import DownItem, DownPage
from contracts.sealing import SealError
from gateway.attribution import late
from gateway.context import Context
from gateway.downsync import store
from gateway.downsync.domain import takes
from gateway.downsync.items import TAKERS, Touched
from gateway.downsync.tables import DownItemRow
from gateway.writer import UnitOfWork

log = logging.getLogger(__name__)


def take(uow: UnitOfWork, context: Context, page: DownPage, after: str | None) -> bool:
    """Apply a page that was asked for with `after`; False when the fetch has moved on since, and nothing is done."""
    state = store.state(uow.session)
    if state.cursor != after or page.office != context.config.office:
        return False
    state.cursor, state.heard_at = page.cursor, uow.now
    state.offset_ms = round((page.server_time - uow.now).total_seconds() * 1000)
    uow.session.add(state)
    uow.session.flush()
    touched = Touched()
    for item in page.items:
        _take_item(uow, context, item, touched)
    uow.session.flush()
    if not page.more:
        _complete(uow, context, touched)
        state.complete_at, state.whole = uow.now, False
    late.judge_numbers(uow, context, phones=touched.phones, phones37=touched.phones37)
    return True


def _complete(uow: UnitOfWork, context: Context, touched: Touched) -> None:
    """After everything was fetched anew: what did not come is no more."""
    if not store.state(uow.session).whole:
        return
    for row in store.unseen(uow.session):
        if row.kind == "customer":
            continue  # only head office's own word erases a file, never that it has none: it may be a restored one
        kind = next(kind for kind in TAKERS if kind == row.kind)
        gone = DownItem(kind=kind, id=row.item_id, revision=1, deleted=True)
        TAKERS[kind](uow, context, gone, touched)
        uow.session.delete(row)


def _take_item(uow: UnitOfWork, context: Context, item: DownItem, touched: Touched) -> None:
    known = store.item(uow.session, item.kind, item.id)
    if known is not None and not takes(known_revision=known.revision, revision=item.revision):
        known.seen = True
        return
    fault = _try(uow, context, item, touched)
    uow.session.merge(DownItemRow(kind=item.kind, item_id=item.id, revision=item.revision, seen=True, fault=fault))


def _try(uow: UnitOfWork, context: Context, item: DownItem, touched: Touched) -> str:
    """Why it could not be taken, empty when it was: one damaged thing keeps no other from the office."""
    try:
        with uow.isolated():
            TAKERS[item.kind](uow, context, item, touched)
            uow.session.flush()
    except (OperationalError, OSError):
        raise  # the database's trouble, not the thing's: the whole page is taken later
    except Exception as error:
        log.error("an item from central cannot be taken", extra={"kind": item.kind, "error": type(error).__name__})
        return "sealed_with_another_key" if isinstance(error, SealError) else "not_understood"
    return ""


def begin_again(uow: UnitOfWork) -> None:
    """Central does not know our cursor any more."""
    store.begin_again(uow.session)
