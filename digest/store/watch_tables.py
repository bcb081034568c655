"""The tables of whoever watches over the service: what was counted, who beat when, and which alerts were told."""

from sqlalchemy import BigInteger, Column, Index, Table

from digest.store.columns import Words, metadata
from digest.store.columns import moment as _at
from digest.store.columns import reference as _ref

#: What became of attempts since the database was made. Few domains have a name here; those of all others are one.
counted = Table(
    "counted",
    metadata,
    Column("relay", Words, primary_key=True),
    Column("domain", Words, primary_key=True),
    Column("state", Words, primary_key=True),
    Column("count", BigInteger, nullable=False),
    Column("hour", BigInteger, nullable=False),  # Unix hours: the last one in which any were counted
    Column("in_hour", BigInteger, nullable=False),  # of these, in that hour
    Column("in_hour_before", BigInteger, nullable=False),
)

#: When each job of the timetable was done last, and the last backup.
beats = Table(
    "beats",
    metadata,
    Column("name", Words, primary_key=True),
    _at("at", nullable=False),
    _at("failing_since"),
)

#: What operators were told is wrong, for as long as it is.
alerts = Table(
    "alerts",
    metadata,
    Column("key", Words, primary_key=True),
    Column("kind", Words, nullable=False),
    _ref("list_id", "lists.id", nullable=True),
    Column("said", Words, nullable=False),
    _at("since", nullable=False),
    Index(None, "list_id"),
)
