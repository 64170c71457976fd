"""Customers given to a consultant by a manager, and who linked a buying party.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString

from gateway.tables import Utc

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "owner_assignments",
        sa.Column("assignment_id", AutoString(), nullable=False),
        sa.Column("customer_id", AutoString(), nullable=False),
        sa.Column("consultant_id", AutoString(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("by", AutoString(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("assignment_id"),
    )
    op.create_index(op.f("ix_owner_assignments_customer_id"), "owner_assignments", ["customer_id"], unique=False)
    with op.batch_alter_table("buying_parties") as table:
        table.add_column(sa.Column("linked_by", AutoString(), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("buying_parties") as table:
        table.drop_column("linked_by")
    op.drop_table("owner_assignments")
