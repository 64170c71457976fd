"""Recognised arrivals: greetings, sightings, check-ins by screen, decisions; and questions to the reception.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString

from gateway.tables import Utc

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "checkin_marks",
        sa.Column("mark_id", AutoString(), nullable=False),
        sa.Column("visit_id", AutoString(), nullable=False),
        sa.Column("customer_id", AutoString(), nullable=True),
        sa.Column("device_id", AutoString(), nullable=True),
        sa.Column("node", AutoString(), nullable=True),
        sa.Column("camera", AutoString(), nullable=True),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("proof", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("mark_id"),
    )
    op.create_index(op.f("ix_checkin_marks_at"), "checkin_marks", ["at"], unique=False)
    op.create_index("ix_checkin_marks_camera", "checkin_marks", ["node", "camera", "at"], unique=False)
    op.create_index(op.f("ix_checkin_marks_visit_id"), "checkin_marks", ["visit_id"], unique=False)
    op.create_table(
        "face_decisions",
        sa.Column("decision_id", AutoString(), nullable=False),
        sa.Column("kind", AutoString(), nullable=False),
        sa.Column("trigger", AutoString(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("rule", AutoString(), nullable=False),
        sa.Column("action", AutoString(), nullable=False),
        sa.Column("greeting_id", AutoString(), nullable=True),
        sa.Column("inputs", AutoString(), nullable=False),
        sa.Column("decision", AutoString(), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("decision_id"),
        sa.UniqueConstraint("trigger"),
    )
    op.create_index(op.f("ix_face_decisions_at"), "face_decisions", ["at"], unique=False)
    op.create_index(op.f("ix_face_decisions_greeting_id"), "face_decisions", ["greeting_id"], unique=False)
    op.create_table(
        "greeting_sightings",
        sa.Column("greeting_id", AutoString(), nullable=False),
        sa.Column("node", AutoString(), nullable=False),
        sa.Column("camera", AutoString(), nullable=False),
        sa.Column("track", sa.Integer(), nullable=False),
        sa.Column("first_seen_at", Utc(), nullable=False),
        sa.Column("last_seen_at", Utc(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("second", sa.Float(), nullable=False),
        sa.Column("threshold", sa.Float(), nullable=False),
        sa.Column("votes", sa.Integer(), nullable=False),
        sa.Column("frames", sa.Integer(), nullable=False),
        sa.Column("gallery", sa.Integer(), nullable=False),
        sa.Column("engine", AutoString(), nullable=False),
        sa.Column("model", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("greeting_id", "node", "camera", "track"),
    )
    op.create_index(
        "ix_greeting_sightings_camera", "greeting_sightings", ["node", "camera", "last_seen_at"], unique=False
    )
    op.create_table(
        "greetings",
        sa.Column("greeting_id", AutoString(), nullable=False),
        sa.Column("customer_id", AutoString(), nullable=False),
        sa.Column("consent_id", AutoString(), nullable=False),
        sa.Column("visit_id", AutoString(), nullable=True),
        sa.Column("review_id", AutoString(), nullable=True),
        sa.Column("how", AutoString(), nullable=False),
        sa.Column("state", AutoString(), nullable=False),
        sa.Column("rule", AutoString(), nullable=False),
        sa.Column("opened_at", Utc(), nullable=False),
        sa.Column("linked_at", Utc(), nullable=False),
        sa.Column("expires_at", Utc(), nullable=False),
        sa.Column("previous_visit_at", Utc(), nullable=True),
        sa.Column("undo_closed_at", Utc(), nullable=True),
        sa.Column("undo_close_reason", AutoString(), nullable=True),
        sa.Column("undo_consultant_id", AutoString(), nullable=True),
        sa.Column("decided_at", Utc(), nullable=True),
        sa.Column("decided_by", AutoString(), nullable=False),
        sa.Column("reason", AutoString(), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("greeting_id"),
    )
    op.create_index("ix_greetings_customer", "greetings", ["customer_id", "opened_at"], unique=False)
    op.create_index(
        "ix_greetings_open", "greetings", ["expires_at"], unique=False, sqlite_where=sa.text("state = 'open'")
    )
    op.create_index("ix_greetings_opened", "greetings", ["opened_at"], unique=False)
    op.create_index(op.f("ix_greetings_review_id"), "greetings", ["review_id"], unique=False)
    op.create_index(op.f("ix_greetings_visit_id"), "greetings", ["visit_id"], unique=False)
    op.create_table(
        "review_candidates",
        sa.Column("review_id", AutoString(), nullable=False),
        sa.Column("customer_id", AutoString(), nullable=False),
        sa.Column("greeting_id", AutoString(), nullable=True),
        sa.Column("evidence", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("review_id", "customer_id"),
    )
    op.create_table(
        "reviews",
        sa.Column("review_id", AutoString(), nullable=False),
        sa.Column("kind", AutoString(), nullable=False),
        sa.Column("state", AutoString(), nullable=False),
        sa.Column("opened_at", Utc(), nullable=False),
        sa.Column("visit_id", AutoString(), nullable=True),
        sa.Column("consent_id", AutoString(), nullable=True),
        sa.Column("decided_at", Utc(), nullable=True),
        sa.Column("decided_by", AutoString(), nullable=False),
        sa.Column("decision", AutoString(), nullable=True),
        sa.Column("reason", AutoString(), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("review_id"),
    )
    op.create_index("ix_reviews_open", "reviews", ["opened_at"], unique=False, sqlite_where=sa.text("state = 'open'"))
    op.create_index(op.f("ix_reviews_visit_id"), "reviews", ["visit_id"], unique=False)


def downgrade() -> None:
    op.drop_table("reviews")
    op.drop_table("review_candidates")
    op.drop_table("greetings")
    op.drop_table("greeting_sightings")
    op.drop_table("face_decisions")
    op.drop_table("checkin_marks")
