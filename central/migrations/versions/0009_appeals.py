"""Appeals of channels, and until when a verdict is open to them.

Revision: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ID = sa.Uuid(as_uuid=False)
AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("verdict", sa.Column("appeal_until", AT, nullable=True))
    op.create_table(
        "appeal",
        sa.Column("appeal_id", ID, nullable=False),
        sa.Column("office", sa.String(40), nullable=False),
        sa.Column("verdict_id", ID, nullable=False),
        sa.Column("channel_id", ID, nullable=False),
        sa.Column("agent_id", ID, nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("filed_at", AT, nullable=False),
        sa.Column("decided_at", AT, nullable=True),
        sa.Column("refusal", sa.String(200), nullable=False),
        sa.Column("text_encrypted", sa.LargeBinary(), nullable=True),
        sa.Column("reason_encrypted", sa.LargeBinary(), nullable=True),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("appeal_id", name="pk_appeal"),
    )
    op.create_index("ix_appeal_verdict", "appeal", ["office", "verdict_id"])


def downgrade() -> None:
    op.drop_table("appeal")
    op.drop_column("verdict", "appeal_until")
