"""Calls and merges that offices told before they came down again enter the order of what comes down.

Revision: 0010
"""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

CHANGES = sa.table(
    "down_change",
    sa.column("office", sa.String),
    sa.column("kind", sa.String),
    sa.column("item_id", sa.String),
    sa.column("sequence", sa.BigInteger),
    sa.column("deleted", sa.Boolean),
    sa.column("changed_at", sa.DateTime(timezone=True)),
)
HEADS = sa.table(
    "down_head",
    sa.column("office", sa.String),
    sa.column("sequence", sa.BigInteger),
    sa.column("forgotten", sa.BigInteger),
)
ID = sa.Uuid(as_uuid=False)
TOLD = {
    "call": sa.table("call", sa.column("office", sa.String), sa.column("call_id", ID)),
    "merge": sa.table("customer_merge", sa.column("office", sa.String), sa.column("merge_id", ID)),
}


def upgrade() -> None:
    bound, now = op.get_bind(), datetime.now(UTC)
    rows: dict[str, list[dict[str, Any]]] = {}
    for kind, table in TOLD.items():
        for office, item_id in bound.execute(sa.select(table)).all():
            fact = {"office": office, "kind": kind, "item_id": item_id, "deleted": False, "changed_at": now}
            rows.setdefault(office, []).append(fact)
    for office, items in rows.items():
        last = bound.execute(sa.select(HEADS.c.sequence).where(HEADS.c.office == office)).scalar()
        if last is None:
            bound.execute(HEADS.insert().values(office=office, sequence=0, forgotten=0))
        for place, item in enumerate(items, start=(last or 0) + 1):
            item["sequence"] = place
        bound.execute(CHANGES.insert(), items)
        bound.execute(HEADS.update().where(HEADS.c.office == office).values(sequence=items[-1]["sequence"]))


def downgrade() -> None:
    op.execute(CHANGES.delete().where(CHANGES.c.kind.in_(tuple(TOLD))))
