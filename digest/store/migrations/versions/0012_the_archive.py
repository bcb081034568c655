"""The archive: who finds a list's issues on the web, which were withdrawn, and which edition of an issue is the whole one."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    with op.batch_alter_table("lists") as lists:
        # Nobody asked for it when these lists were made: what was mailed to a few does not become public by an upgrade.
        lists.add_column(sa.Column("archive", sa.Text(), server_default="off", nullable=False))
    with op.batch_alter_table("issues") as issues:
        issues.add_column(sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True))
        issues.add_column(sa.Column("edition_id", sa.Integer(), nullable=True))
    op.execute(
        "UPDATE issues SET edition_id = (SELECT min(id) FROM editions WHERE editions.issue_id = issues.id)"
        " WHERE state IN ('published', 'sent')"
    )
