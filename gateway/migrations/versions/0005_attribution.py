"""What a verdict answers in full, and the claims it reads; when somebody left.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString

from gateway.tables import Utc

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _verdicts()
    _claims_of_channels()
    _claims_of_owners()
    op.add_column("people", sa.Column("left_at", Utc(), nullable=True))
    op.execute("UPDATE people SET left_at = CAST(strftime('%s', 'now') AS INTEGER) * 1000000 WHERE NOT active")


def _verdicts() -> None:
    op.add_column("verdicts", sa.Column("customer_id", AutoString(), nullable=True))
    op.add_column("verdicts", sa.Column("channel_id", AutoString(), nullable=True))
    op.add_column("verdicts", sa.Column("answer", AutoString(), nullable=False, server_default="{}"))
    op.create_index("ix_verdicts_made_at", "verdicts", ["made_at"], unique=False)
    op.create_index(op.f("ix_verdicts_channel_id"), "verdicts", ["channel_id"], unique=False)
    op.execute(
        "UPDATE verdicts SET customer_id = (SELECT customer_id FROM visits WHERE visits.visit_id = verdicts.visit_id)"
    )
    op.execute(
        "UPDATE verdicts SET answer = json_object('owner_rule', CASE WHEN owner_id IS NULL THEN 'nobody_yet' "
        "WHEN rule = 'live_ownership' THEN 'live_ownership' ELSE 'received' END)"
    )
    with op.batch_alter_table("verdicts") as table:
        table.alter_column("answer", server_default=None)


def _claims_of_channels() -> None:
    op.create_table(
        "registrations",
        sa.Column("registration_id", AutoString(), nullable=False),
        sa.Column("channel_id", AutoString(), nullable=False),
        sa.Column("agent_id", AutoString(), nullable=False),
        sa.Column("phone_index", AutoString(), nullable=True),
        sa.Column("phone37_index", AutoString(), nullable=True),
        sa.Column("accepted_at", Utc(), nullable=False),
        sa.Column("withdrawn_at", Utc(), nullable=True),
        sa.Column("project", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("registration_id"),
    )
    op.create_index(op.f("ix_registrations_phone_index"), "registrations", ["phone_index"], unique=False)
    op.create_index(op.f("ix_registrations_phone37_index"), "registrations", ["phone37_index"], unique=False)
    op.create_table(
        "referrals",
        sa.Column("referral_id", AutoString(), nullable=False),
        sa.Column("referrer_id", AutoString(), nullable=False),
        sa.Column("phone_index", AutoString(), nullable=False),
        sa.Column("recorded_at", Utc(), nullable=False),
        sa.Column("signed_at", Utc(), nullable=True),
        sa.Column("owner_present", sa.Boolean(), nullable=False),
        sa.Column("project", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("referral_id"),
    )
    op.create_index(op.f("ix_referrals_phone_index"), "referrals", ["phone_index"], unique=False)
    op.create_table(
        "agent_scans",
        sa.Column("scan_id", AutoString(), nullable=False),
        sa.Column("visit_id", AutoString(), nullable=False),
        sa.Column("channel_id", AutoString(), nullable=False),
        sa.Column("agent_id", AutoString(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("refused", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("scan_id"),
    )
    op.create_index(op.f("ix_agent_scans_visit_id"), "agent_scans", ["visit_id"], unique=False)


def _claims_of_owners() -> None:
    op.create_table(
        "calls",
        sa.Column("call_id", AutoString(), nullable=False),
        sa.Column("customer_id", AutoString(), nullable=False),
        sa.Column("consultant_id", AutoString(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("project", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("call_id"),
    )
    op.create_index(op.f("ix_calls_customer_id"), "calls", ["customer_id"], unique=False)
    op.create_table(
        "owner_claims",
        sa.Column("claim_id", AutoString(), nullable=False),
        sa.Column("visit_id", AutoString(), nullable=False),
        sa.Column("consultant_id", AutoString(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("claim_id"),
    )
    op.create_index(op.f("ix_owner_claims_visit_id"), "owner_claims", ["visit_id"], unique=False)
    op.create_table(
        "buying_parties",
        sa.Column("customer_id", AutoString(), nullable=False),
        sa.Column("party_id", AutoString(), nullable=False),
        sa.Column("relation", AutoString(), nullable=False),
        sa.Column("linked_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id"),
    )
    op.create_index(op.f("ix_buying_parties_party_id"), "buying_parties", ["party_id"], unique=False)


def downgrade() -> None:
    for table in ("registrations", "referrals", "agent_scans", "calls", "owner_claims", "buying_parties"):
        op.drop_table(table)
    op.drop_index(op.f("ix_verdicts_channel_id"), "verdicts")
    op.drop_index("ix_verdicts_made_at", "verdicts")
    for column in ("customer_id", "channel_id", "answer"):
        op.drop_column("verdicts", column)
    op.drop_column("people", "left_at")
