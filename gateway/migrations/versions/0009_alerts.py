"""Alerts and how far each came.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString

from gateway.tables import Utc

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

UNDELIVERED = sa.text("delivered_at IS NULL AND settled_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "alerts",
        sa.Column("alert_id", AutoString(), nullable=False),
        sa.Column("kind", AutoString(), nullable=False),
        sa.Column("subject_id", AutoString(), nullable=False),
        sa.Column("visit_id", AutoString(), nullable=True),
        sa.Column("ticket_number", sa.Integer(), nullable=True),
        sa.Column("recipient", AutoString(), nullable=False),
        sa.Column("role", AutoString(), nullable=False),
        sa.Column("person_id", AutoString(), nullable=True),
        sa.Column("owner_id", AutoString(), nullable=True),
        sa.Column("receiver_id", AutoString(), nullable=True),
        sa.Column("silent_days", sa.Integer(), nullable=True),
        sa.Column("step", AutoString(), nullable=True),
        sa.Column("raised_at", Utc(), nullable=False),
        sa.Column("expires_at", Utc(), nullable=False),
        sa.Column("delivered_at", Utc(), nullable=True),
        sa.Column("shown_at", Utc(), nullable=True),
        sa.Column("read_at", Utc(), nullable=True),
        sa.Column("read_by", AutoString(), nullable=True),
        sa.Column("settled_at", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("alert_id"),
        sa.UniqueConstraint("kind", "subject_id", "recipient", name="uq_alerts_once"),
    )
    op.create_index("ix_alerts_recipient", "alerts", ["recipient", "raised_at"])
    op.create_index("ix_alerts_visit", "alerts", ["visit_id"])
    op.create_index("ix_alerts_raised_at", "alerts", ["raised_at"])
    op.create_index("ix_alerts_undelivered", "alerts", ["expires_at"], sqlite_where=UNDELIVERED)


def downgrade() -> None:
    op.drop_table("alerts")
