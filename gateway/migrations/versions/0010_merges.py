"""Merged customer files.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString

from gateway.tables import Utc

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

LIVE = sa.text("state = 'merged'")


def upgrade() -> None:
    op.create_table(
        "customer_merges",
        sa.Column("merge_id", AutoString(), nullable=False),
        sa.Column("kept_id", AutoString(), nullable=False),
        sa.Column("merged_id", AutoString(), nullable=False),
        sa.Column("state", AutoString(), nullable=False),
        sa.Column("reason", AutoString(), nullable=False),
        sa.Column("proposed_at", Utc(), nullable=False),
        sa.Column("proposed_by", AutoString(), nullable=False),
        sa.Column("decided_at", Utc(), nullable=True),
        sa.Column("decided_by", AutoString(), nullable=False),
        sa.Column("decision_reason", AutoString(), nullable=False),
        sa.Column("ended_at", Utc(), nullable=True),
        sa.Column("ended_by", AutoString(), nullable=False),
        sa.Column("end_reason", AutoString(), nullable=False),
        sa.Column("kept_owner_id", AutoString(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("merge_id"),
    )
    op.create_index("uq_customer_merges_live", "customer_merges", ["merged_id"], unique=True, sqlite_where=LIVE)
    op.create_index("ix_customer_merges_kept", "customer_merges", ["kept_id"], unique=False, sqlite_where=LIVE)
    op.create_index("ix_customer_merges_state", "customer_merges", ["state", "merge_id"], unique=False)


def downgrade() -> None:
    op.drop_table("customer_merges")
