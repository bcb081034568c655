"""The tables of segments, and of what operators did to many readers at once."""

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, Table, false

from digest.store.columns import Words, metadata
from digest.store.columns import moment as _at
from digest.store.columns import reference as _ref
from digest.store.columns import text_of as _text

segments = Table(
    "segments",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Words, nullable=False, unique=True),
    Column("match", Words, nullable=False),
    Column("conditions", JSON, nullable=False),
    _at("created_at", nullable=False),
)

#: One act on many readers, so that it can be undone.
bulks = Table(
    "bulks",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", Words, nullable=False),
    _ref("list_id", "lists.id", nullable=True),
    Column("readers", Integer, nullable=False, server_default="0"),
    Column("is_undone", Boolean, nullable=False, server_default=false()),
    _at("at", nullable=False),
    sqlite_autoincrement=True,  # the record of acts holds the number
)

#: Whom it changed. Who acts themselves afterwards is taken out: what they say counts.
bulk_readers = Table(
    "bulk_readers",
    metadata,
    Column("bulk_id", Integer, ForeignKey("bulks.id", ondelete="CASCADE"), primary_key=True),
    Column("subscriber_id", Integer, ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True),
    _text("was"),  # what their subscription was before
    Index(None, "subscriber_id"),
)
