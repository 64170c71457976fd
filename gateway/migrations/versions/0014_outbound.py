"""Pushes and what each person wants on their telephone; webhooks of other systems and the facts for them.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString

from gateway.tables import Utc

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pushes",
        sa.Column("push_id", AutoString(), nullable=False),
        sa.Column("channel", AutoString(), nullable=False),
        sa.Column("kind", AutoString(), nullable=False),
        sa.Column("subject_id", AutoString(), nullable=False),
        sa.Column("ticket_number", sa.Integer(), nullable=True),
        sa.Column("recipient", AutoString(), nullable=False),
        sa.Column("state", AutoString(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", AutoString(), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("next_at", Utc(), nullable=False),
        sa.Column("expires_at", Utc(), nullable=False),
        sa.Column("sent_at", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("push_id"),
        sa.UniqueConstraint("channel", "kind", "subject_id", "recipient", name="uq_pushes_once"),
    )
    op.create_index("ix_pushes_created_at", "pushes", ["created_at"])
    op.create_index("ix_pushes_pending", "pushes", ["channel", "next_at"], sqlite_where=sa.text("state = 'pending'"))
    op.create_table(
        "push_preferences",
        sa.Column("person_id", AutoString(), nullable=False),
        sa.Column("body", AutoString(), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("person_id"),
    )
    op.create_table(
        "webhooks",
        sa.Column("webhook_id", AutoString(), nullable=False),
        sa.Column("url", AutoString(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("after", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failing_since", Utc(), nullable=True),
        sa.Column("next_at", Utc(), nullable=False),
        sa.Column("last_error", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("webhook_id"),
    )
    op.create_table(
        "webhook_facts",
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("message_id", AutoString(), nullable=False),
        sa.Column("kind", AutoString(), nullable=False),
        sa.Column("body", AutoString(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("sequence"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_webhook_facts_at", "webhook_facts", ["at"])
    op.create_table(
        "webhook_dead_letters",
        sa.Column("dead_letter_id", AutoString(), nullable=False),
        sa.Column("webhook_id", AutoString(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("error", AutoString(), nullable=False),
        sa.Column("given_up_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("dead_letter_id"),
    )
    op.create_index("ix_webhook_dead_letters_webhook_id", "webhook_dead_letters", ["webhook_id"])


def downgrade() -> None:
    op.drop_table("webhook_dead_letters")
    op.drop_table("webhook_facts")
    op.drop_table("webhooks")
    op.drop_table("push_preferences")
    op.drop_table("pushes")
