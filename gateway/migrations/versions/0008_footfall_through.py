"""Minute sums say which events of which stream are in them, so that a rebuilt gateway counts none twice.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("footfall_minutes") as table:
        table.add_column(sa.Column("through", AutoString(), nullable=False, server_default="{}"))


def downgrade() -> None:
    with op.batch_alter_table("footfall_minutes") as table:
        table.drop_column("through")
