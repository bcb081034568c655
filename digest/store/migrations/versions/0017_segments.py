"""Segments, acts on many readers at once, and finding readers by the beginning of an address or name."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_table(
        "segments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("match", sa.Text(), nullable=False),
        sa.Column("conditions", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_segments")),
        sa.UniqueConstraint("name", name=op.f("uq_segments_name")),
    )
    op.create_table(
        "bulks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("list_id", sa.Integer(), nullable=True),
        sa.Column("readers", sa.Integer(), server_default="0", nullable=False),
        sa.Column("is_undone", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["list_id"], ["lists.id"], name=op.f("fk_bulks_list_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulks")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "bulk_readers",
        sa.Column("bulk_id", sa.Integer(), nullable=False),
        sa.Column("subscriber_id", sa.Integer(), nullable=False),
        sa.Column("was", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["bulk_id"], ["bulks.id"], name=op.f("fk_bulk_readers_bulk_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscribers.id"], name=op.f("fk_bulk_readers_subscriber_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("bulk_id", "subscriber_id", name=op.f("pk_bulk_readers")),
    )
    op.create_index(op.f("ix_bulk_readers_subscriber_id"), "bulk_readers", ["subscriber_id"], unique=False)
    op.add_column("campaigns", sa.Column("aimed", sa.Text(), server_default="", nullable=False))
    op.create_index(
        op.f("ix_suppressions_reason_created_at_address_hash"), "suppressions", ["reason", "created_at", "address_hash"]
    )
    has_name = sa.text("name <> ''")
    op.create_index(
        "ix_subscribers_name",
        "subscribers",
        ["name"],
        sqlite_where=has_name,
        postgresql_where=has_name,
        postgresql_ops={"name": "text_pattern_ops"},
    )
    if op.get_bind().dialect.name == "postgresql":  # SQLite compares bytes anyway
        op.create_index(
            "ix_subscribers_address_start",
            "subscribers",
            ["address_key"],
            postgresql_ops={"address_key": "text_pattern_ops"},
        )
