"""What an office and its city are called in English.

Revision: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("office", sa.Column("name_en", sa.String(60), nullable=False, server_default=""))
    op.add_column("office", sa.Column("city_en", sa.String(40), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("office", "city_en")
    op.drop_column("office", "name_en")
