"""Pictures as we keep them: renditions, where they came from, and which issues need them."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "pictures",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_pictures")),
    )
    op.create_table(
        "picture_sources",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("wide", sa.Text(), nullable=True),
        sa.Column("thumb", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("is_worthless", sa.Boolean(), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["wide"], ["pictures.sha256"], name=op.f("fk_picture_sources_wide")),
        sa.ForeignKeyConstraint(["thumb"], ["pictures.sha256"], name=op.f("fk_picture_sources_thumb")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_picture_sources")),
    )
    op.create_index(op.f("ix_picture_sources_wide"), "picture_sources", ["wide"])
    op.create_index(op.f("ix_picture_sources_thumb"), "picture_sources", ["thumb"])
    op.create_table(
        "issue_pictures",
        sa.Column("issue_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["issue_id"], ["issues.id"], name=op.f("fk_issue_pictures_issue_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["key"], ["picture_sources.key"], name=op.f("fk_issue_pictures_key"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("issue_id", "key", name=op.f("pk_issue_pictures")),
    )
    op.create_index(op.f("ix_issue_pictures_key"), "issue_pictures", ["key"])
