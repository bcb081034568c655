"""Feed health: where a feed moved from, since when it fails, and what was odd about its last reading."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    with op.batch_alter_table("feeds") as feeds:
        feeds.add_column(sa.Column("moved_from", sa.Text(), server_default="", nullable=False))
        feeds.add_column(sa.Column("moved_at", sa.DateTime(timezone=True), nullable=True))
        feeds.add_column(sa.Column("failures", sa.Integer(), server_default="0", nullable=False))
        feeds.add_column(sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True))
        feeds.add_column(sa.Column("notes", sa.Text(), server_default="", nullable=False))
