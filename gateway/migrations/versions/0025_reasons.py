"""Reasons of devices and of their configuration as codes with facts.

Revision ID: 0025
Revises: 0024
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("nodes") as nodes:
        nodes.add_column(sa.Column("config_reasons", AutoString(), nullable=False, server_default="[]"))
        nodes.drop_column("config_reason")
    with op.batch_alter_table("devices") as devices:
        devices.add_column(sa.Column("facts", AutoString(), nullable=False, server_default="{}"))


def downgrade() -> None:
    with op.batch_alter_table("devices") as devices:
        devices.drop_column("facts")
    with op.batch_alter_table("nodes") as nodes:
        nodes.add_column(sa.Column("config_reason", AutoString(), nullable=False, server_default=""))
        nodes.drop_column("config_reasons")
