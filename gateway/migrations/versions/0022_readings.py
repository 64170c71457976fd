"""What site sensors measure.

Revision ID: 0022
Revises: 0021
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString

from gateway.tables import Utc

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "readings",
        sa.Column("node", AutoString(), nullable=False),
        sa.Column("device", AutoString(), nullable=False),
        sa.Column("quantity", AutoString(), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("level", AutoString(), nullable=False),
        sa.Column("low", sa.Float(), nullable=True),
        sa.Column("high", sa.Float(), nullable=True),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("since", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("node", "device", "quantity", name=op.f("pk_readings")),
    )


def downgrade() -> None:
    op.drop_table("readings")
