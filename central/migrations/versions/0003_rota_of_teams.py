"""Teams and first days of staff, which the rota of their office reads.

Revision: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("staff", sa.Column("team", sa.String(), nullable=False, server_default=""))
    op.add_column("staff", sa.Column("started_on", sa.Date(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("staff") as table:
        table.drop_column("started_on")
        table.drop_column("team")
