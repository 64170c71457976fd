"""Orders of the rota, places in each of them, teams and new starters.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

OPEN = sa.text("used_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "rota_places",
        sa.Column("day", AutoString(), nullable=False),
        sa.Column("person_id", AutoString(), nullable=False),
        sa.Column("turn_order", AutoString(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("moved", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("day", "person_id", "turn_order"),
    )
    for order in ("walk_in", "channel"):
        op.execute(
            sa.text(
                "INSERT INTO rota_places (day, person_id, turn_order, place, moved) "
                "SELECT day, person_id, :turn_order, place, 1 FROM rota_seats"
            ).bindparams(turn_order=order)
        )
    with op.batch_alter_table("rota_seats") as table:
        table.drop_column("place")
    with op.batch_alter_table("make_ups") as table:
        table.add_column(sa.Column("turn_order", AutoString(), nullable=False, server_default="walk_in"))
        table.drop_index("uq_make_ups_open", sqlite_where=OPEN)
        table.create_index("uq_make_ups_open", ["person_id", "turn_order"], unique=True, sqlite_where=OPEN)
    with op.batch_alter_table("offers") as table:
        table.add_column(sa.Column("turn_order", AutoString(), nullable=False, server_default="walk_in"))
    with op.batch_alter_table("people") as table:
        table.add_column(sa.Column("team", AutoString(), nullable=False, server_default=""))
        table.add_column(sa.Column("started_on", sa.Date(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("people") as table:
        table.drop_column("started_on")
        table.drop_column("team")
    with op.batch_alter_table("offers") as table:
        table.drop_column("turn_order")
    op.execute(sa.text("DELETE FROM make_ups WHERE turn_order = 'channel' AND used_at IS NULL"))
    with op.batch_alter_table("make_ups") as table:
        table.drop_index("uq_make_ups_open", sqlite_where=OPEN)
        table.create_index("uq_make_ups_open", ["person_id"], unique=True, sqlite_where=OPEN)
        table.drop_column("turn_order")
    with op.batch_alter_table("rota_seats") as table:
        table.add_column(sa.Column("place", sa.Integer(), nullable=False, server_default="0"))
    op.execute(
        sa.text(
            "UPDATE rota_seats SET place = (SELECT place FROM rota_places WHERE rota_places.day = rota_seats.day "
            "AND rota_places.person_id = rota_seats.person_id AND turn_order = 'walk_in')"
        )
    )
    op.drop_table("rota_places")
