"""The tables of webhooks, and of the calls that are owed to them: an outbox too."""

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, Table, UniqueConstraint, text

from digest.store.columns import Words, metadata
from digest.store.columns import moment as _at
from digest.store.columns import reference as _ref
from digest.store.columns import text_of as _text

webhooks = Table(
    "webhooks",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("url", Words, nullable=False),
    _text("label"),
    Column("topics", JSON, nullable=False),
    Column("sealed_secret", Words, nullable=False),
    _text("old_secret"),
    _at("looked_at", nullable=False),  # facts up to here, less a while, have been looked at
    _at("disabled_at"),
    _text("reason"),
    _at("created_at", nullable=False),
    sqlite_autoincrement=True,
)

IS_OWED = text("state = 'queued'")

calls = Table(
    "webhook_calls",
    metadata,
    Column("id", Integer, primary_key=True),
    _ref("webhook_id", "webhooks.id"),
    Column("event_id", Integer, ForeignKey("events.id", ondelete="CASCADE"), nullable=False),
    Column("topic", Words, nullable=False),
    Column("state", Words, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    _at("due_at", nullable=False),
    _text("said"),
    _at("created_at", nullable=False),
    _at("settled_at"),
    UniqueConstraint("webhook_id", "event_id"),
    Index(None, "event_id"),
    Index("ix_webhook_calls_owed", "due_at", "id", sqlite_where=IS_OWED, postgresql_where=IS_OWED),
    sqlite_autoincrement=True,  # receivers know a call by its number
)
