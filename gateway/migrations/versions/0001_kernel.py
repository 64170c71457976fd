"""The kernel's tables: ingest, dead letters, footfall, nodes, roster, sessions, uplink.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString

from gateway.tables import Utc

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "commands",
        sa.Column("id", AutoString(), nullable=False),
        sa.Column("node", AutoString(), nullable=False),
        sa.Column("device", AutoString(), nullable=False),
        sa.Column("type", AutoString(), nullable=False),
        sa.Column("sent_at", Utc(), nullable=False),
        sa.Column("expires_at", Utc(), nullable=False),
        sa.Column("replied_at", Utc(), nullable=True),
        sa.Column("ok", sa.Boolean(), nullable=True),
        sa.Column("error", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_commands_sent_at"), "commands", ["sent_at"], unique=False)
    op.create_table(
        "dead_letters",
        sa.Column("dead_letter_id", AutoString(), nullable=False),
        sa.Column("received_at", Utc(), nullable=False),
        sa.Column("expires_at", Utc(), nullable=False),
        sa.Column("node", AutoString(), nullable=True),
        sa.Column("topic", AutoString(), nullable=False),
        sa.Column("stream", AutoString(), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.Column("event_id", AutoString(), nullable=True),
        sa.Column("event_type", AutoString(), nullable=True),
        sa.Column("reason", AutoString(), nullable=False),
        sa.Column("detail", AutoString(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("digest", AutoString(), nullable=False),
        sa.Column("repeats", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("dead_letter_id"),
    )
    op.create_index(op.f("ix_dead_letters_digest"), "dead_letters", ["digest"], unique=False)
    op.create_index(op.f("ix_dead_letters_expires_at"), "dead_letters", ["expires_at"], unique=False)
    op.create_index(op.f("ix_dead_letters_received_at"), "dead_letters", ["received_at"], unique=False)
    op.create_index(op.f("ix_dead_letters_stream"), "dead_letters", ["stream"], unique=False)
    op.create_table(
        "devices",
        sa.Column("node", AutoString(), nullable=False),
        sa.Column("device", AutoString(), nullable=False),
        sa.Column("driver", AutoString(), nullable=False),
        sa.Column("state", AutoString(), nullable=False),
        sa.Column("reason", AutoString(), nullable=False),
        sa.Column("last_seen", Utc(), nullable=True),
        sa.Column("state_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("node", "device"),
    )
    op.create_table(
        "events",
        sa.Column("id", AutoString(), nullable=False),
        sa.Column("stream", AutoString(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("node", AutoString(), nullable=False),
        sa.Column("device", AutoString(), nullable=False),
        sa.Column("type", AutoString(), nullable=False),
        sa.Column("time", Utc(), nullable=False),
        sa.Column("device_time", Utc(), nullable=False),
        sa.Column("received_at", Utc(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("clock_wrong", sa.Boolean(), nullable=False),
        sa.Column("data", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("stream", "sequence", name="uq_events_stream_sequence"),
    )
    op.create_index(op.f("ix_events_received_at"), "events", ["received_at"], unique=False)
    op.create_table(
        "footfall_minutes",
        sa.Column("minute", Utc(), nullable=False),
        sa.Column("node", AutoString(), nullable=False),
        sa.Column("device", AutoString(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("count_in", sa.Integer(), nullable=False),
        sa.Column("count_out", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("minute", "node", "device", "line"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "gateway_state",
        sa.Column("key", AutoString(), nullable=False),
        sa.Column("value", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("scope", AutoString(), nullable=False),
        sa.Column("key", AutoString(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.Column("fingerprint", AutoString(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "key"),
    )
    op.create_index(op.f("ix_idempotency_keys_at"), "idempotency_keys", ["at"], unique=False)
    op.create_table(
        "nodes",
        sa.Column("node", AutoString(), nullable=False),
        sa.Column("online", sa.Boolean(), nullable=False),
        sa.Column("lag", sa.Integer(), nullable=False),
        sa.Column("unsafe", sa.Integer(), nullable=False),
        sa.Column("last_seen", Utc(), nullable=True),
        sa.Column("version", AutoString(), nullable=False),
        sa.Column("stream", AutoString(), nullable=True),
        sa.Column("clock_synced", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("node"),
    )
    op.create_table(
        "people",
        sa.Column("person_id", AutoString(), nullable=False),
        sa.Column("staff_no", AutoString(), nullable=False),
        sa.Column("name_encrypted", sa.LargeBinary(), nullable=False),
        sa.Column("role", AutoString(), nullable=False),
        sa.Column("pin_hash", AutoString(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("skills", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("person_id"),
    )
    op.create_index(op.f("ix_people_staff_no"), "people", ["staff_no"], unique=False)
    op.create_table(
        "safe_marks",
        sa.Column("uplink_sequence", sa.Integer(), nullable=False),
        sa.Column("stream", AutoString(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("uplink_sequence", "stream"),
    )
    op.create_table(
        "sessions",
        sa.Column("token_sha256", AutoString(), nullable=False),
        sa.Column("person_id", AutoString(), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("expires_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("token_sha256"),
    )
    op.create_index(op.f("ix_sessions_expires_at"), "sessions", ["expires_at"], unique=False)
    op.create_index(op.f("ix_sessions_person_id"), "sessions", ["person_id"], unique=False)
    op.create_table(
        "sign_in_failures",
        sa.Column("staff_no", AutoString(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("last_at", Utc(), nullable=False),
        sa.Column("locked_until", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("staff_no"),
    )
    op.create_table(
        "streams",
        sa.Column("stream", AutoString(), nullable=False),
        sa.Column("node", AutoString(), nullable=False),
        sa.Column("committed", sa.Integer(), nullable=False),
        sa.Column("safe", sa.Integer(), nullable=False),
        sa.Column("refused", AutoString(), nullable=True),
        sa.Column("first_at", Utc(), nullable=False),
        sa.Column("last_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("stream"),
    )
    op.create_table(
        "uplink_events",
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("id", AutoString(), nullable=False),
        sa.Column("source", AutoString(), nullable=False),
        sa.Column("type", AutoString(), nullable=False),
        sa.Column("time", Utc(), nullable=False),
        sa.Column("data", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("sequence"),
        sa.UniqueConstraint("id"),
    )
    op.create_table(
        "uplink_stream",
        sa.Column("singleton", sa.Integer(), nullable=False),
        sa.Column("stream", AutoString(), nullable=False),
        sa.Column("last_sequence", sa.Integer(), nullable=False),
        sa.Column("committed", sa.Integer(), nullable=False),
        sa.Column("safe", sa.Integer(), nullable=False),
        sa.Column("epoch", AutoString(), nullable=True),
        sa.Column("last_ack_at", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("singleton"),
    )


def downgrade() -> None:
    op.drop_table("uplink_stream")
    op.drop_table("uplink_events")
    op.drop_table("streams")
    op.drop_table("sign_in_failures")
    op.drop_index(op.f("ix_sessions_person_id"), table_name="sessions")
    op.drop_index(op.f("ix_sessions_expires_at"), table_name="sessions")
    op.drop_table("sessions")
    op.drop_table("safe_marks")
    op.drop_index(op.f("ix_people_staff_no"), table_name="people")
    op.drop_table("people")
    op.drop_table("nodes")
    op.drop_index(op.f("ix_idempotency_keys_at"), table_name="idempotency_keys")
    op.drop_table("idempotency_keys")
    op.drop_table("gateway_state")
    op.drop_table("footfall_minutes")
    op.drop_index(op.f("ix_events_received_at"), table_name="events")
    op.drop_table("events")
    op.drop_table("devices")
    op.drop_index(op.f("ix_dead_letters_stream"), table_name="dead_letters")
    op.drop_index(op.f("ix_dead_letters_received_at"), table_name="dead_letters")
    op.drop_index(op.f("ix_dead_letters_expires_at"), table_name="dead_letters")
    op.drop_index(op.f("ix_dead_letters_digest"), table_name="dead_letters")
    op.drop_table("dead_letters")
    op.drop_index(op.f("ix_commands_sent_at"), table_name="commands")
    op.drop_table("commands")
