"""`GET /v1/sync`: where the office stands with central."""

from fastapi import APIRouter, Depends

from contracts.sync_api import SyncConflict, SyncFault, SyncView
from contracts.values import mask_name, mask_phone
from gateway.auth import require
from gateway.context import Context, get_context
from gateway.downsync import store
from gateway.downsync.tables import SyncConflictRow
from gateway.keys import Keys

router = APIRouter(prefix="/v1/sync", tags=["sync"], dependencies=[Depends(require("manager"))])


@router.get("")
def sync(context: Context = Depends(get_context)) -> SyncView:
    """Last contact, how far, and where both sides had changed one thing: both values masked, and which won by what."""
    now = context.clock()
    with context.database.read() as session:
        state = store.state(session)
        lag = None if state.complete_at is None else max(0.0, (now - state.complete_at).total_seconds())
        return SyncView(
            configured=bool(context.config.central.url),
            cursor=state.cursor,
            fetching_everything=state.whole and state.cursor is not None,
            heard_at=state.heard_at,
            complete_at=state.complete_at,
            lag_seconds=lag,
            clock_offset_ms=state.offset_ms,
            conflicts=[_conflict(context.keys, row) for row in store.conflicts(session)],
            faults=[
                SyncFault.model_validate({"kind": row.kind, "id": row.item_id, "reason": row.fault})
                for row in store.faults(session)
            ],
        )


def _conflict(keys: Keys, row: SyncConflictRow) -> SyncConflict:
    hide = mask_phone if row.field == "phone" else mask_name
    record = f"conflict:{row.conflict_id}"
    return SyncConflict.model_validate(
        {
            **row.model_dump(include={"conflict_id", "at", "kind", "item_id", "field", "winner", "rule"}),
            "office_value": hide(keys.decrypt(row.office_value, record=f"{record}:office")),
            "company_value": hide(keys.decrypt(row.company_value, record=f"{record}:company")),
        }
    )
