"""The tables of imports: the register of them, and how subscriptions stood that one of them changed."""

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, Table

from digest.store.columns import Words, metadata
from digest.store.columns import moment as _at
from digest.store.columns import reference as _ref
from digest.store.columns import text_of as _text

imports = Table(
    "imports",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("state", Words, nullable=False),
    Column("file", Words, nullable=False),
    Column("sha256", Words, nullable=False),
    _ref("list_id", "lists.id", nullable=True, on_delete="SET NULL"),
    Column("by", Words, nullable=False),
    _at("started_at", nullable=False),
    _at("finished_at"),
    _at("undone_at"),
    _text("undone_by"),
    Column("counts", JSON, nullable=False),
    Column("undone", JSON, nullable=False),
    sqlite_autoincrement=True,  # subscriptions hold the number
)

#: Subscriptions that were there before an import changed them, as they stood then.
import_changes = Table(
    "import_changes",
    metadata,
    Column("import_id", Integer, ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True),
    Column("subscriber_id", Integer, ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True),
    Column("list_id", Integer, ForeignKey("lists.id", ondelete="CASCADE"), primary_key=True),
    Column("state", Words, nullable=False),
    Column("consent_source", Words, nullable=False),
    Column("consent_text", Words, nullable=False),
    Column("consent_network", Words, nullable=False),
    _at("consent_at", nullable=False),
    _at("confirmed_at"),
    _at("unsubscribed_at"),
    Column("earlier_import_id", Integer, nullable=False),
    Index(None, "subscriber_id"),  # for the deleting of readers
)
