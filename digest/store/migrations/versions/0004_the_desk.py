"""The editor's desk: scores, corrections, wishes, and drafts made ahead of their slot."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    _settings()
    with op.batch_alter_table("issues") as issues:
        issues.add_column(sa.Column("subject", sa.Text(), server_default="", nullable=False))
        issues.add_column(sa.Column("intro", sa.Text(), server_default="", nullable=False))
        issues.add_column(sa.Column("corrections", sa.JSON(), nullable=True))
        issues.add_column(sa.Column("announced_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("issue_items") as items:
        items.add_column(sa.Column("score", sa.Float(), server_default="0", nullable=False))
        items.add_column(sa.Column("factors", sa.Text(), server_default="", nullable=False))
    op.create_table(
        "issue_wishes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("issue_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["issue_id"], ["issues.id"], name=op.f("fk_issue_wishes_issue_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issue_wishes")),
        sa.UniqueConstraint("issue_id", "kind", "article_id", name=op.f("uq_issue_wishes_issue_id_kind_article_id")),
    )


def _settings() -> None:
    with op.batch_alter_table("lists") as lists:
        lists.add_column(sa.Column("max_per_topic", sa.Integer(), server_default="0", nullable=False))
        lists.add_column(sa.Column("half_life_hours", sa.Integer(), server_default="72", nullable=False))
        lists.add_column(sa.Column("too_few", sa.Text(), server_default="skip", nullable=False))
        lists.add_column(sa.Column("corrections", sa.Boolean(), server_default="0", nullable=False))
        lists.add_column(sa.Column("draft_ahead_hours", sa.Integer(), server_default="0", nullable=False))
        lists.add_column(sa.Column("editors", sa.Text(), server_default="", nullable=False))
    with op.batch_alter_table("feeds") as feeds:
        feeds.add_column(sa.Column("weight", sa.Float(), server_default="1", nullable=False))
