"""How nodes are, which devices are asked of them, and what their devices put aside.

Revision ID: 0024
Revises: 0023
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString

from gateway.tables import Utc

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def _node() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("alarms", AutoString(), nullable=False, server_default="[]"),
        sa.Column("health", AutoString(), nullable=True),
        sa.Column("refused", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("config_version", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("config_state", AutoString(), nullable=False, server_default="file"),
        sa.Column("config_reason", AutoString(), nullable=False, server_default=""),
        sa.Column("config_active", sa.Integer(), nullable=False, server_default="0"),
    )


def upgrade() -> None:
    with op.batch_alter_table("nodes") as nodes:
        for column in _node():
            nodes.add_column(column)
    with op.batch_alter_table("devices") as devices:
        devices.add_column(sa.Column("discarded", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "node_configs",
        sa.Column("node", AutoString(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("devices", AutoString(), nullable=False),
        sa.Column("checksum", AutoString(), nullable=False),
        sa.Column("asked_by", AutoString(), nullable=False),
        sa.Column("asked_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("node", "version", name=op.f("pk_node_configs")),
    )


def downgrade() -> None:
    op.drop_table("node_configs")
    with op.batch_alter_table("devices") as devices:
        devices.drop_column("discarded")
    with op.batch_alter_table("nodes") as nodes:
        for column in reversed(_node()):
            nodes.drop_column(column.name)
