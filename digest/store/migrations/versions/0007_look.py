"""What a list's mails look like: its theme and its brand."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    with op.batch_alter_table("lists") as lists:
        lists.add_column(sa.Column("theme", sa.Text(), server_default="", nullable=False))
        lists.add_column(sa.Column("brand", sa.Text(), server_default="", nullable=False))
