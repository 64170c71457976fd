"""Channels, agents, registrations, referrals, policies, and the order of changes that each office fetches.

Customers known already are put into that order, so that their offices hear that they were adopted.

Revision: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
UUID = sa.Uuid(as_uuid=False)
_OF_VERDICT = ("channel_id", "agent_id", "referrer_id", "claim_id")


def upgrade() -> None:
    _channels()
    _claims()
    _down()
    _known_tables()
    _adopted()


def _channels() -> None:
    op.create_table(
        "channel",
        sa.Column("channel_id", UUID, nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("offices", sa.JSON(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.PrimaryKeyConstraint("channel_id", name="pk_channel"),
    )
    op.create_table(
        "agent",
        sa.Column("agent_id", UUID, nullable=False),
        sa.Column("channel_id", UUID, nullable=False),
        sa.Column("staff_no", sa.String(20), nullable=False),
        sa.Column("name_encrypted", sa.LargeBinary(), nullable=False),
        sa.Column("pin_hash", sa.String(), nullable=False),
        sa.Column("code_key_encrypted", sa.LargeBinary(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.PrimaryKeyConstraint("agent_id", name="pk_agent"),
        sa.UniqueConstraint("staff_no", name="uq_agent_staff_no"),
    )
    op.create_index("ix_agent_channel_id", "agent", ["channel_id"], unique=False)
    op.create_table(
        "project",
        sa.Column("office", sa.String(40), nullable=False),
        sa.Column("project", sa.String(40), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("office", "project", name="pk_project"),
    )
    op.create_table(
        "office_policy",
        sa.Column("office", sa.String(40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("since", AT, nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("office", "version", name="pk_office_policy"),
    )


def _claims() -> None:
    op.create_table(
        "registration",
        sa.Column("registration_id", UUID, nullable=False),
        sa.Column("office", sa.String(40), nullable=False),
        sa.Column("project", sa.String(40), nullable=False),
        sa.Column("channel_id", UUID, nullable=False),
        sa.Column("agent_id", UUID, nullable=False),
        sa.Column("number_encrypted", sa.LargeBinary(), nullable=False),
        sa.Column("phone_index", sa.LargeBinary(), nullable=True),
        sa.Column("phone37_index", sa.LargeBinary(), nullable=False),
        sa.Column("accepted_at", AT, nullable=False),
        sa.Column("withdrawn_at", AT, nullable=True),
        sa.Column("repeats", UUID, nullable=True),
        sa.Column("entered_by", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("registration_id", name="pk_registration"),
    )
    for name, columns in (
        ("ix_registration_same_number", ["office", "channel_id", "phone37_index"]),
        ("ix_registration_of_agent", ["agent_id", "accepted_at", "registration_id"]),
        ("ix_registration_page", ["office", "accepted_at", "registration_id"]),
    ):
        op.create_index(name, "registration", columns, unique=False)
    op.create_table(
        "referral",
        sa.Column("referral_id", UUID, nullable=False),
        sa.Column("office", sa.String(40), nullable=False),
        sa.Column("project", sa.String(40), nullable=False),
        sa.Column("referrer_id", UUID, nullable=False),
        sa.Column("number_encrypted", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_at", AT, nullable=False),
        sa.Column("signed_at", AT, nullable=False),
        sa.Column("owner_present", sa.Boolean(), nullable=False),
        sa.Column("entered_by", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("referral_id", name="pk_referral"),
    )
    op.create_index("ix_referral_page", "referral", ["office", "recorded_at", "referral_id"], unique=False)
    op.create_table(
        "verdict_claim",
        sa.Column("office", sa.String(40), nullable=False),
        sa.Column("verdict_id", UUID, nullable=False),
        sa.Column("claim_id", UUID, nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.PrimaryKeyConstraint("office", "verdict_id", "claim_id", name="pk_verdict_claim"),
    )
    op.create_index("ix_verdict_claim_claim", "verdict_claim", ["claim_id"], unique=False)


def _down() -> None:
    op.create_table(
        "down_change",
        sa.Column("office", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("item_id", sa.String(40), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("changed_at", AT, nullable=False),
        sa.PrimaryKeyConstraint("office", "kind", "item_id", name="pk_down_change"),
    )
    op.create_index("ix_down_change_order", "down_change", ["office", "sequence"], unique=True)
    op.create_table(
        "down_head",
        sa.Column("office", sa.String(40), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("forgotten", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("office", name="pk_down_head"),
    )


def _known_tables() -> None:
    for name in _OF_VERDICT:
        op.add_column("verdict", sa.Column(name, UUID, nullable=True))
    op.add_column("customer", sa.Column("company_revision", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("customer", sa.Column("name_before_encrypted", sa.LargeBinary(), nullable=True))
    op.add_column("session", sa.Column("agent_id", UUID, nullable=True))


def _adopted() -> None:
    known = sa.table("customer", *(sa.column(name) for name in ("office", "customer_id", "created_at")))
    connection = op.get_bind()
    asked = sa.select(known.c.office, sa.type_coerce(known.c.customer_id, UUID), sa.type_coerce(known.c.created_at, AT))
    rows: list[dict[str, object]] = []
    heads: dict[str, int] = {}
    for office, customer_id, created_at in connection.execute(asked.order_by(known.c.office, known.c.created_at)):
        heads[office] = heads.get(office, 0) + 1
        rows.append(
            {
                "office": office,
                "kind": "customer",
                "item_id": customer_id,
                "sequence": heads[office],
                "deleted": False,
                "changed_at": created_at,
            }
        )
    metadata = sa.MetaData()
    changes = sa.Table("down_change", metadata, autoload_with=connection)
    if rows:
        connection.execute(changes.insert(), rows)
        head = sa.Table("down_head", metadata, autoload_with=connection)
        counted = [{"office": office, "sequence": last, "forgotten": 0} for office, last in heads.items()]
        connection.execute(head.insert(), counted)


def downgrade() -> None:
    with op.batch_alter_table("session") as table:
        table.drop_column("agent_id")
    with op.batch_alter_table("customer") as table:
        table.drop_column("name_before_encrypted")
        table.drop_column("company_revision")
    with op.batch_alter_table("verdict") as table:
        for name in _OF_VERDICT:
            table.drop_column(name)
    for name in (
        "down_head",
        "down_change",
        "verdict_claim",
        "referral",
        "registration",
        "office_policy",
        "project",
        "agent",
        "channel",
    ):
        op.drop_table(name)
