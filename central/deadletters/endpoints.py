"""What could not be taken, newest first."""

from fastapi import APIRouter

from central.access import roles
from central.deadletters import repository
from central.deadletters.tables import DeadLetter
from central.paging import cursor_of, cut
from central.runtime import RuntimeDep
from contracts.cursors import Cursor
from contracts.floor_api import DeadLetterPage, DeadLetterView

router = APIRouter(tags=["dead letters"])


@router.get("/v1/dead-letters", **roles("admin"))
async def dead_letters(runtime: RuntimeDep, cursor: str | None = None) -> DeadLetterPage:
    """Reason, place and size; the content stays encrypted. `topic` says where it came in."""
    async with runtime.database.read() as session:
        rows = await repository.page(session, cursor_of(cursor))
    shown, following = cut(rows, lambda row: Cursor(row.received_at, row.dead_letter_id))
    return DeadLetterPage(items=[_view(row) for row in shown], next_cursor=following)


def _view(row: DeadLetter) -> DeadLetterView:
    return DeadLetterView(
        dead_letter_id=row.dead_letter_id,
        received_at=row.received_at,
        node=None,
        topic=f"{row.origin}/{row.office}" if row.office else row.origin,
        stream=row.stream,
        sequence=row.sequence,
        event_type=row.event_type,
        reason=row.reason,
        detail=row.detail,
        size=row.size,
    )
