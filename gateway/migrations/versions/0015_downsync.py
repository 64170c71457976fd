"""What central masters is fetched: how far, which things, conflicts; agents, and scans that wait for their visit.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "down_state",
        sa.Column("one", sa.Integer(), nullable=False),
        sa.Column("cursor", AutoString(), nullable=True),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("heard_at", sa.BigInteger(), nullable=True),
        sa.Column("complete_at", sa.BigInteger(), nullable=True),
        sa.Column("offset_ms", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("one"),
    )
    op.create_table(
        "down_items",
        sa.Column("kind", AutoString(), nullable=False),
        sa.Column("item_id", AutoString(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("seen", sa.Boolean(), nullable=False),
        sa.Column("fault", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "item_id"),
    )
    op.create_table(
        "sync_conflicts",
        sa.Column("conflict_id", AutoString(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", AutoString(), nullable=False),
        sa.Column("item_id", AutoString(), nullable=False),
        sa.Column("field", AutoString(), nullable=False),
        sa.Column("office_value", sa.LargeBinary(), nullable=False),
        sa.Column("company_value", sa.LargeBinary(), nullable=False),
        sa.Column("winner", AutoString(), nullable=False),
        sa.Column("rule", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("conflict_id"),
    )
    op.create_table(
        "agents",
        sa.Column("agent_id", AutoString(), nullable=False),
        sa.Column("channel_id", AutoString(), nullable=False),
        sa.Column("channel_name", AutoString(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("agent_id"),
    )
    op.create_index("ix_agents_channel_id", "agents", ["channel_id"])
    with op.batch_alter_table("agent_scans") as table:
        table.alter_column("visit_id", existing_type=AutoString(), nullable=True)
        table.add_column(sa.Column("screen", AutoString(), nullable=False, server_default=""))
        table.add_column(sa.Column("used", sa.Integer(), nullable=True))
        table.create_index("ix_agent_scans_screen", ["screen", "at"])
        table.create_index("ix_agent_scans_used", ["agent_id", "used"], unique=True)
    with op.batch_alter_table("customers") as table:
        table.add_column(sa.Column("company_revision", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    with op.batch_alter_table("customers") as table:
        table.drop_column("company_revision")
    with op.batch_alter_table("agent_scans") as table:
        table.drop_index("ix_agent_scans_used")
        table.drop_index("ix_agent_scans_screen")
        table.drop_column("used")
        table.drop_column("screen")
        table.alter_column("visit_id", existing_type=AutoString(), nullable=False)
    op.drop_table("agents")
    op.drop_table("sync_conflicts")
    op.drop_table("down_items")
    op.drop_table("down_state")
