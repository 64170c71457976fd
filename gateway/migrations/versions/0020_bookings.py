"""Bookings, and the codes read that were none.

Revision ID: 0020
Revises: 0019
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString

from gateway.tables import Utc

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bookings",
        sa.Column("booking_id", AutoString(), nullable=False),
        sa.Column("person", sa.LargeBinary(), nullable=False),
        sa.Column("phone_index", AutoString(), nullable=False),
        sa.Column("code", sa.LargeBinary(), nullable=False),
        sa.Column("code_index", AutoString(), nullable=False),
        sa.Column("day", AutoString(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("until", Utc(), nullable=False),
        sa.Column("party_size", sa.Integer(), nullable=False),
        sa.Column("project", AutoString(), nullable=False),
        sa.Column("consultant_id", AutoString(), nullable=True),
        sa.Column("origin", AutoString(), nullable=False),
        sa.Column("booked_at", Utc(), nullable=False),
        sa.Column("booked_by", AutoString(), nullable=False),
        sa.Column("state", AutoString(), nullable=False),
        sa.Column("read_by", AutoString(), nullable=False),
        sa.Column("read_at", Utc(), nullable=True),
        sa.Column("visit_id", AutoString(), nullable=True),
        sa.Column("arrived_at", Utc(), nullable=True),
        sa.Column("cancelled_at", Utc(), nullable=True),
        sa.Column("cancelled_by", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("booking_id"),
        sa.UniqueConstraint("code_index"),
    )
    for column in ("phone_index", "day", "until", "visit_id"):
        op.create_index(f"ix_bookings_{column}", "bookings", [column])
    op.create_table(
        "booking_tries",
        sa.Column("try_id", AutoString(), nullable=False),
        sa.Column("screen", AutoString(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("try_id"),
    )
    op.create_index("ix_booking_tries_screen", "booking_tries", ["screen"])


def downgrade() -> None:
    op.drop_table("booking_tries")
    op.drop_table("bookings")
