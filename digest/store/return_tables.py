"""The table of what came back: each message fails, or is complained of, once."""

from sqlalchemy import Column, ForeignKey, Index, Integer, Table

from digest.store.columns import Words, metadata
from digest.store.columns import moment as _at
from digest.store.columns import reference as _ref
from digest.store.columns import text_of as _text

returns = Table(
    "returns",
    metadata,
    Column("message_id", Integer, ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("kind", Words, primary_key=True),
    _ref("campaign_id", "campaigns.id", nullable=True),  # the message's
    _at("at", nullable=False),
    _text("status"),
    _text("said"),  # by a mail server, without addresses
    Index(None, "campaign_id", "kind"),
)
