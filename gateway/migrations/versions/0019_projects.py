"""The project (项目) that a visit is for, and that an agent's code names.

Revision ID: 0019
Revises: 0018
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("visits", "agent_scans"):
        op.add_column(table, sa.Column("project", AutoString(), nullable=False, server_default=""))


def downgrade() -> None:
    for table in ("visits", "agent_scans"):
        op.drop_column(table, "project")
