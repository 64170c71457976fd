"""Appeals against verdicts, and what managers ruled.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "appeals",
        sa.Column("appeal_id", AutoString(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("visit_id", AutoString(), nullable=False),
        sa.Column("verdict_id", AutoString(), nullable=False),
        sa.Column("party_kind", AutoString(), nullable=False),
        sa.Column("party_id", AutoString(), nullable=False),
        sa.Column("agent_id", AutoString(), nullable=True),
        sa.Column("state", AutoString(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("filed_at", sa.BigInteger(), nullable=False),
        sa.Column("filed_by", AutoString(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("decided_by", AutoString(), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("result_verdict_id", AutoString(), nullable=True),
        sa.PrimaryKeyConstraint("appeal_id"),
    )
    op.create_index("ix_appeals_state", "appeals", ["state", "appeal_id"])
    for column in ("visit_id", "verdict_id", "party_id"):
        op.create_index(f"ix_appeals_{column}", "appeals", [column])
    op.create_table(
        "rulings",
        sa.Column("ruling_id", AutoString(), nullable=False),
        sa.Column("visit_id", AutoString(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("ruled_by", AutoString(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("appeal_id", AutoString(), nullable=True),
        sa.Column("source", AutoString(), nullable=True),
        sa.Column("channel_id", AutoString(), nullable=True),
        sa.Column("agent_id", AutoString(), nullable=True),
        sa.Column("referrer_id", AutoString(), nullable=True),
        sa.Column("claim_id", AutoString(), nullable=True),
        sa.Column("owner_id", AutoString(), nullable=True),
        sa.Column("hidden", sa.Boolean(), nullable=True),
        sa.PrimaryKeyConstraint("ruling_id"),
    )
    op.create_index("ix_rulings_visit_id", "rulings", ["visit_id"])


def downgrade() -> None:
    op.drop_table("rulings")
    op.drop_table("appeals")
