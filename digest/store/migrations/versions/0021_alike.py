"""An index in which those stand together who chose alike and got the same issues."""

from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    columns = ["list_id", "state", "choices_id", "cursor", "paused_until"]
    op.create_index("ix_subscriptions_alike", "subscriptions", columns)
