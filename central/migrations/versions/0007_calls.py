"""Calls that left a number.

Revision: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ID = sa.Uuid(as_uuid=False)


def upgrade() -> None:
    op.create_table(
        "call",
        sa.Column("office", sa.String(40), nullable=False),
        sa.Column("call_id", ID, nullable=False),
        sa.Column("customer_id", ID, nullable=False),
        sa.Column("consultant_id", ID, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("office", "call_id", name="pk_call"),
    )
    op.create_index("ix_call_customer", "call", ["office", "customer_id", "at"])


def downgrade() -> None:
    op.drop_table("call")
