"""What visitors answer to the gate questions, and what the desk should look for.

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString

from gateway.tables import Utc

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "gate_answers",
        sa.Column("answer_id", AutoString(), nullable=False),
        sa.Column("visit_id", AutoString(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("asked_by", AutoString(), nullable=False),
        sa.Column("first_visit", sa.Boolean(), nullable=True),
        sa.Column("family_visited", sa.Boolean(), nullable=True),
        sa.Column("contacted", sa.Boolean(), nullable=True),
        sa.PrimaryKeyConstraint("answer_id"),
    )
    op.create_index("ix_gate_answers_visit_id", "gate_answers", ["visit_id"])
    op.add_column("visits", sa.Column("hints", AutoString(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("visits", "hints")
    op.drop_index("ix_gate_answers_visit_id", "gate_answers")
    op.drop_table("gate_answers")
