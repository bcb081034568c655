"""What came back of messages; and whose the messages were that were refused, which their events did not say."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

_WHOSE = (
    "UPDATE events SET {column} = (SELECT {source} FROM messages LEFT JOIN subscribers ON subscribers.id = "
    "messages.subscriber_id WHERE messages.id = events.message_id) "
    "WHERE kind IN ('bounced', 'failed') AND {column} IS NULL AND message_id IS NOT NULL"
)


def upgrade() -> None:
    op.create_table(
        "returns",
        sa.Column("message_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Text(), server_default="", nullable=False),
        sa.Column("said", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_returns_message_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_returns_campaign_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("message_id", "kind", name=op.f("pk_returns")),
    )
    op.create_index(op.f("ix_returns_campaign_id_kind"), "returns", ["campaign_id", "kind"])
    op.execute(_WHOSE.format(column="subscriber_id", source="subscribers.id"))
    op.execute(_WHOSE.format(column="list_id", source="messages.list_id"))
