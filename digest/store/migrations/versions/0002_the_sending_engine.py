"""The sending engine: an outbox with fewer indexes, campaigns with a deadline and a canary, senders that tell what they do."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

HELD = sa.text("state IN ('claimed', 'armed')")
HAS_KEY = sa.text("key IS NOT NULL")
NOBODYS = sa.text("subscriber_id IS NULL")


def upgrade() -> None:
    _outbox()
    _campaigns()
    with op.batch_alter_table("lists") as lists:
        lists.add_column(sa.Column("send_within_hours", sa.Integer(), server_default="48", nullable=False))
        lists.add_column(sa.Column("seeds", sa.Text(), server_default="", nullable=False))
        lists.add_column(sa.Column("canary_percent", sa.Integer(), server_default="1", nullable=False))
        lists.add_column(sa.Column("canary_refused_percent", sa.Integer(), server_default="5", nullable=False))
    op.drop_index("ix_subscriptions_list_id_state", table_name="subscriptions")
    op.create_index(
        "ix_subscriptions_list_id_state_subscriber_id", "subscriptions", ["list_id", "state", "subscriber_id"]
    )
    op.create_table(
        "senders",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_senders")),
    )
    op.create_table(
        "pace",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("seconds", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("started", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "seconds", "started", name=op.f("pk_pace")),
    )


def _outbox() -> None:
    for index in ("held", "campaign_id_state", "subscriber_id", "address_hash"):
        op.drop_index(f"ix_messages_{index}", table_name="messages")
    with op.batch_alter_table("messages") as messages:
        messages.drop_constraint("fk_messages_subscriber_id", type_="foreignkey")
        messages.drop_constraint("uq_messages_key", type_="unique")
        messages.add_column(sa.Column("relay", sa.Text(), server_default="", nullable=False))
        messages.alter_column(
            "slots", existing_type=sa.JSON(), type_=sa.Text(), server_default="", postgresql_using="slots::text"
        )
    op.create_index("ix_messages_held", "messages", ["id"], sqlite_where=HELD, postgresql_where=HELD)
    op.create_index("uq_messages_key", "messages", ["key"], unique=True, sqlite_where=HAS_KEY, postgresql_where=HAS_KEY)
    op.create_index("ix_messages_nobodys", "messages", ["address_hash"], sqlite_where=NOBODYS, postgresql_where=NOBODYS)


def _campaigns() -> None:
    with op.batch_alter_table("campaigns") as campaigns:
        campaigns.add_column(sa.Column("canary_from", sa.Integer(), nullable=True))
        campaigns.add_column(sa.Column("canary_until", sa.Integer(), nullable=True))
        campaigns.add_column(sa.Column("counts", sa.JSON(), nullable=True))
        campaigns.add_column(sa.Column("deadline_at", sa.DateTime(timezone=True), nullable=True))
    in_two_days = (
        "strftime('%Y-%m-%d %H:%M:%f000', created_at, '+2 days')"
        if op.get_context().dialect.name == "sqlite"
        else "created_at + interval '2 days'"
    )
    op.execute(f"UPDATE campaigns SET deadline_at = {in_two_days}")  # noqa: S608  one of the two above
    with op.batch_alter_table("campaigns") as campaigns:
        campaigns.alter_column("deadline_at", existing_type=sa.DateTime(timezone=True), nullable=False)
