"""Editions: readers' choices and cursors, who got which edition, and what an issue was made with."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "choices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_choices")),
        sa.UniqueConstraint("key", name=op.f("uq_choices_key")),
    )
    op.create_table(
        "audiences",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("choices_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("cursor", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_audiences_campaign_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["editions.id"], name=op.f("fk_audiences_edition_id"), ondelete="NO ACTION"
        ),
        sa.PrimaryKeyConstraint("campaign_id", "choices_id", "cursor", name=op.f("pk_audiences")),
    )
    _columns("lists", sa.Column("rhythms", sa.Text(), server_default="every", nullable=False))
    _columns("lists", sa.Column("greets_with_issue", sa.Boolean(), server_default=sa.true(), nullable=False))
    _columns("issues", sa.Column("previewed", sa.JSON(), nullable=True))
    _columns(
        "subscriptions",
        sa.Column("choices_id", sa.Integer(), server_default="0", nullable=False),
        sa.Column("cursor", sa.Integer(), server_default="0", nullable=False),
        sa.Column("paused_until", sa.Date(), nullable=True),
    )
    _columns(
        "editions",
        sa.Column("web", sa.Text(), server_default="", nullable=False),
        sa.Column("sender", sa.Text(), server_default="", nullable=False),
        sa.Column("catches_up", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("fit", sa.JSON(), nullable=True),
        sa.Column("templates", sa.Text(), server_default="", nullable=False),
    )
    _columns(
        "campaigns",
        sa.Column("frozen", sa.JSON(), nullable=True),
        sa.Column("excluded", sa.JSON(), nullable=True),
        sa.Column("cursors_until", sa.Integer(), server_default="0", nullable=False),
    )


def _columns(table: str, *columns: sa.Column[object]) -> None:
    """As SQLite can do it in place: a copy of a table with a million rows would take its time."""
    for column in columns:
        op.add_column(table, column)
