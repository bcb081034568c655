"""Stories told once: an issue's article says who else has it, and a feed can be the newsroom's own."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("feeds", sa.Column("own", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("issue_items", sa.Column("also", sa.JSON(), nullable=True))
