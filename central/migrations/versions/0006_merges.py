"""Customer files of one person, merged by an office.

Revision: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ID = sa.Uuid(as_uuid=False)


def upgrade() -> None:
    op.create_table(
        "customer_merge",
        sa.Column("office", sa.String(40), nullable=False),
        sa.Column("merge_id", ID, nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("kept_id", ID, nullable=False),
        sa.Column("merged_id", ID, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("office", "merge_id", name="pk_customer_merge"),
    )
    op.create_index("ix_customer_merge_merged", "customer_merge", ["merged_id", "office"])
    op.create_index("ix_customer_merge_kept", "customer_merge", ["kept_id", "office"])


def downgrade() -> None:
    op.drop_table("customer_merge")
