"""What the office does: visits, customers, turns, verdicts, tickets, facts, drafts, policies.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString

from gateway.tables import Utc

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "customer_reveals",
        sa.Column("reveal_id", AutoString(), nullable=False),
        sa.Column("customer_id", AutoString(), nullable=False),
        sa.Column("person_id", AutoString(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("reveal_id"),
    )
    with op.batch_alter_table("customer_reveals", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_customer_reveals_customer_id"), ["customer_id"], unique=False)

    op.create_table(
        "customers",
        sa.Column("customer_id", AutoString(), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("phone_index", AutoString(), nullable=True),
        sa.Column("phone37_index", AutoString(), nullable=True),
        sa.Column("last4_index", AutoString(), nullable=True),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("name_index", AutoString(), nullable=True),
        sa.Column("details", sa.LargeBinary(), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("owner_id", AutoString(), nullable=True),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("last_visit_at", Utc(), nullable=True),
        sa.Column("visit_count", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id"),
        sa.UniqueConstraint("phone_index"),
    )
    with op.batch_alter_table("customers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_customers_last4_index"), ["last4_index"], unique=False)
        batch_op.create_index(batch_op.f("ix_customers_name_index"), ["name_index"], unique=False)
        batch_op.create_index(batch_op.f("ix_customers_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_customers_phone37_index"), ["phone37_index"], unique=False)

    op.create_table(
        "drafts",
        sa.Column("draft_id", AutoString(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("updated_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("draft_id"),
    )
    with op.batch_alter_table("drafts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_drafts_updated_at"), ["updated_at"], unique=False)

    op.create_table(
        "follow_ups",
        sa.Column("fact_id", AutoString(), nullable=False),
        sa.Column("customer_id", AutoString(), nullable=False),
        sa.Column("consultant_id", AutoString(), nullable=False),
        sa.Column("channel", AutoString(), nullable=False),
        sa.Column("reached", sa.Boolean(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("fact_id"),
    )
    with op.batch_alter_table("follow_ups", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_follow_ups_customer_id"), ["customer_id"], unique=False)

    op.create_table(
        "make_ups",
        sa.Column("make_up_id", AutoString(), nullable=False),
        sa.Column("person_id", AutoString(), nullable=False),
        sa.Column("visit_id", AutoString(), nullable=False),
        sa.Column("missed_at", Utc(), nullable=False),
        sa.Column("used_at", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("make_up_id"),
    )
    with op.batch_alter_table("make_ups", schema=None) as batch_op:
        batch_op.create_index("uq_make_ups_open", ["person_id"], unique=True, sqlite_where=sa.text("used_at IS NULL"))

    op.create_table(
        "offers",
        sa.Column("offer_id", AutoString(), nullable=False),
        sa.Column("visit_id", AutoString(), nullable=False),
        sa.Column("consultant_id", AutoString(), nullable=False),
        sa.Column("day", AutoString(), nullable=False),
        sa.Column("state", AutoString(), nullable=False),
        sa.Column("offered_at", Utc(), nullable=False),
        sa.Column("expires_at", Utc(), nullable=False),
        sa.Column("decided_at", Utc(), nullable=True),
        sa.Column("decline_reason", AutoString(), nullable=True),
        sa.Column("uses_turn", sa.Boolean(), nullable=False),
        sa.Column("to_all", sa.Boolean(), nullable=False),
        sa.Column("rule", AutoString(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("offer_id"),
    )
    with op.batch_alter_table("offers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_offers_day"), ["day"], unique=False)
        batch_op.create_index(
            "ix_offers_deadline", ["expires_at"], unique=False, sqlite_where=sa.text("state = 'pending'")
        )
        batch_op.create_index(batch_op.f("ix_offers_visit_id"), ["visit_id"], unique=False)
        batch_op.create_index(
            "uq_offers_pending", ["consultant_id"], unique=True, sqlite_where=sa.text("state = 'pending'")
        )

    op.create_table(
        "policies",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("since", Utc(), nullable=False),
        sa.Column("body", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("version"),
    )
    op.create_table(
        "rota_seats",
        sa.Column("day", AutoString(), nullable=False),
        sa.Column("person_id", AutoString(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("signed_in_at", Utc(), nullable=False),
        sa.Column("signed_out_at", Utc(), nullable=True),
        sa.Column("free_since", Utc(), nullable=False),
        sa.Column("away_reason", AutoString(), nullable=True),
        sa.Column("away_since", Utc(), nullable=True),
        sa.Column("away_until", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("day", "person_id"),
    )
    op.create_table(
        "sales",
        sa.Column("fact_id", AutoString(), nullable=False),
        sa.Column("kind", AutoString(), nullable=False),
        sa.Column("customer_id", AutoString(), nullable=False),
        sa.Column("consultant_id", AutoString(), nullable=False),
        sa.Column("visit_id", AutoString(), nullable=True),
        sa.Column("unit_ref", AutoString(), nullable=False),
        sa.Column("amount_fen", sa.Integer(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("fact_id"),
    )
    with op.batch_alter_table("sales", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sales_customer_id"), ["customer_id"], unique=False)

    op.create_table(
        "tickets",
        sa.Column("ticket_id", AutoString(), nullable=False),
        sa.Column("day", AutoString(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("visit_id", AutoString(), nullable=False),
        sa.Column("state", AutoString(), nullable=False),
        sa.Column("issued_at", Utc(), nullable=False),
        sa.Column("called_at", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("ticket_id"),
        sa.UniqueConstraint("day", "number", name="uq_tickets_day_number"),
        sa.UniqueConstraint("visit_id"),
    )
    op.create_table(
        "turn_decisions",
        sa.Column("decision_id", AutoString(), nullable=False),
        sa.Column("visit_id", AutoString(), nullable=False),
        sa.Column("decided_at", Utc(), nullable=False),
        sa.Column("offer_id", AutoString(), nullable=True),
        sa.Column("rule", AutoString(), nullable=False),
        sa.Column("uses_turn", sa.Boolean(), nullable=False),
        sa.Column("inputs", AutoString(), nullable=False),
        sa.Column("decision", AutoString(), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("decision_id"),
    )
    with op.batch_alter_table("turn_decisions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_turn_decisions_visit_id"), ["visit_id"], unique=False)

    op.create_table(
        "verdicts",
        sa.Column("verdict_id", AutoString(), nullable=False),
        sa.Column("visit_id", AutoString(), nullable=False),
        sa.Column("made_at", Utc(), nullable=False),
        sa.Column("source", AutoString(), nullable=False),
        sa.Column("owner_id", AutoString(), nullable=True),
        sa.Column("rule", AutoString(), nullable=False),
        sa.Column("evidence", AutoString(), nullable=False),
        sa.Column("rules", AutoString(), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("verdict_id"),
    )
    with op.batch_alter_table("verdicts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_verdicts_visit_id"), ["visit_id"], unique=False)

    op.create_table(
        "visits",
        sa.Column("visit_id", AutoString(), nullable=False),
        sa.Column("day", AutoString(), nullable=False),
        sa.Column("customer_id", AutoString(), nullable=True),
        sa.Column("kind", AutoString(), nullable=False),
        sa.Column("state", AutoString(), nullable=False),
        sa.Column("party_size", sa.Integer(), nullable=False),
        sa.Column("purpose", AutoString(), nullable=False),
        sa.Column("language", AutoString(), nullable=False),
        sa.Column("opened_at", Utc(), nullable=False),
        sa.Column("waiting_since", Utc(), nullable=False),
        sa.Column("accepted_at", Utc(), nullable=True),
        sa.Column("closed_at", Utc(), nullable=True),
        sa.Column("close_reason", AutoString(), nullable=True),
        sa.Column("source", AutoString(), nullable=False),
        sa.Column("owner_id", AutoString(), nullable=True),
        sa.Column("consultant_id", AutoString(), nullable=True),
        sa.Column("asked_for", AutoString(), nullable=True),
        sa.Column("returning_to", AutoString(), nullable=True),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("visit_id"),
    )
    with op.batch_alter_table("visits", schema=None) as batch_op:
        batch_op.create_index("ix_visits_consultant", ["consultant_id", "opened_at"], unique=False)
        batch_op.create_index("ix_visits_customer", ["customer_id", "opened_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_visits_day"), ["day"], unique=False)
        batch_op.create_index(
            "ix_visits_open", ["state", "waiting_since"], unique=False, sqlite_where=sa.text("state != 'closed'")
        )


def downgrade() -> None:
    with op.batch_alter_table("visits", schema=None) as batch_op:
        batch_op.drop_index("ix_visits_open", sqlite_where=sa.text("state != 'closed'"))
        batch_op.drop_index(batch_op.f("ix_visits_day"))
        batch_op.drop_index("ix_visits_customer")
        batch_op.drop_index("ix_visits_consultant")

    op.drop_table("visits")
    with op.batch_alter_table("verdicts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_verdicts_visit_id"))

    op.drop_table("verdicts")
    with op.batch_alter_table("turn_decisions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_turn_decisions_visit_id"))

    op.drop_table("turn_decisions")
    op.drop_table("tickets")
    with op.batch_alter_table("sales", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sales_customer_id"))

    op.drop_table("sales")
    op.drop_table("rota_seats")
    op.drop_table("policies")
    with op.batch_alter_table("offers", schema=None) as batch_op:
        batch_op.drop_index("uq_offers_pending", sqlite_where=sa.text("state = 'pending'"))
        batch_op.drop_index(batch_op.f("ix_offers_visit_id"))
        batch_op.drop_index("ix_offers_deadline", sqlite_where=sa.text("state = 'pending'"))
        batch_op.drop_index(batch_op.f("ix_offers_day"))

    op.drop_table("offers")
    with op.batch_alter_table("make_ups", schema=None) as batch_op:
        batch_op.drop_index("uq_make_ups_open", sqlite_where=sa.text("used_at IS NULL"))

    op.drop_table("make_ups")
    with op.batch_alter_table("follow_ups", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_follow_ups_customer_id"))

    op.drop_table("follow_ups")
    with op.batch_alter_table("drafts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_drafts_updated_at"))

    op.drop_table("drafts")
    with op.batch_alter_table("customers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_customers_phone37_index"))
        batch_op.drop_index(batch_op.f("ix_customers_owner_id"))
        batch_op.drop_index(batch_op.f("ix_customers_name_index"))
        batch_op.drop_index(batch_op.f("ix_customers_last4_index"))

    op.drop_table("customers")
    with op.batch_alter_table("customer_reveals", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_customer_reveals_customer_id"))

    op.drop_table("customer_reveals")
