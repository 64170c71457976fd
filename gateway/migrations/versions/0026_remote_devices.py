"""Whether a node takes device lists, and the devices it says run.

Revision ID: 0026
Revises: 0025
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("nodes") as nodes:
        nodes.add_column(sa.Column("config_accepts", sa.Boolean(), nullable=False, server_default=sa.false()))
        nodes.add_column(sa.Column("config_running", AutoString(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("nodes") as nodes:
        nodes.drop_column("config_running")
        nodes.drop_column("config_accepts")
