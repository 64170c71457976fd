"""Names as they are read, keys beside the phone number, and who searched.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString

from gateway.tables import Utc

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("customers", sa.Column("read_as", AutoString(), nullable=True))
    op.create_table(
        "name_readings",
        sa.Column("reading_index", AutoString(), nullable=False),
        sa.Column("customer_id", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("reading_index", "customer_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_name_readings_customer", "name_readings", ["customer_id"], unique=False)
    op.create_table(
        "customer_lookups",
        sa.Column("lookup_id", AutoString(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("role", AutoString(), nullable=False),
        sa.Column("by", AutoString(), nullable=False),
        sa.Column("found_by", AutoString(), nullable=False),
        sa.Column("typed_index", AutoString(), nullable=False),
        sa.Column("shown", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("lookup_id"),
    )
    op.create_index("ix_customer_lookups_by", "customer_lookups", ["by", "at"], unique=False)
    op.create_table(
        "strong_keys",
        sa.Column("customer_id", AutoString(), nullable=False),
        sa.Column("kind", AutoString(), nullable=False),
        sa.Column("key_index", AutoString(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=True),
        sa.Column("source", AutoString(), nullable=False),
        sa.Column("noted_at", Utc(), nullable=False),
        sa.Column("noted_by", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "kind"),
    )
    op.create_index(op.f("ix_strong_keys_key_index"), "strong_keys", ["key_index"], unique=False)


def downgrade() -> None:
    for table in ("strong_keys", "customer_lookups", "name_readings"):
        op.drop_table(table)
    op.drop_column("customers", "read_as")
