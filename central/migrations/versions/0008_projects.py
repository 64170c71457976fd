"""The project that a visit or a call was about.

Revision: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("visit", "call"):
        op.add_column(table, sa.Column("project", sa.String(40), nullable=False, server_default=""))


def downgrade() -> None:
    for table in ("visit", "call"):
        op.drop_column(table, "project")
