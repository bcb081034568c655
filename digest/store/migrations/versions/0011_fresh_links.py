"""Fresh links, people who turned out to be one, and whether a list says goodbye."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    # As SQLite can do it in place: a copy of the table would lose what Alembic does not know of.
    op.add_column("lists", sa.Column("says_goodbye", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.create_table(
        "fresh_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subscriber_id", sa.Integer(), nullable=False),
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("address_hash", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscribers.id"], name=op.f("fk_fresh_links_subscriber_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["list_id"], ["lists.id"], name=op.f("fk_fresh_links_list_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fresh_links")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_fresh_links_token_hash")),
    )
    op.create_index(op.f("ix_fresh_links_subscriber_id"), "fresh_links", ["subscriber_id"])
    op.create_index(op.f("ix_fresh_links_address_hash"), "fresh_links", ["address_hash"])
    op.create_table(
        "merged_subscribers",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("subscriber_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscribers.id"], name=op.f("fk_merged_subscribers_subscriber_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merged_subscribers")),
    )
    op.create_index(op.f("ix_merged_subscribers_subscriber_id"), "merged_subscribers", ["subscriber_id"])
