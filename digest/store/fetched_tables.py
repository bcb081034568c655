"""The tables of what was fetched from the web for issues: pictures, what pages said, whether links answer."""

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, LargeBinary, Table

from digest.store.columns import Words, metadata
from digest.store.columns import moment as _at
from digest.store.columns import text_of as _text

#: Our renditions of pictures, by content (docs/adr/0010).
pictures = Table(
    "pictures",
    metadata,
    Column("sha256", Words, primary_key=True),
    Column("content", LargeBinary, nullable=False),
    Column("media_type", Words, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    _at("used_at", nullable=False),
)

#: What became of a picture's address: its renditions, or why there are none.
picture_sources = Table(
    "picture_sources",
    metadata,
    Column("key", Words, primary_key=True),  # a hash: an address may be longer than an index takes
    Column("url", Words, nullable=False),
    Column("wide", Words, ForeignKey("pictures.sha256")),
    Column("thumb", Words, ForeignKey("pictures.sha256")),
    _text("reason"),
    Column("is_worthless", Boolean, nullable=False),
    _at("tried_at", nullable=False),
    _at("used_at", nullable=False),  # pruning takes what was not used for long, so never what is being used now
    Index(None, "wide"),
    Index(None, "thumb"),
)

#: What the pages of articles without a picture name as theirs.
page_pictures = Table(
    "page_pictures",
    metadata,
    Column("key", Words, primary_key=True),  # a hash of the page's address
    Column("picture", JSON),  # null when it names none
    _text("reason"),  # why the page could not be read
    _at("tried_at", nullable=False),
)

#: Where short links of feeds lead.
short_links = Table(
    "short_links",
    metadata,
    Column("key", Words, primary_key=True),  # a hash of the link
    Column("leads_to", Words, nullable=False),
    _at("asked_at", nullable=False),
)

#: Which pictures an issue needs for as long as it is kept.
issue_pictures = Table(
    "issue_pictures",
    metadata,
    Column("issue_id", Integer, ForeignKey("issues.id", ondelete="CASCADE"), primary_key=True),
    Column("key", Words, ForeignKey("picture_sources.key", ondelete="CASCADE"), primary_key=True),
    Index(None, "key"),
)

#: What asking for a mail's links came to, so that nobody is asked twice in a day.
link_checks = Table(
    "link_checks",
    metadata,
    Column("key", Words, primary_key=True),  # a hash: an address may be longer than an index takes
    Column("address", Words, nullable=False),
    Column("state", Words, nullable=False),
    _text("said"),
    _at("checked_at", nullable=False),
)
