"""Who searched the customer files of all offices.

Revision: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "customer_lookup",
        sa.Column("lookup_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(40), nullable=False),
        sa.Column("shown", sa.Integer(), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("lookup_id", name="pk_customer_lookup"),
    )
    op.create_index("ix_customer_lookup_who", "customer_lookup", ["who", "at"])
    op.create_index("ix_customer_lookup_at", "customer_lookup", ["at", "lookup_id"])


def downgrade() -> None:
    op.drop_table("customer_lookup")
