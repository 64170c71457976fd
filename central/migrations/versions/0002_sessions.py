"""People of head office sign in: their sessions, and wrong tries.

Revision: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "session",
        sa.Column("token_sha256", sa.String(64), nullable=False),
        sa.Column("person", sa.String(40), nullable=False),
        sa.Column("credential", sa.String(64), nullable=False),
        sa.Column("expires_at", AT, nullable=False),
        sa.PrimaryKeyConstraint("token_sha256", name="pk_session"),
    )
    op.create_index("ix_session_expires_at", "session", ["expires_at"], unique=False)
    op.create_table(
        "sign_in_failure",
        sa.Column("staff_no", sa.String(20), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("last_at", AT, nullable=False),
        sa.Column("locked_until", AT, nullable=True),
        sa.PrimaryKeyConstraint("staff_no", name="pk_sign_in_failure"),
    )


def downgrade() -> None:
    op.drop_table("sign_in_failure")
    op.drop_index("ix_session_expires_at", table_name="session")
    op.drop_table("session")
