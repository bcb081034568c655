"""How often a reader gave their own feed another address."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.add_column("subscriptions", sa.Column("feed_number", sa.Integer(), server_default="0", nullable=False))
