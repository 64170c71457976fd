"""Faces: consents and the nodes' copies of them, withdrawals and certificates, codes.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString

from gateway.tables import Utc

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "consent_book",
        sa.Column("book", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("digest", AutoString(), nullable=False),
        sa.Column("vault_node", AutoString(), nullable=True),
        sa.Column("vault_key", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("book"),
    )
    op.create_table(
        "consent_texts",
        sa.Column("sha256", AutoString(), nullable=False),
        sa.Column("version", AutoString(), nullable=False),
        sa.Column("language", AutoString(), nullable=False),
        sa.Column("body", AutoString(), nullable=False),
        sa.Column("first_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("sha256"),
    )
    op.create_table(
        "consents",
        sa.Column("consent_id", AutoString(), nullable=False),
        sa.Column("person_ref", AutoString(), nullable=False),
        sa.Column("customer_id", AutoString(), nullable=False),
        sa.Column("visit_id", AutoString(), nullable=False),
        sa.Column("device_id", AutoString(), nullable=False),
        sa.Column("text_version", AutoString(), nullable=False),
        sa.Column("text_sha256", AutoString(), nullable=False),
        sa.Column("language", AutoString(), nullable=False),
        sa.Column("given_at", Utc(), nullable=False),
        sa.Column("until", Utc(), nullable=False),
        sa.Column("state", AutoString(), nullable=False),
        sa.Column("ended_at", Utc(), nullable=True),
        sa.Column("end_cause", AutoString(), nullable=True),
        sa.Column("under_14", sa.Boolean(), nullable=False),
        sa.Column("guardian", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.Column("engine", AutoString(), nullable=False),
        sa.Column("model", AutoString(), nullable=False),
        sa.Column("enrolled_at", Utc(), nullable=True),
        sa.Column("withdrawal_id", AutoString(), nullable=True),
        sa.PrimaryKeyConstraint("consent_id"),
        sa.UniqueConstraint("person_ref"),
    )
    with op.batch_alter_table("consents", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consents_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(
            "ix_consents_granted", ["given_at"], unique=False, sqlite_where=sa.text("state = 'granted'")
        )
        batch_op.create_index("ix_consents_state", ["state"], unique=False, sqlite_where=sa.text("state != 'ended'"))
        batch_op.create_index("ix_consents_told", ["version"], unique=False, sqlite_where=sa.text("settled = 0"))
        batch_op.create_index("ix_consents_until", ["until"], unique=False, sqlite_where=sa.text("state != 'ended'"))
        batch_op.create_index(batch_op.f("ix_consents_withdrawal_id"), ["withdrawal_id"], unique=False)
        batch_op.create_index(
            "uq_consents_live", ["customer_id"], unique=True, sqlite_where=sa.text("state != 'ended'")
        )

    op.create_table(
        "enrolments",
        sa.Column("consent_id", AutoString(), nullable=False),
        sa.Column("state", AutoString(), nullable=False),
        sa.Column("node", AutoString(), nullable=False),
        sa.Column("camera", AutoString(), nullable=False),
        sa.Column("command_id", AutoString(), nullable=False),
        sa.Column("asked_at", Utc(), nullable=False),
        sa.Column("deadline", Utc(), nullable=False),
        sa.Column("preview_port", sa.Integer(), nullable=True),
        sa.Column("preview_token", AutoString(), nullable=True),
        sa.Column("shots", sa.Integer(), nullable=False),
        sa.Column("of", sa.Integer(), nullable=False),
        sa.Column("reason", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("consent_id"),
    )
    op.create_table(
        "face_acts",
        sa.Column("act_id", sa.Integer(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("act", AutoString(), nullable=False),
        sa.Column("consent_id", AutoString(), nullable=True),
        sa.Column("by", AutoString(), nullable=False),
        sa.Column("facts", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("act_id"),
    )
    with op.batch_alter_table("face_acts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_face_acts_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_face_acts_consent_id"), ["consent_id"], unique=False)

    op.create_table(
        "face_codes",
        sa.Column("code_id", AutoString(), nullable=False),
        sa.Column("phone_index", AutoString(), nullable=False),
        sa.Column("device_id", AutoString(), nullable=False),
        sa.Column("digest", AutoString(), nullable=False),
        sa.Column("sent_at", Utc(), nullable=False),
        sa.Column("expires_at", Utc(), nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.Column("used_at", Utc(), nullable=True),
        sa.Column("replaced", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("code_id"),
    )
    with op.batch_alter_table("face_codes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_face_codes_device_id"), ["device_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_face_codes_phone_index"), ["phone_index"], unique=False)
        batch_op.create_index(batch_op.f("ix_face_codes_sent_at"), ["sent_at"], unique=False)

    op.create_table(
        "face_forgotten",
        sa.Column("consent_id", AutoString(), nullable=False),
        sa.Column("node", AutoString(), nullable=False),
        sa.Column("templates", sa.Integer(), nullable=False),
        sa.Column("vault", sa.Boolean(), nullable=False),
        sa.Column("cause", AutoString(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("consent_id", "node"),
    )
    op.create_table(
        "face_grants",
        sa.Column("grant_sha256", AutoString(), nullable=False),
        sa.Column("phone_index", AutoString(), nullable=False),
        sa.Column("device_id", AutoString(), nullable=False),
        sa.Column("expires_at", Utc(), nullable=False),
        sa.Column("withdrawal_id", AutoString(), nullable=True),
        sa.PrimaryKeyConstraint("grant_sha256"),
    )
    with op.batch_alter_table("face_grants", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_face_grants_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "face_nodes",
        sa.Column("node", AutoString(), nullable=False),
        sa.Column("status", AutoString(), nullable=False),
        sa.Column("vault", sa.Boolean(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("first_at", Utc(), nullable=False),
        sa.Column("last_at", Utc(), nullable=False),
        sa.Column("released_at", Utc(), nullable=True),
        sa.Column("released_by", AutoString(), nullable=False),
        sa.Column("release_reason", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("node"),
    )
    op.create_table(
        "face_refusals",
        sa.Column("day", AutoString(), nullable=False),
        sa.Column("visit_id", AutoString(), nullable=False),
        sa.Column("phone_index", AutoString(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("day", "visit_id"),
    )
    with op.batch_alter_table("face_refusals", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_face_refusals_phone_index"), ["phone_index"], unique=False)

    op.create_table(
        "kiosk_checkins",
        sa.Column("visit_id", AutoString(), nullable=False),
        sa.Column("device_id", AutoString(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("visit_id"),
    )
    with op.batch_alter_table("kiosk_checkins", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_kiosk_checkins_at"), ["at"], unique=False)

    op.create_table(
        "simulated_messages",
        sa.Column("message_id", AutoString(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("to", sa.LargeBinary(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("message_id"),
    )
    with op.batch_alter_table("simulated_messages", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_simulated_messages_at"), ["at"], unique=False)

    op.create_table(
        "withdrawal_nodes",
        sa.Column("withdrawal_id", AutoString(), nullable=False),
        sa.Column("node", AutoString(), nullable=False),
        sa.Column("state", AutoString(), nullable=False),
        sa.Column("vault", sa.Boolean(), nullable=False),
        sa.Column("templates", sa.Integer(), nullable=True),
        sa.Column("at", Utc(), nullable=True),
        sa.Column("by", AutoString(), nullable=False),
        sa.Column("reason", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("withdrawal_id", "node"),
    )
    with op.batch_alter_table("withdrawal_nodes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_withdrawal_nodes_node"), ["node"], unique=False)

    op.create_table(
        "withdrawals",
        sa.Column("withdrawal_id", AutoString(), nullable=False),
        sa.Column("customer_id", AutoString(), nullable=False),
        sa.Column("state", AutoString(), nullable=False),
        sa.Column("cause", AutoString(), nullable=False),
        sa.Column("requested_at", Utc(), nullable=False),
        sa.Column("requested_by", AutoString(), nullable=False),
        sa.Column("requester_id", AutoString(), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("stops_by", Utc(), nullable=False),
        sa.Column("completed_at", Utc(), nullable=True),
        sa.Column("certificate_no", AutoString(), nullable=True),
        sa.Column("certificate", AutoString(), nullable=True),
        sa.PrimaryKeyConstraint("withdrawal_id"),
        sa.UniqueConstraint("certificate_no"),
    )
    with op.batch_alter_table("withdrawals", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_withdrawals_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_withdrawals_state"), ["state"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("withdrawals", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_withdrawals_state"))
        batch_op.drop_index(batch_op.f("ix_withdrawals_customer_id"))

    op.drop_table("withdrawals")
    with op.batch_alter_table("withdrawal_nodes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_withdrawal_nodes_node"))

    op.drop_table("withdrawal_nodes")
    with op.batch_alter_table("simulated_messages", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_simulated_messages_at"))

    op.drop_table("simulated_messages")
    with op.batch_alter_table("kiosk_checkins", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_kiosk_checkins_at"))

    op.drop_table("kiosk_checkins")
    with op.batch_alter_table("face_refusals", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_face_refusals_phone_index"))

    op.drop_table("face_refusals")
    op.drop_table("face_nodes")
    with op.batch_alter_table("face_grants", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_face_grants_expires_at"))

    op.drop_table("face_grants")
    op.drop_table("face_forgotten")
    with op.batch_alter_table("face_codes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_face_codes_sent_at"))
        batch_op.drop_index(batch_op.f("ix_face_codes_phone_index"))
        batch_op.drop_index(batch_op.f("ix_face_codes_device_id"))

    op.drop_table("face_codes")
    with op.batch_alter_table("face_acts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_face_acts_consent_id"))
        batch_op.drop_index(batch_op.f("ix_face_acts_at"))

    op.drop_table("face_acts")
    op.drop_table("enrolments")
    with op.batch_alter_table("consents", schema=None) as batch_op:
        batch_op.drop_index("uq_consents_live", sqlite_where=sa.text("state != 'ended'"))
        batch_op.drop_index(batch_op.f("ix_consents_withdrawal_id"))
        batch_op.drop_index("ix_consents_until", sqlite_where=sa.text("state != 'ended'"))
        batch_op.drop_index("ix_consents_told", sqlite_where=sa.text("settled = 0"))
        batch_op.drop_index("ix_consents_state", sqlite_where=sa.text("state != 'ended'"))
        batch_op.drop_index("ix_consents_granted", sqlite_where=sa.text("state = 'granted'"))
        batch_op.drop_index(batch_op.f("ix_consents_customer_id"))

    op.drop_table("consents")
    op.drop_table("consent_texts")
    op.drop_table("consent_book")
