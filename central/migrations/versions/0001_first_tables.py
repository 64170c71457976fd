"""The first tables: ledger of ingest, offices, customers (encrypted columns), visits, sales, counts.

Revision: 0001
"""

import sqlalchemy as sa
from alembic import op

from contracts.ids import uuid7

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
UUID = sa.Uuid(as_uuid=False)


def upgrade() -> None:
    _ingest()
    _offices()
    _customers()
    _visits()
    _sales()
    _footfall()
    meta = sa.table("meta", sa.column("name", sa.String), sa.column("value", sa.String))
    op.bulk_insert(meta, [{"name": "epoch", "value": uuid7()}])


def downgrade() -> None:
    for table in sa.inspect(op.get_bind()).get_table_names():
        if table != "alembic_version":
            op.drop_table(table)


def _ingest() -> None:
    op.create_table(
        "meta",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("value", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_meta"),
    )
    op.create_table(
        "stream",
        sa.Column("office", sa.String(40), nullable=False),
        sa.Column("stream", UUID, nullable=False),
        sa.Column("committed", sa.BigInteger(), nullable=False),
        sa.Column("refused", sa.String(20), nullable=True),
        sa.Column("first_heard_at", AT, nullable=False),
        sa.Column("last_heard_at", AT, nullable=False),
        sa.PrimaryKeyConstraint("office", "stream", name="pk_stream"),
    )
    op.create_table(
        "ledger",
        sa.Column("office", sa.String(40), nullable=False),
        sa.Column("stream", UUID, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("event_id", UUID, nullable=False),
        sa.Column("repeated", sa.Boolean(), nullable=False),
        sa.Column("received_at", AT, nullable=False),
        sa.PrimaryKeyConstraint("office", "stream", "sequence", name="pk_ledger"),
    )
    op.create_index(
        "ix_ledger_counted_once",
        "ledger",
        ["office", "event_id"],
        unique=True,
        sqlite_where=sa.text("NOT repeated"),
        postgresql_where=sa.text("NOT repeated"),
    )
    op.create_table(
        "dead_letter",
        sa.Column("dead_letter_id", UUID, nullable=False),
        sa.Column("office", sa.String(40), nullable=False),
        sa.Column("received_at", AT, nullable=False),
        sa.Column("expires_at", AT, nullable=False),
        sa.Column("origin", sa.String(80), nullable=False),
        sa.Column("stream", UUID, nullable=True),
        sa.Column("sequence", sa.BigInteger(), nullable=True),
        sa.Column("event_type", sa.String(60), nullable=True),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("detail", sa.String(400), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("payload_encrypted", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("dead_letter_id", name="pk_dead_letter"),
    )
    op.create_index("ix_dead_letter_expires_at", "dead_letter", ["expires_at"], unique=False)
    op.create_index("ix_dead_letter_newest", "dead_letter", ["received_at", "dead_letter_id"], unique=False)


def _offices() -> None:
    op.create_table(
        "office",
        sa.Column("office", sa.String(40), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("city", sa.String(40), nullable=False),
        sa.Column("time_zone", sa.String(60), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("last_heard_at", AT, nullable=True),
        sa.Column("lag_seconds", sa.Float(), nullable=True),
        sa.Column("roster_version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("office", name="pk_office"),
    )
    op.create_table(
        "staff",
        sa.Column("office", sa.String(40), nullable=False),
        sa.Column("person_id", UUID, nullable=False),
        sa.Column("staff_no", sa.String(20), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("pin_hash", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("skills", sa.JSON(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("office", "person_id", name="pk_staff"),
    )
    op.create_table(
        "device_state",
        sa.Column("office", sa.String(40), nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.PrimaryKeyConstraint("office", "source", name="pk_device_state"),
    )


def _customers() -> None:
    op.create_table(
        "customer",
        sa.Column("office", sa.String(40), nullable=False),
        sa.Column("customer_id", UUID, nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("owner_id", UUID, nullable=True),
        sa.Column("name_encrypted", sa.LargeBinary(), nullable=False),
        sa.Column("phone_encrypted", sa.LargeBinary(), nullable=True),
        sa.Column("phone_index", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("office", "customer_id", name="pk_customer"),
    )
    op.create_index("ix_customer_id", "customer", ["customer_id"], unique=False)
    op.create_index("ix_customer_newest", "customer", ["created_at", "customer_id"], unique=False)
    op.create_index("ix_customer_page", "customer", ["office", "created_at", "customer_id"], unique=False)
    op.create_index("ix_customer_phone", "customer", ["phone_index"], unique=False)
    op.create_table(
        "customer_reveal",
        sa.Column("reveal_id", UUID, nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.Column("who", sa.String(40), nullable=False),
        sa.Column("office", sa.String(40), nullable=False),
        sa.Column("customer_id", UUID, nullable=False),
        sa.PrimaryKeyConstraint("reveal_id", name="pk_customer_reveal"),
    )
    op.create_index("ix_customer_reveal_at", "customer_reveal", ["at"], unique=False)
    op.create_index("ix_customer_reveal_customer_id", "customer_reveal", ["customer_id"], unique=False)
    op.create_table(
        "follow_up",
        sa.Column("office", sa.String(40), nullable=False),
        sa.Column("fact_id", UUID, nullable=False),
        sa.Column("customer_id", UUID, nullable=False),
        sa.Column("consultant_id", UUID, nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("reached", sa.Boolean(), nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.Column("note_encrypted", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("office", "fact_id", name="pk_follow_up"),
    )
    op.create_index("ix_follow_up_customer", "follow_up", ["office", "customer_id", "at"], unique=False)


def _visits() -> None:
    op.create_table(
        "visit",
        sa.Column("office", sa.String(40), nullable=False),
        sa.Column("visit_id", UUID, nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("customer_id", UUID, nullable=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("party_size", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(200), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("opened_at", AT, nullable=False),
        sa.Column("accepted_at", AT, nullable=True),
        sa.Column("closed_at", AT, nullable=True),
        sa.Column("close_reason", sa.String(200), nullable=True),
        sa.Column("ticket_number", sa.Integer(), nullable=True),
        sa.Column("source", sa.String(20), nullable=False),
        sa.Column("owner_id", UUID, nullable=True),
        sa.Column("consultant_id", UUID, nullable=True),
        sa.PrimaryKeyConstraint("office", "visit_id", name="pk_visit"),
    )
    op.create_index("ix_visit_customer", "visit", ["office", "customer_id"], unique=False)
    op.create_index("ix_visit_day", "visit", ["office", "day"], unique=False)
    op.create_index("ix_visit_newest", "visit", ["opened_at", "visit_id"], unique=False)
    op.create_index("ix_visit_page", "visit", ["office", "opened_at", "visit_id"], unique=False)
    op.create_index("ix_visit_state", "visit", ["state", "day"], unique=False)
    op.create_table(
        "verdict",
        sa.Column("office", sa.String(40), nullable=False),
        sa.Column("verdict_id", UUID, nullable=False),
        sa.Column("visit_id", UUID, nullable=False),
        sa.Column("made_at", AT, nullable=False),
        sa.Column("source", sa.String(20), nullable=False),
        sa.Column("owner_id", UUID, nullable=True),
        sa.Column("rule", sa.String(200), nullable=False),
        sa.Column("lost_rules", sa.JSON(), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("office", "verdict_id", name="pk_verdict"),
    )
    op.create_index("ix_verdict_visit", "verdict", ["office", "visit_id"], unique=False)


def _sales() -> None:
    op.create_table(
        "turn",
        sa.Column("office", sa.String(40), nullable=False),
        sa.Column("offer_id", UUID, nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("visit_id", UUID, nullable=False),
        sa.Column("consultant_id", UUID, nullable=False),
        sa.Column("uses_turn", sa.Boolean(), nullable=False),
        sa.Column("offered_at", AT, nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("decided_at", AT, nullable=True),
        sa.Column("rule", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("office", "offer_id", name="pk_turn"),
    )
    op.create_index("ix_turn_day", "turn", ["office", "day"], unique=False)
    op.create_table(
        "sale",
        sa.Column("office", sa.String(40), nullable=False),
        sa.Column("fact_id", UUID, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("customer_id", UUID, nullable=False),
        sa.Column("consultant_id", UUID, nullable=False),
        sa.Column("visit_id", UUID, nullable=True),
        sa.Column("unit_ref", sa.String(200), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.PrimaryKeyConstraint("office", "fact_id", name="pk_sale"),
    )
    op.create_index("ix_sale_customer", "sale", ["office", "customer_id"], unique=False)
    op.create_index("ix_sale_day", "sale", ["office", "day"], unique=False)
    op.create_index("ix_sale_newest", "sale", ["at", "fact_id"], unique=False)
    op.create_index("ix_sale_page", "sale", ["office", "at", "fact_id"], unique=False)
    op.create_table(
        "idempotency_key",
        sa.Column("who", sa.String(40), nullable=False),
        sa.Column("key", sa.String(100), nullable=False),
        sa.Column("body_hash", sa.LargeBinary(), nullable=False),
        sa.Column("fact_id", UUID, nullable=False),
        sa.Column("used_at", AT, nullable=False),
        sa.PrimaryKeyConstraint("who", "key", name="pk_idempotency_key"),
    )


def _footfall() -> None:
    op.create_table(
        "footfall_minute",
        sa.Column("office", sa.String(40), nullable=False),
        sa.Column("minute", AT, nullable=False),
        sa.Column("device", sa.String(200), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("hour", AT, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("count_in", sa.BigInteger(), nullable=False),
        sa.Column("count_out", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("office", "minute", "device", "line", name="pk_footfall_minute"),
    )
    op.create_table(
        "footfall_hour",
        sa.Column("office", sa.String(40), nullable=False),
        sa.Column("hour", AT, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("count_in", sa.BigInteger(), nullable=False),
        sa.Column("count_out", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("office", "hour", name="pk_footfall_hour"),
    )
    op.create_index("ix_footfall_hour_at", "footfall_hour", ["hour"], unique=False)
    op.create_index("ix_footfall_hour_day", "footfall_hour", ["office", "day"], unique=False)
    op.create_table(
        "footfall_day",
        sa.Column("office", sa.String(40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("count_in", sa.BigInteger(), nullable=False),
        sa.Column("count_out", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("office", "day", name="pk_footfall_day"),
    )
    op.create_index("ix_footfall_day_day", "footfall_day", ["day"], unique=False)
    op.create_table(
        "timeseries_outbox",
        sa.Column("line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("series", sa.String(400), nullable=False),
        sa.Column("line", sa.String(1000), nullable=False),
        sa.PrimaryKeyConstraint("line_id", name="pk_timeseries_outbox"),
    )
    op.create_table(
        "office_day",
        sa.Column("office", sa.String(40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("visits", sa.Integer(), nullable=False),
        sa.Column("first_visits", sa.Integer(), nullable=False),
        sa.Column("return_visits", sa.Integer(), nullable=False),
        sa.Column("registered_people", sa.Integer(), nullable=False),
        sa.Column("waiting_median_seconds", sa.Integer(), nullable=True),
        sa.Column("intents", sa.Integer(), nullable=False),
        sa.Column("subscriptions", sa.Integer(), nullable=False),
        sa.Column("contracts", sa.Integer(), nullable=False),
        sa.Column("contract_fen", sa.BigInteger(), nullable=False),
        sa.Column("payments_fen", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("office", "day", name="pk_office_day"),
    )
    op.create_index("ix_office_day_day", "office_day", ["day"], unique=False)
