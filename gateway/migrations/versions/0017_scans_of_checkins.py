"""Which check-in an agent's code was read for.

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("agent_scans", sa.Column("checkin", AutoString(), nullable=True))


def downgrade() -> None:
    op.drop_column("agent_scans", "checkin")
