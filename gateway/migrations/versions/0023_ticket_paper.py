"""What became of the printed ticket.

Revision ID: 0023
Revises: 0022
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString

from gateway.tables import Utc

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("tickets") as batch:
        batch.add_column(sa.Column("paper", AutoString(), nullable=False, server_default="none"))
        batch.add_column(sa.Column("paper_reason", AutoString(), nullable=False, server_default=""))
        batch.add_column(sa.Column("paper_until", Utc(), nullable=True))
        batch.add_column(sa.Column("print_command", AutoString(), nullable=True))
        batch.create_index(batch.f("ix_tickets_print_command"), ["print_command"])


def downgrade() -> None:
    with op.batch_alter_table("tickets") as batch:
        batch.drop_index(batch.f("ix_tickets_print_command"))
        for column in ("print_command", "paper_until", "paper_reason", "paper"):
            batch.drop_column(column)
