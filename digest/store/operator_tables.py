"""The tables of who runs the newsletter: operators, how they get in, and what they did."""

from sqlalchemy import JSON, BigInteger, Boolean, Column, Index, Integer, Table, false

from digest.store.columns import Words, metadata
from digest.store.columns import moment as _at
from digest.store.columns import reference as _ref
from digest.store.columns import text_of as _text

operators = Table(
    "operators",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("address", Words, nullable=False),
    Column("address_key", Words, nullable=False, unique=True),
    _text("name"),
    Column("role", Words, nullable=False),
    _text("password_hash"),  # argon2id; "" when none is set
    _text("totp_secret"),  # sealed; "" when there is no second factor
    Column("totp_used", BigInteger, nullable=False, server_default="0"),  # the newest time step a code was taken for
    Column("recovery_hashes", JSON, nullable=False),
    _at("disabled_at"),
    _at("seen_at"),
    _at("created_at", nullable=False),
    sqlite_autoincrement=True,  # the record of acts holds the number
)

#: Settings that were changed while all of it runs.
overrides = Table(
    "overrides",
    metadata,
    Column("name", Words, primary_key=True),
    Column("value", JSON, nullable=False),
    _at("changed_at", nullable=False),
)

operator_sessions = Table(
    "operator_sessions",
    metadata,
    Column("id", Integer, primary_key=True),
    _ref("operator_id", "operators.id"),
    Column("token_hash", Words, nullable=False, unique=True),
    _at("opened_at", nullable=False),
    _at("seen_at", nullable=False),
    _at("expires_at", nullable=False),
    _text("browser"),
    _text("network"),
    Index(None, "operator_id"),
)

#: One-time links by which an operator sets a password.
invitations = Table(
    "invitations",
    metadata,
    Column("id", Integer, primary_key=True),
    _ref("operator_id", "operators.id"),
    Column("token_hash", Words, nullable=False, unique=True),
    _at("created_at", nullable=False),
    _at("expires_at", nullable=False),
    _at("used_at"),
    Index(None, "operator_id"),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", Integer, primary_key=True),
    _ref("operator_id", "operators.id"),
    Column("label", Words, nullable=False),
    Column("prefix", Words, nullable=False),
    Column("key_hash", Words, nullable=False, unique=True),
    Column("scopes", JSON, nullable=False),
    _at("created_at", nullable=False),
    _at("expires_at"),
    _at("used_at"),
    _at("revoked_at"),
    Index(None, "operator_id"),
    sqlite_autoincrement=True,
)

#: The record of what operators did; append-only, like events.
acts = Table(
    "acts",
    metadata,
    Column("id", Integer, primary_key=True),
    _at("at", nullable=False),
    Column("operator_id", Integer),  # no foreign key: the record outlasts its operators
    Column("actor", Words, nullable=False),
    Column("via", Words, nullable=False),
    Column("kind", Words, nullable=False),
    _text("subject"),
    Column("detail", JSON, nullable=False),
    Index(None, "operator_id", "id"),
    Index(None, "subject", "id"),
)

#: What the API answered to a request that named itself (Idempotency-Key), so that it is done once.
answered = Table(
    "answered",
    metadata,
    Column("key_hash", Words, primary_key=True),  # of the API key and the name together
    Column("request_hash", Words, nullable=False),
    Column("is_done", Boolean, nullable=False, server_default=false()),
    Column("status", Integer, nullable=False, server_default="0"),
    _text("body"),
    _at("created_at", nullable=False),
    Index(None, "created_at"),
)
