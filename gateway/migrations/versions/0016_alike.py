"""Finding the questions asked about a customer's file.

Revision ID: 0016
Revises: 0015
"""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_review_candidates_customer_id", "review_candidates", ["customer_id"])


def downgrade() -> None:
    op.drop_index("ix_review_candidates_customer_id", table_name="review_candidates")
