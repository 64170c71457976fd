"""Minute counts say which events of an office's nodes are in them, for an office that loses its database.

Revision: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("footfall_minute", sa.Column("through", sa.JSON(), nullable=False, server_default="{}"))


def downgrade() -> None:
    with op.batch_alter_table("footfall_minute") as table:
        table.drop_column("through")
