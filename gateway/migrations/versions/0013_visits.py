"""Signals, crossings and decisions of visits; when a party arrived; marks of non-customers.

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString

from gateway.tables import Utc

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _visits()
    op.create_table(
        "visit_crossings",
        sa.Column("crossing_id", AutoString(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("free", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("crossing_id"),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_visit_crossings_at"), "visit_crossings", ["at"], unique=False)
    _signals()
    op.create_table(
        "visit_decisions",
        sa.Column("decision_id", AutoString(), nullable=False),
        sa.Column("visit_id", AutoString(), nullable=False),
        sa.Column("decided_at", Utc(), nullable=False),
        sa.Column("action", AutoString(), nullable=False),
        sa.Column("rule", AutoString(), nullable=False),
        sa.Column("inputs", AutoString(), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("decision_id"),
    )
    op.create_index(op.f("ix_visit_decisions_visit_id"), "visit_decisions", ["visit_id"], unique=False)


def _visits() -> None:
    op.add_column("visits", sa.Column("arrived_at", Utc(), nullable=False, server_default="0"))
    op.add_column("visits", sa.Column("non_customer", AutoString(), nullable=True))
    op.add_column("visits", sa.Column("before_mark", AutoString(), nullable=True))
    op.execute("UPDATE visits SET arrived_at = opened_at")
    op.execute("UPDATE visits SET non_customer = 'other', before_mark = '' WHERE close_reason = 'not_customer'")


def _signals() -> None:
    op.create_table(
        "visit_signals",
        sa.Column("signal_id", AutoString(), nullable=False),
        sa.Column("day", AutoString(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("kind", AutoString(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("party", AutoString(), nullable=True),
        sa.Column("about", AutoString(), nullable=True),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("reason", AutoString(), nullable=False),
        sa.Column("how", AutoString(), nullable=False),
        sa.Column("visit_id", AutoString(), nullable=True),
        sa.Column("claimed", sa.Integer(), nullable=False),
        sa.Column("re_entering", sa.Integer(), nullable=False),
        sa.Column("doors_from", Utc(), nullable=False),
        sa.Column("doors_until", Utc(), nullable=False),
        sa.Column("taken", AutoString(), nullable=False),
        sa.Column("by", AutoString(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("signal_id"),
    )
    for column in ("at", "day", "visit_id"):
        op.create_index(op.f(f"ix_visit_signals_{column}"), "visit_signals", [column], unique=False)


def downgrade() -> None:
    op.drop_table("visit_decisions")
    op.drop_table("visit_signals")
    op.drop_table("visit_crossings")
    for column in ("before_mark", "non_customer", "arrived_at"):
        op.drop_column("visits", column)
